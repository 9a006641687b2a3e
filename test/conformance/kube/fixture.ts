import { KINDS } from '../../../shared/api/kinds.ts';
import { type Kind, type KubeObject, type Ref, refTo, type StringMap } from '../../../shared/api/kube.ts';
import type { Kube, ListOptions, WatchEvent } from '../../../shared/engine/ports.ts';
import { until } from '../../make/until.ts';

/** What a run of a suite works on. */
export interface KubeUnderTest {
  readonly kube: Kube;
  /** A kind, and a version of it that this server no longer remembers. */
  readonly tooOld: () => Promise<{ readonly kind: Kind; readonly version: string }>;
  stop(): Promise<void> | void;
}

/** A kind that no server has. */
export const NO_KIND: Kind = {
  apiVersion: 'missing.example/v1',
  kind: 'Nothing',
  plural: 'nothings',
  namespaced: true,
};

export interface Place {
  readonly namespace: string;
  /** A ConfigMap of that name with some data. */
  configMap(name: string, data?: StringMap, labels?: StringMap): KubeObject;
  deployment(name: string): KubeObject;
  ref(kind: Kind, name: string): Ref;
}

const PLACE_LABELS = { 'kubectl-canary/conformance': 'yes' };

/** Other suites may work on the same server at the same time, each in a process of its own. */
const OWN = `-${process.pid}-`;

/** Removes the namespaces of this process's tests, for servers that go on after them. */
export const removePlaces = async (kube: Kube): Promise<void> => {
  const { items } = await kube.list(KINDS.namespace, { labelSelector: 'kubectl-canary/conformance=yes' });
  const own = items.filter(({ metadata }) => metadata.name.includes(OWN));
  for (const { metadata } of own) await kube.remove(refTo(KINDS.namespace, '', metadata.name));
};

let places = 0;

/** A namespace of its own for each test, so that they do not see each other. */
export const newPlace = async (kube: Kube): Promise<Place> => {
  places += 1;
  const namespace = `conformance-${Date.now().toString(36)}${OWN}${places}`;
  await kube.create(KINDS.namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: PLACE_LABELS },
  });
  return {
    namespace,
    configMap: (name, data = { a: '1' }, labels = {}) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels },
      data,
    }),
    deployment: (name) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
        },
      },
    }),
    ref: (kind, name) => refTo(kind, namespace, name),
  };
};

/** The same object as a client would send it back after a change. */
export const changed = (object: KubeObject, fields: Record<string, unknown>): KubeObject => ({ ...object, ...fields });

export interface Watching {
  readonly events: WatchEvent[];
  /** How the stream ended; undefined while it goes on. */
  ended(): { readonly error?: unknown } | undefined;
  /** Waits for an event that fits. */
  saw(type: WatchEvent['type'], name: string): Promise<WatchEvent>;
  stop(): Promise<void>;
}

/** For what hangs, not for what is slow on a busy machine. */
const SAW_MS = 30_000;

/** Collects the events of a watch in the background. */
export const watching = (
  kube: Kube,
  kind: Kind,
  from: string,
  options: ListOptions & { timeoutSeconds?: number } = {},
): Watching => {
  const stopping = new AbortController();
  const events: WatchEvent[] = [];
  let end: { error?: unknown } | undefined;
  const run = async (): Promise<void> => {
    const stream = kube.watch(kind, { timeoutSeconds: 60, ...options, resourceVersion: from, signal: stopping.signal });
    try {
      for await (const event of stream) events.push(event);
      end = {};
    } catch (error) {
      end = { error };
    }
  };
  const running = run();
  const fits = (event: WatchEvent, type: string, name: string): boolean =>
    event.type === type && event.type !== 'BOOKMARK' && event.object.metadata.name === name;
  return {
    events,
    ended: () => end,
    saw: (type, name) => until(() => events.find((event) => fits(event, type, name)), `${type} of ${name}`, SAW_MS),
    async stop() {
      stopping.abort(new Error('the test is over'));
      await running;
    },
  };
};

/** The changes of a watch as `ADDED a`, without bookmarks. */
export const changesOf = (watch: Watching): string[] =>
  watch.events.flatMap((event) => (event.type === 'BOOKMARK' ? [] : [`${event.type} ${event.object.metadata.name}`]));
