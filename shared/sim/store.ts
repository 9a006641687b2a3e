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

export type Listener = (change: Change) => void;

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;
const keyOfObject = ({ metadata }: KubeObject): string => keyOf(metadata.namespace ?? '', metadata.name);

/** Stored objects are never changed in place: whoever reads one and edits it must copy it. */
export class Store {
  readonly #resources = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<Listener>();
  readonly #untold: Change[] = [];
  readonly #historyLimit: number;
  #history: Change[] = [];
  #revision = 1;
  #forgotten = 0;
  #isTelling = false;

  /** Remembers at least `historyLimit` changes, and at most twice as many. */
  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  /** Version of the newest change, as in a list's `metadata.resourceVersion`. */
  revision(): number {
    return this.#revision;
  }

  get(resource: string, namespace: string, name: string): KubeObject | undefined {
    return this.#resources.get(resource)?.get(keyOf(namespace, name));
  }

  /** All of a namespace, or of all namespaces when it is empty; sorted by namespace and name. */
  list(resource: string, namespace: string): KubeObject[] {
    const all = [...(this.#resources.get(resource)?.entries() ?? [])];
    const wanted = namespace === '' ? all : all.filter(([key]) => key.startsWith(`${namespace}/`));
    return wanted.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** Stores the object under the next version, which is written into it. */
  put(resource: string, object: KubeObject): KubeObject {
    const objects = this.#resources.get(resource) ?? new Map<string, KubeObject>();
    this.#resources.set(resource, objects);
    const before = objects.get(keyOfObject(object));
    const stored = this.#stamp(object);
    objects.set(keyOfObject(object), stored);
    this.#announce(before === undefined ? 'ADDED' : 'MODIFIED', resource, stored, before);
    return stored;
  }

  /** Takes an object away; `object` is its last state. */
  remove(resource: string, object: KubeObject): void {
    const objects = this.#resources.get(resource);
    const before = objects?.get(keyOfObject(object)) ?? object;
    objects?.delete(keyOfObject(object));
    this.#announce('DELETED', resource, this.#stamp(object), before);
  }

  /** Changes after a version; throws 410 Expired when the memory does not reach back that far. */
  since(wanted: number): Change[] {
    if (wanted < this.#forgotten) throw expired(wanted, this.#forgotten + 1);
    return this.#history.filter((change) => change.revision > wanted);
  }

  /** Called after each change, in order. Returns how to stop. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the history up to now, so that older versions count as too old. */
  compact(): void {
    this.#history = [];
    this.#forgotten = this.#revision;
  }

  #stamp(object: KubeObject): KubeObject {
    this.#revision += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } };
  }

  #announce(type: Change['type'], resource: string, object: KubeObject, before: KubeObject | undefined): void {
    const change: Change = { revision: this.#revision, type, resource, object, before };
    this.#history.push(change);
    if (this.#history.length > this.#historyLimit * 2) {
      this.#forgotten = this.#history[this.#history.length - this.#historyLimit - 1]?.revision ?? 0;
      this.#history = this.#history.slice(-this.#historyLimit);
    }
    this.#untold.push(change);
    if (!this.#isTelling) this.#tell();
  }

  /** A listener may write: that change is told after the present one, to everybody in the same order. */
  #tell(): void {
    this.#isTelling = true;
    try {
      for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
        for (const listener of Array.from(this.#listeners)) listener(next);
      }
    } finally {
      this.#isTelling = false;
    }
  }
}
