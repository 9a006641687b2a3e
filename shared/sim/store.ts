/** Objects by resource, one counter of versions for all of them, and a bounded memory of what changed. */
import type { KubeObject } from '../api/kube.ts';
import { expired } from './status.ts';

export interface Change {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** `group/plural`, the same for every served version. */
  readonly resource: string;
  /** The state after the change; of a deletion the last state, with the version of the deletion. */
  readonly object: KubeObject;
  readonly before: KubeObject | undefined;
}

export interface Store {
  /** Version of the newest change, as in a list's `metadata.resourceVersion`. */
  revision(): number;
  get(resource: string, namespace: string, name: string): KubeObject | undefined;
  /** All of a namespace, or of all namespaces when it is empty; sorted by namespace and name. */
  list(resource: string, namespace: string): KubeObject[];
  /** Stores the object under the next version, which is written into it. */
  put(resource: string, object: KubeObject): KubeObject;
  remove(resource: string, object: KubeObject): KubeObject;
  /** Changes after a version; throws 410 Expired when the memory does not reach back that far. */
  since(revision: number): Change[];
  /** Called after each change, in order. Returns how to stop. */
  subscribe(listener: (change: Change) => void): () => void;
  /** Forgets the history up to now, so that older versions count as too old. */
  compact(): void;
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

/** An empty store. Stored objects are never changed in place: whoever reads one and edits it must copy it. */
export const createStore = (historyLimit = 2000): Store => {
  const resources = new Map<string, Map<string, KubeObject>>();
  const listeners = new Set<(change: Change) => void>();
  let history: Change[] = [];
  let revision = 1;
  let forgotten = 0;
  const waiting: Change[] = [];
  let telling = false;

  const objectsOf = (resource: string): Map<string, KubeObject> => {
    const found = resources.get(resource);
    if (found !== undefined) return found;
    const made = new Map<string, KubeObject>();
    resources.set(resource, made);
    return made;
  };

  const stamp = (object: KubeObject): KubeObject => {
    revision += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
  };

  const announce = (change: Change): void => {
    history.push(change);
    if (history.length > historyLimit * 2) {
      forgotten = history[history.length - historyLimit - 1]?.revision ?? 0;
      history = history.slice(-historyLimit);
    }
    waiting.push(change);
    if (telling) return;
    // A listener may write: its change is told after this one, to everybody in the same order.
    telling = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        for (const listener of [...listeners]) listener(next);
      }
    } finally {
      telling = false;
    }
  };

  return {
    revision: () => revision,
    get: (resource, namespace, name) => resources.get(resource)?.get(keyOf(namespace, name)),
    list(resource, namespace) {
      const all = [...(resources.get(resource)?.entries() ?? [])];
      const wanted = namespace === '' ? all : all.filter(([key]) => key.startsWith(`${namespace}/`));
      return wanted.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    },
    put(resource, object) {
      const objects = objectsOf(resource);
      const key = keyOf(object.metadata.namespace ?? '', object.metadata.name);
      const before = objects.get(key);
      const stored = stamp(object);
      objects.set(key, stored);
      announce({ revision, type: before === undefined ? 'ADDED' : 'MODIFIED', resource, object: stored, before });
      return stored;
    },
    remove(resource, object) {
      const before = objectsOf(resource).get(keyOf(object.metadata.namespace ?? '', object.metadata.name));
      objectsOf(resource).delete(keyOf(object.metadata.namespace ?? '', object.metadata.name));
      const last = stamp(object);
      announce({ revision, type: 'DELETED', resource, object: last, before: before ?? object });
      return last;
    },
    since(wanted) {
      if (wanted < forgotten) throw expired(wanted, forgotten + 1);
      return history.filter((change) => change.revision > wanted);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    compact() {
      history = [];
      forgotten = revision;
    },
  };
};
