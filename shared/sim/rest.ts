/** The verbs of the API, as functions: what HTTP and the in-memory Kube port both call. */
import type { KubeObject } from '../api/kube.ts';
import { applyWish } from './apply.ts';
import type { Caller, Context } from './context.ts';
import { decode, decodeWish } from './decode.ts';
import type { Fields } from './json.ts';
import { clone, isFields, textAt } from './json.ts';
import type { ServedKind } from './kinds.ts';
import { readBody } from './objects.ts';
import { jsonPatch, mergePatch } from './patches.ts';
import { readScale, writeScale } from './scale.ts';
import { badRequest, methodNotAllowed, notFound, unsupportedMediaType } from './status.ts';
import { strategicMerge } from './strategic.ts';
import { inVersion, matcherFor, type Selection, type WatchRequest, watchKind } from './watch.ts';
import {
  createObject,
  type RemoveOptions,
  removeObject,
  requireVersion,
  type Target,
  updateObject,
  type Wish,
  writerFor,
} from './write.ts';

export type PatchKind = 'merge' | 'json' | 'strategic' | 'apply';

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

export interface Rest {
  get(at: At): KubeObject;
  list(kind: ServedKind, selection: Selection): Listing;
  watch(kind: ServedKind, request: WatchRequest): () => void;
  create(at: Omit<At, 'name'>, body: unknown, caller: Caller): Promise<KubeObject>;
  replace(at: At, body: unknown, caller: Caller): Promise<KubeObject>;
  /** `created`: an apply made a new object. */
  patch(
    at: At,
    type: PatchKind,
    body: unknown,
    caller: Caller,
    force?: boolean,
  ): Promise<{ object: KubeObject; created: boolean }>;
  remove(at: At, options: RemoveOptions, caller: Caller): Promise<{ object: KubeObject; gone: boolean }>;
  removeAll(kind: ServedKind, selection: Selection, options: RemoveOptions, caller: Caller): Promise<KubeObject[]>;
}

const ONLY_OTHERS =
  'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';

const targetOf = (at: At, caller: Caller): Target => {
  const subresource = at.subresource ?? '';
  if (subresource === 'status' ? !at.kind.status : subresource !== '') throw methodNotAllowed();
  return { kind: at.kind, namespace: at.namespace, name: at.name, subresource, caller };
};

/** A review has no name; whatever metadata came is not given back. */
const reviewBody = (kind: ServedKind, body: unknown): KubeObject => {
  const { metadata: _metadata, ...rest } = readBody(kind, body, '');
  return { ...rest, metadata: {} } as unknown as KubeObject;
};

const expectedOf = (body: unknown): { expected?: string } => {
  const version = textAt(body, 'metadata', 'resourceVersion');
  return version === '' ? {} : { expected: version };
};

const patched = (kind: ServedKind, old: KubeObject, type: PatchKind, body: unknown): KubeObject => {
  const before = clone(old);
  const after =
    type === 'json'
      ? jsonPatch(before, body)
      : type === 'merge'
        ? mergePatch(before, body)
        : strategicMerge(before, body, kind.shape);
  if (!isFields(after)) throw badRequest('the patch does not leave an object');
  return after as unknown as KubeObject;
};

const wishOf = (at: At, old: KubeObject, type: PatchKind, body: unknown, caller: Caller): Wish => {
  const object = patched(at.kind, old, type, body);
  // A patch that names a version insists on it; otherwise it carries the one just read.
  const version = textAt(object, 'metadata', 'resourceVersion');
  const expected = version !== old.metadata.resourceVersion && version !== '' ? { expected: version } : {};
  return { object: decode(at.kind, readBody(at.kind, object, at.namespace), caller), ...expected };
};

const applyPatch = async (
  context: Context,
  at: At,
  body: unknown,
  caller: Caller,
  force: boolean,
): Promise<{ object: KubeObject; created: boolean }> => {
  const target = targetOf(at, caller);
  const wish = decodeWish(at.kind, readBody(at.kind, body, at.namespace), body);
  if (wish.metadata.name === '') wish.metadata.name = at.name;
  if (wish.metadata.managedFields !== undefined && wish.metadata.managedFields.length > 0)
    throw badRequest('metadata.managedFields must be nil');
  const writer = writerFor(context, target, 'Apply');
  const options = { shape: at.kind.shape, force, hasStatus: at.kind.status };
  if (context.store.get(at.kind.storage, at.namespace, at.name) === undefined) {
    if (target.subresource !== '') throw notFound(at.kind.resource, at.name);
    const { object, owners } = applyWish(undefined, wish, writer, options);
    return { object: await createObject(context, target, body, { object, owners }), created: true };
  }
  const object = await updateObject(context, target, (old) => ({
    ...applyWish(old, wish, writer, options),
    ...expectedOf(body),
  }));
  return { object, created: false };
};

/** The verbs over one server's state. */
export const createRest = (context: Context): Rest => {
  const get = (at: At): KubeObject => {
    const found = context.store.get(at.kind.storage, at.namespace, at.name);
    if (found === undefined || at.kind.answer !== undefined) throw notFound(at.kind.resource, at.name);
    if (at.subresource === 'scale') return readScale(at.kind, found);
    if (at.subresource !== undefined && at.subresource !== '' && !(at.subresource === 'status' && at.kind.status))
      throw notFound(at.kind.resource, at.name);
    return inVersion(at.kind, found);
  };

  const select = (kind: ServedKind, selection: Selection): KubeObject[] =>
    context.store
      .list(kind.storage, selection.namespace ?? '')
      .filter(matcherFor(kind, selection))
      .map((object) => inVersion(kind, object));

  const scale = async (at: At, caller: Caller, change: (scale: Fields) => unknown): Promise<KubeObject> => {
    const target: Target = { kind: at.kind, namespace: at.namespace, name: at.name, subresource: 'scale', caller };
    const object = await updateObject(context, target, (old) => {
      const wish = change(clone(readScale(at.kind, old)) as unknown as Fields);
      const version = textAt(wish, 'metadata', 'resourceVersion');
      return { object: writeScale(at.kind, old, wish), ...(version === '' ? {} : { expected: version }) };
    });
    return readScale(at.kind, object);
  };

  return {
    get,
    list: (kind, selection) => ({ items: select(kind, selection), resourceVersion: String(context.store.revision()) }),
    watch: (kind, request) => watchKind(context, kind, request),
    async create(at, body, caller) {
      if (at.kind.answer !== undefined) return at.kind.answer(reviewBody(at.kind, body), caller.user);
      return createObject(context, targetOf({ ...at, name: '' }, caller), body);
    },
    async replace(at, body, caller) {
      if (at.subresource === 'scale') return scale(at, caller, () => body);
      const target = targetOf(at, caller);
      const object = decode(at.kind, readBody(at.kind, body, at.namespace), caller);
      const expected = expectedOf(object);
      if (expected.expected === undefined && (at.kind.needsVersion ?? !at.kind.native))
        throw requireVersion(at.kind, at.name);
      return inVersion(at.kind, await updateObject(context, target, () => ({ object, ...expected })));
    },
    async patch(at, type, body, caller, force = false) {
      if (type === 'strategic' && !at.kind.native) {
        throw unsupportedMediaType(ONLY_OTHERS);
      }
      if (at.subresource === 'scale') {
        const object = await scale(at, caller, (before) =>
          type === 'json' ? jsonPatch(before, body) : mergePatch(before, body),
        );
        return { object, created: false };
      }
      if (type === 'apply') return applyPatch(context, at, body, caller, force);
      const target = targetOf(at, caller);
      const object = await updateObject(context, target, (old) => wishOf(at, old, type, body, caller));
      return { object: inVersion(at.kind, object), created: false };
    },
    remove: (at, options, caller) => removeObject(context, targetOf(at, caller), options),
    async removeAll(kind, selection, options, caller) {
      const removed: KubeObject[] = [];
      for (const object of select(kind, selection)) {
        const at: At = { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
        removed.push((await removeObject(context, targetOf(at, caller), options)).object);
      }
      return removed;
    },
  };
};
