/** Patches of all four types, and server-side apply of what does not exist yet. */
import type { KubeObject } from '../api/kube.ts';
import { applyWish } from './apply.ts';
import type { Context } from './context.ts';
import { createObject } from './create.ts';
import { decode, decodeWish } from './decode.ts';
import { clone, isFields, textAt } from './json.ts';
import { readBody } from './objects.ts';
import { jsonPatch, mergePatch } from './patches.ts';
import { type Target, type Wish, writerFor } from './prepare.ts';
import { changeScale } from './scale.ts';
import { badRequest, notFound, unsupportedMediaType } from './status.ts';
import { strategicMerge } from './strategic.ts';
import { updateObject } from './update.ts';
import { inVersion } from './watch.ts';

export interface PatchRequest {
  readonly type: 'merge' | 'json' | 'strategic' | 'apply';
  readonly body: unknown;
  /** Apply only: take fields over from other managers. */
  readonly force?: boolean;
}

export interface Patched {
  readonly object: KubeObject;
  readonly created: boolean;
}

const ONLY_OTHERS =
  'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';

/** The value after a patch that is no apply. */
const patched = (target: Target, old: unknown, { type, body }: PatchRequest): unknown => {
  const before = clone(old);
  if (type === 'json') return jsonPatch(before, body);
  return type === 'merge' ? mergePatch(before, body) : strategicMerge(before, body, target.kind.shape);
};

const wishOf = (target: Target, old: KubeObject, patch: PatchRequest): Wish => {
  const object = patched(target, old, patch);
  if (!isFields(object)) throw badRequest('the patch does not leave an object');
  // A patch that names a version insists on it; otherwise it carries the one just read.
  const version = textAt(object, 'metadata', 'resourceVersion');
  const insists = version !== '' && version !== old.metadata.resourceVersion;
  const body = readBody(target.kind, object, target.namespace);
  return { object: decode(target.kind, body, target.caller), ...(insists ? { expected: version } : {}) };
};

const readWish = (target: Target, body: unknown): KubeObject => {
  const wish = decodeWish(target.kind, readBody(target.kind, body, target.namespace), body);
  if ((wish.metadata.managedFields ?? []).length > 0) throw badRequest('metadata.managedFields must be nil');
  return wish.metadata.name === '' ? { ...wish, metadata: { ...wish.metadata, name: target.name } } : wish;
};

const applyPatch = async (
  context: Context,
  target: Target,
  { body, force = false }: PatchRequest,
): Promise<Patched> => {
  const { kind, namespace, name } = target;
  const wish = readWish(target, body);
  const writer = writerFor(context, target, 'Apply');
  const options = { shape: kind.shape, force, hasStatus: kind.status };
  if (context.store.get(kind.storage, namespace, name) === undefined) {
    if (target.subresource !== '') throw notFound(kind.resource, name);
    const fresh = applyWish(undefined, wish, writer, options);
    return { object: await createObject(context, target, fresh), created: true };
  }
  const version = textAt(wish, 'metadata', 'resourceVersion');
  const expected = version === '' ? {} : { expected: version };
  const object = await updateObject(context, target, (old) => ({
    ...applyWish(old, wish, writer, options),
    ...expected,
  }));
  return { object: inVersion(kind, object), created: false };
};

/** Patches what exists; an apply creates what does not. */
export const patchObject = async (context: Context, target: Target, patch: PatchRequest): Promise<Patched> => {
  const { kind, subresource } = target;
  if (patch.type === 'strategic' && !kind.native) throw unsupportedMediaType(ONLY_OTHERS);
  if (subresource === 'scale') {
    // A Scale is so small that merging it as a map is what every type of patch comes to, save a JSON patch.
    const type = patch.type === 'json' ? 'json' : 'merge';
    const object = await changeScale(context, target, (scale) => patched(target, scale, { ...patch, type }));
    return { object, created: false };
  }
  if (patch.type === 'apply') return applyPatch(context, target, patch);
  const object = await updateObject(context, target, (old) => wishOf(target, old, patch));
  return { object: inVersion(kind, object), created: false };
};
