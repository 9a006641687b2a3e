import { KINDS } from '../../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { groupOf, kindKey } from '../../../shared/api/kube.ts';
import type { Kube } from '../../../shared/engine/ports.ts';
import { hasCode } from '../../../shared/errors.ts';
import type { EventRow, State } from './scenario.ts';

/** Everything that objects of the watched kinds went through since the recorder started, as it came. */
export interface Recorder {
  /** `group/plural/name` -> states, for one namespace. */
  objectsOf(namespace: string): Record<string, State[]>;
  statesOf(namespace: string, key: string): readonly State[];
  /** Every event told about a Canary, in order, repeats included. */
  eventsOf(namespace: string): EventRow[];
  /** Called after each change. Returns how to stop listening. */
  onChange(listener: () => void): () => void;
  /** Throws what ended a watch, if one ended: from then on the record has holes. */
  check(): void;
  stop(): Promise<void>;
}

const WATCH_SECONDS = 3600;

/** `core/services`, `apps/deployments`: how recordings name a kind. */
export const recordedKind = (kind: Pick<Kind, 'apiVersion' | 'plural'>): string =>
  `${groupOf(kind.apiVersion) || 'core'}/${kind.plural}`;

/** Text at a path of an object whose shape is the server's word. */
const textAt = (object: KubeObject, field: string, inner?: string): string => {
  const value = object[field];
  const found = inner === undefined ? value : (value as Record<string, unknown> | undefined)?.[inner];
  return typeof found === 'string' ? found : '';
};

const eventRow = (event: KubeObject): EventRow => [
  textAt(event, 'involvedObject', 'name'),
  textAt(event, 'type'),
  textAt(event, 'reason'),
  textAt(event, 'message'),
];

const versionOf = (object: KubeObject): string => object.metadata.resourceVersion ?? '';

class History {
  readonly objects = new Map<string, Map<string, State[]>>();
  readonly events = new Map<string, EventRow[]>();
  readonly listeners = new Set<() => void>();
  failure: unknown;

  add(kind: Kind, object: KubeObject, state: State): void {
    const namespace = object.metadata.namespace ?? '';
    if (kindKey(kind) === kindKey(KINDS.event)) this.#addEvent(namespace, object, state);
    else this.#addState(namespace, `${recordedKind(kind)}/${object.metadata.name}`, state);
    this.#tell();
  }

  fail(error: unknown): void {
    this.failure ??= error;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.listeners) listener();
  }

  #addState(namespace: string, key: string, state: State): void {
    const objects = this.objects.get(namespace) ?? new Map<string, State[]>();
    this.objects.set(namespace, objects.set(key, [...(objects.get(key) ?? []), state]));
  }

  #addEvent(namespace: string, event: KubeObject, state: State): void {
    if (state === 'DELETED' || textAt(event, 'involvedObject', 'kind') !== KINDS.canary.kind) return;
    this.events.set(namespace, [...(this.events.get(namespace) ?? []), eventRow(event)]);
  }
}

/** One kind on its way into the history. */
interface Following {
  readonly kube: Kube;
  readonly kind: Kind;
  readonly history: History;
  readonly signal: AbortSignal;
}

const follow = async ({ kube, kind, history, signal }: Following, from: string): Promise<void> => {
  let resourceVersion = from;
  while (!signal.aborted) {
    for await (const event of kube.watch(kind, { resourceVersion, timeoutSeconds: WATCH_SECONDS, signal })) {
      if (event.type === 'BOOKMARK') {
        resourceVersion = event.resourceVersion;
        continue;
      }
      resourceVersion = versionOf(event.object);
      history.add(kind, event.object, event.type === 'DELETED' ? 'DELETED' : event.object);
    }
  }
};

/** Lists and then watches; answers the end of the watch, or undefined when the kind is not served. */
const startFollowing = async (following: Following): Promise<{ end: Promise<void> } | undefined> => {
  const { kube, kind, history, signal } = following;
  try {
    const { items, resourceVersion } = await kube.list(kind, { signal });
    for (const item of items) history.add(kind, item, item);
    const end = follow(following, resourceVersion).catch((error: unknown) => {
      if (!signal.aborted) history.fail(error);
    });
    return { end };
  } catch (error) {
    if (hasCode(error, 'KIND_MISSING', 'API_NOT_FOUND')) return undefined;
    throw error;
  }
};

/** Watches `kinds` in every namespace from now on, and the events of Canaries. Kinds that are not served are passed over. */
export const startRecorder = async (kube: Kube, kinds: readonly Kind[]): Promise<Recorder> => {
  const history = new History();
  const stopping: AbortController[] = [];
  const followings = [...kinds, KINDS.event].map((kind): Following => {
    const controller = new AbortController();
    stopping.push(controller);
    return { kube, kind, history, signal: controller.signal };
  });
  const started = await Promise.all(followings.map(startFollowing));
  const check = (): void => {
    if (history.failure !== undefined) throw history.failure as Error;
  };
  return {
    objectsOf: (namespace) => Object.fromEntries(history.objects.get(namespace) ?? []),
    statesOf: (namespace, key) => history.objects.get(namespace)?.get(key) ?? [],
    eventsOf: (namespace) => [...(history.events.get(namespace) ?? [])],
    onChange(listener) {
      history.listeners.add(listener);
      return () => history.listeners.delete(listener);
    },
    check,
    async stop() {
      for (const controller of stopping) controller.abort(new Error('the recorder was stopped'));
      await Promise.all(started.flatMap((following) => following?.end ?? []));
    },
  };
};
