/** Garbage collection: what is owned goes when all its owners are gone. */
import type { KubeObject } from '../../api/kube.ts';
import { finalizersOf } from '../objects.ts';
import type { At } from '../rest.ts';
import type { Change } from '../store.ts';
import type { Controller, Workshop } from './runner.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

const ownersOf = (object: KubeObject): string[] => (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);

interface Place {
  readonly storage: string;
  readonly namespace: string;
  readonly name: string;
}

/** Deletes dependents whose owners no longer exist, and completes foreground and orphan deletions. Its keys are uids. */
class GarbageCollector implements Controller {
  readonly name = 'garbage';
  readonly #shop: Workshop;
  /** Where each living object is, by uid. */
  readonly #places = new Map<string, Place>();
  /** Uids of what names an owner, by the owner's uid. */
  readonly #dependents = new Map<string, Set<string>>();

  constructor(workshop: Workshop) {
    this.#shop = workshop;
  }

  keysOf(change: Change): readonly string[] {
    const { object } = change;
    const uid = object.metadata.uid ?? '';
    if (change.type === 'DELETED') {
      this.#places.delete(uid);
      return [`/${uid}`, ...ownersOf(object).map((owner) => `/${owner}`)];
    }
    this.#note(change.resource, object);
    const isEnding = object.metadata.deletionTimestamp !== undefined && finalizersOf(object).length > 0;
    const isOwned = change.type === 'ADDED' && ownersOf(object).length > 0;
    return isEnding || isOwned ? [`/${uid}`] : [];
  }

  async sync(_namespace: string, uid: string): Promise<undefined> {
    const object = this.#objectOf(uid);
    if (object?.metadata.deletionTimestamp !== undefined) await this.#finish(object);
    else if (object !== undefined) await this.#removeOrphan(object);
    else for (const dependent of this.#dependentsOf(uid)) await this.#removeOrphan(dependent);
    return undefined;
  }

  #note(storage: string, object: KubeObject): void {
    const uid = object.metadata.uid ?? '';
    this.#places.set(uid, { storage, namespace: object.metadata.namespace ?? '', name: object.metadata.name });
    for (const owner of ownersOf(object)) {
      const known = this.#dependents.get(owner) ?? new Set();
      this.#dependents.set(owner, known.add(uid));
    }
  }

  #objectOf(uid: string): KubeObject | undefined {
    const place = this.#places.get(uid);
    const found =
      place === undefined ? undefined : this.#shop.server.store.get(place.storage, place.namespace, place.name);
    return found?.metadata.uid === uid ? found : undefined;
  }

  #dependentsOf(uid: string): KubeObject[] {
    const objects = [...(this.#dependents.get(uid) ?? [])].map((one) => this.#objectOf(one));
    return objects.filter((object): object is KubeObject => object !== undefined && ownersOf(object).includes(uid));
  }

  #at(object: KubeObject): At | undefined {
    const place = this.#places.get(object.metadata.uid ?? '');
    const kind = this.#shop.server.registry.all().find((one) => one.storage === place?.storage);
    return kind === undefined || place === undefined
      ? undefined
      : { kind, namespace: place.namespace, name: place.name };
  }

  async #removeOrphan(object: KubeObject): Promise<void> {
    const at = this.#at(object);
    const owners = ownersOf(object);
    const isOrphan = owners.length > 0 && !owners.some((owner) => this.#objectOf(owner) !== undefined);
    if (isOrphan && at !== undefined)
      await this.#shop.rest.remove(at, { uid: object.metadata.uid ?? '' }, this.#shop.caller);
  }

  async #patchMetadata(object: KubeObject, metadata: object): Promise<void> {
    const at = this.#at(object);
    if (at !== undefined) await this.#shop.rest.patch(at, { type: 'merge', body: { metadata } }, this.#shop.caller);
  }

  async #finish(object: KubeObject): Promise<void> {
    const uid = object.metadata.uid ?? '';
    const finalizers = finalizersOf(object);
    const without = (name: string): object => ({ finalizers: finalizers.filter((one) => one !== name) });
    if (finalizers.includes(ORPHAN)) {
      for (const dependent of this.#dependentsOf(uid)) {
        const ownerReferences = (dependent.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
        await this.#patchMetadata(dependent, { ownerReferences });
      }
      await this.#patchMetadata(object, without(ORPHAN));
    } else if (finalizers.includes(FOREGROUND)) {
      for (const dependent of this.#dependentsOf(uid)) await this.#removeFirst(dependent);
      if (this.#dependentsOf(uid).length === 0) await this.#patchMetadata(object, without(FOREGROUND));
    }
  }

  async #removeFirst(dependent: KubeObject): Promise<void> {
    const at = this.#at(dependent);
    if (at === undefined || dependent.metadata.deletionTimestamp !== undefined) return;
    await this.#shop.rest.remove(at, { propagation: 'Foreground' }, this.#shop.caller);
  }
}

/** The garbage collector. */
export const createGarbageCollector = (workshop: Workshop): Controller => new GarbageCollector(workshop);
