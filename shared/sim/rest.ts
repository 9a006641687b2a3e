/** The verbs of the API, as functions: what HTTP and the in-memory Kube port both call. */
import type { KubeObject } from '../api/kube.ts';
import type { Caller, Context } from './context.ts';
import { createObject } from './create.ts';
import { decode } from './decode.ts';
import { textAt } from './json.ts';
import type { ServedKind } from './kinds.ts';
import { readBody } from './objects.ts';
import { type Patched, type PatchRequest, patchObject } from './patch.ts';
import type { Target } from './prepare.ts';
import { type Removed, type RemoveOptions, removeObject } from './remove.ts';
import { changeScale, readScale } from './scale.ts';
import { methodNotAllowed, notFound } from './status.ts';
import { updateObject, versionMissing } from './update.ts';
import { inVersion, matcherFor, type Selection, type WatchRequest, watchKind } from './watch.ts';

/** Names what a request is about. */
export interface At {
  readonly kind: ServedKind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource?: string;
}

export interface Listing {
  readonly items: KubeObject[];
  readonly resourceVersion: string;
}

/** A review has no name; whatever metadata came is not given back. */
const reviewBody = (kind: ServedKind, body: unknown): KubeObject => {
  const { metadata: _metadata, ...rest } = readBody(kind, body, '');
  return { ...rest, metadata: {} } as unknown as KubeObject;
};

const targetOf = (at: At, caller: Caller): Target => {
  const subresource = at.subresource ?? '';
  const isServed =
    subresource === '' ||
    (subresource === 'status' && at.kind.status) ||
    (subresource === 'scale' && at.kind.scale !== undefined);
  if (!isServed) throw notFound(at.kind.resource, at.name);
  return { kind: at.kind, namespace: at.namespace, name: at.name, subresource, caller };
};

/** One server's verbs. Every failure is a StatusError. */
export class Rest {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  get(at: At): KubeObject {
    const { kind, namespace, name } = at;
    const found = this.#context.store.get(kind.storage, namespace, name);
    if (found === undefined || kind.answer !== undefined) throw notFound(kind.resource, name);
    if (at.subresource === 'scale') return readScale(kind, found);
    const isServed = (at.subresource ?? '') === '' || (at.subresource === 'status' && kind.status);
    if (!isServed) throw notFound(kind.resource, name);
    return inVersion(kind, found);
  }

  list(kind: ServedKind, selection: Selection): Listing {
    const { store } = this.#context;
    const items = store
      .list(kind.storage, selection.namespace ?? '')
      .filter(matcherFor(kind, selection))
      .map((object) => inVersion(kind, object));
    return { items, resourceVersion: String(store.revision()) };
  }

  /** Tells later changes to the request's sink until the answered function is called. */
  watch(kind: ServedKind, request: WatchRequest): () => void {
    return watchKind(this.#context, kind, request);
  }

  async create(at: Omit<At, 'name'>, body: unknown, caller: Caller): Promise<KubeObject> {
    const { kind } = at;
    if (kind.answer !== undefined) return kind.answer(reviewBody(kind, body), caller.user);
    if ((at.subresource ?? '') !== '') throw methodNotAllowed();
    return createObject(this.#context, targetOf({ ...at, name: '' }, caller), { body });
  }

  async replace(at: At, body: unknown, caller: Caller): Promise<KubeObject> {
    const { kind } = at;
    const target = targetOf(at, caller);
    if (at.subresource === 'scale') return changeScale(this.#context, target, () => body);
    const object = decode(kind, readBody(kind, body, at.namespace), caller);
    const expected = textAt(object, 'metadata', 'resourceVersion');
    if (expected === '' && (kind.needsVersion ?? !kind.native)) throw versionMissing(kind, at.name);
    const wish = { object, ...(expected === '' ? {} : { expected }) };
    return inVersion(kind, await updateObject(this.#context, target, () => wish));
  }

  /** `created`: an apply made a new object. */
  async patch(at: At, patch: PatchRequest, caller: Caller): Promise<Patched> {
    return patchObject(this.#context, targetOf(at, caller), patch);
  }

  async remove(at: At, options: RemoveOptions, caller: Caller): Promise<Removed> {
    return removeObject(this.#context, targetOf(at, caller), options);
  }

  /** Deletes whatever a selection takes; answers what was taken. */
  async removeAll(
    kind: ServedKind,
    selection: Selection,
    options: RemoveOptions,
    caller: Caller,
  ): Promise<KubeObject[]> {
    const removed: KubeObject[] = [];
    for (const object of this.list(kind, selection).items) {
      const { namespace = '', name } = object.metadata;
      removed.push((await this.remove({ kind, namespace, name }, options, caller)).object);
    }
    return removed;
  }
}
