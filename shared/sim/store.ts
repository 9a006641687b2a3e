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

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
const byName = (a: KubeObject, b: KubeObject): number => byText(a.metadata.name, b.metadata.name);

/** The objects of one resource: by namespace and name, and by who owns them. */
class Shelf {
  readonly #spaces = new Map<string, Map<string, KubeObject>>();
  readonly #owned = new Map<string, Map<string, KubeObject>>();

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#spaces.get(namespace)?.get(name);
  }

  list(namespace: string): KubeObject[] {
    if (namespace === '') return [...this.#spaces.keys()].sort(byText).flatMap((one) => this.#listSpace(one));
    return this.#listSpace(namespace);
  }

  ownedBy(uid: string): KubeObject[] {
    return [...(this.#owned.get(uid)?.values() ?? [])].sort(byName);
  }

  put(object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    this.remove(namespace, name);
    const space = this.#spaces.get(namespace) ?? new Map<string, KubeObject>();
    this.#spaces.set(namespace, space.set(name, object));
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const owned = this.#owned.get(uid) ?? new Map<string, KubeObject>();
      this.#owned.set(uid, owned.set(`${namespace}/${name}`, object));
    }
  }

  remove(namespace: string, name: string): void {
    const object = this.get(namespace, name);
    this.#spaces.get(namespace)?.delete(name);
    for (const { uid } of object?.metadata.ownerReferences ?? []) this.#owned.get(uid)?.delete(`${namespace}/${name}`);
  }

  #listSpace(namespace: string): KubeObject[] {
    const space = this.#spaces.get(namespace) ?? new Map<string, KubeObject>();
    return [...space.values()].sort(byName);
  }
}

/** Stored objects are never changed in place: whoever reads one and edits it must copy it. */
export class Store {
  readonly #shelves = new Map<string, Shelf>();
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
    return this.#shelves.get(resource)?.get(namespace, name);
  }

  /** All of a namespace, or of all namespaces when it is empty; sorted by namespace and name. */
  list(resource: string, namespace: string): KubeObject[] {
    return this.#shelves.get(resource)?.list(namespace) ?? [];
  }

  /** What names an owner with this uid, in any namespace. */
  ownedBy(resource: string, uid: string): KubeObject[] {
    return this.#shelves.get(resource)?.ownedBy(uid) ?? [];
  }

  /** Stores the object under the next version, which is written into it. */
  put(resource: string, object: KubeObject): KubeObject {
    const shelf = this.#shelves.get(resource) ?? new Shelf();
    this.#shelves.set(resource, shelf);
    const before = shelf.get(object.metadata.namespace ?? '', object.metadata.name);
    const stored = this.#stamp(object);
    shelf.put(stored);
    this.#announce(before === undefined ? 'ADDED' : 'MODIFIED', resource, stored, before);
    return stored;
  }

  /** Takes an object away; `object` is its last state. */
  remove(resource: string, object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    const shelf = this.#shelves.get(resource);
    const before = shelf?.get(namespace, name) ?? object;
    shelf?.remove(namespace, name);
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
