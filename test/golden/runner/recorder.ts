import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { groupOf, kindKey } from '../../../shared/api/kube.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
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

const follow = async (kube: Kube, kind: Kind, record: History, from: string, signal: AbortSignal): Promise<void> => {
  let resourceVersion = from;
  while (!signal.aborted) {
    for await (const event of kube.watch(kind, { resourceVersion, timeoutSeconds: WATCH_SECONDS, signal })) {
      if (event.type === 'BOOKMARK') {
        resourceVersion = event.resourceVersion;
        continue;
      }
      resourceVersion = versionOf(event.object);
      record.add(kind, event.object, event.type === 'DELETED' ? 'DELETED' : event.object);
    }
  }
};

const startFollowing = async (kube: Kube, kind: Kind, record: History, signal: AbortSignal): Promise<() => Promise<void>> => {
  try {
    const { items, resourceVersion } = await kube.list(kind, { signal });
    for (const item of items) record.add(kind, item, item);
    const followed = follow(kube, kind, record, resourceVersion, signal).catch((error: unknown) => {
      if (signal.aborted) return;
      record.failure ??= error;
      for (const listener of record.listeners) listener();
    });
    return () => followed;
  } catch (error) {
    if (hasCode(error, 'KIND_MISSING', 'API_NOT_FOUND')) return () => Promise.resolve();
    throw error;
  }
};

/** Watches `kinds` in every namespace from now on, and the events of Canaries. Kinds that are not served are passed over. */
export const startRecorder = async (kube: Kube, kinds: readonly Kind[]): Promise<Recorder> => {
  const record = new History();
  const stopping = new AbortController();
  const ends: (() => Promise<void>)[] = [];
  for (const kind of [...kinds, KINDS.event]) ends.push(await startFollowing(kube, kind, record, stopping.signal));
  const check = (): void => {
    if (record.failure !== undefined) throw record.failure as Error;
  };
  return {
    objectsOf: (namespace) => Object.fromEntries(record.objects.get(namespace) ?? []),
    statesOf: (namespace, key) => record.objects.get(namespace)?.get(key) ?? [],
    eventsOf: (namespace) => [...(record.events.get(namespace) ?? [])],
    onChange(listener) {
      record.listeners.add(listener);
      return () => record.listeners.delete(listener);
    },
    check,
    async stop() {
      stopping.abort(new Error('the recorder was stopped'));
      await Promise.all(ends.map((end) => end()));
    },
  };
};
