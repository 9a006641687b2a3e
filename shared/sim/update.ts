/** Changing objects: replacing, patching, applying and scaling all end here. */
import type { KubeObject } from '../api/kube.ts';
import type { Context } from './context.ts';
import { decode } from './decode.ts';
import { clone, equal, textAt } from './json.ts';
import type { ServedKind } from './kinds.ts';
import { type Owner, type Ownership, ownersAfterUpdate, readOwners, sameOwners, writeOwners } from './managed.ts';
import { finalizersOf, specificationChanged, tidyMetadata } from './objects.ts';
import {
  allocated,
  checkObject,
  completed,
  hasSpecFinalizers,
  keepOld,
  reviewOf,
  type Target,
  type Wish,
  writerFor,
} from './prepare.ts';
import { badRequest, conflict, invalid, notFound } from './status.ts';

const checkExpected = (target: Target, old: KubeObject, wish: Wish): void => {
  const { kind, name } = target;
  const uid = textAt(wish.object, 'metadata', 'uid');
  if (uid !== '' && uid !== old.metadata.uid) {
    const key = `/registry/${kind.plural}/${target.namespace}/${name}`;
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`;
    const story = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
    throw conflict(kind.resource, name, story);
  }
  if (wish.expected !== undefined && wish.expected !== old.metadata.resourceVersion)
    throw conflict(kind.resource, name);
  const given = wish.object.metadata.name;
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
};

/** What two states are compared by: a version of the API says nothing, and who owns what is compared apart. */
const bare = ({ apiVersion: _version, ...object }: KubeObject): object => {
  const { managedFields: _managed, resourceVersion: _revision, ...metadata } = object.metadata;
  return { ...object, metadata };
};

const withGeneration = (kind: ServedKind, old: KubeObject, object: KubeObject): KubeObject =>
  kind.generation && specificationChanged(kind, old, object)
    ? { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } }
    : object;

const prepared = (target: Target, old: KubeObject, wish: KubeObject): KubeObject => {
  const kept = keepOld(target, old, { ...wish, apiVersion: target.kind.apiVersion, kind: target.kind.kind });
  return target.subresource === 'status' ? tidyMetadata(clone(kept)) : completed(target.kind, kept, old);
};

const isReleased = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined && finalizersOf(object).length === 0 && !hasSpecFinalizers(object);

/** Stores a change; one that takes the last finalizer from a deleted object takes the object away. */
const storeChange = (context: Context, target: Target, object: KubeObject): KubeObject => {
  if (target.caller.dryRun) return object;
  if (!isReleased(object)) return context.store.put(target.kind.storage, object);
  context.store.remove(target.kind.storage, object);
  return object;
};

const ownersOf = (context: Context, target: Target, change: Ownership): readonly Owner[] =>
  ownersAfterUpdate(change, writerFor(context, target, 'Update'), target.kind.shape);

/** One try of an update; undefined when somebody else wrote in between. */
const tryUpdate = async (
  context: Context,
  target: Target,
  old: KubeObject,
  wish: Wish,
): Promise<KubeObject | undefined> => {
  const { kind, caller } = target;
  checkExpected(target, old, wish);
  let object = prepared(target, old, wish.object);
  const present = readOwners(old);
  const owners = wish.owners ?? ownersOf(context, target, { owners: present, before: old, after: object });
  const isAdmitted = !context.admission.isIdle();
  if (isAdmitted) {
    const mutated = await context.admission.mutate(reviewOf(target, 'UPDATE', { object, old }));
    object = prepared(target, old, decode(kind, mutated ?? object, caller));
  }
  if (target.subresource !== 'status') object = withGeneration(kind, old, allocated(context, kind, object, old));
  checkObject(kind, object, old);
  if (isAdmitted) await context.admission.validate(reviewOf(target, 'UPDATE', { object, old }));
  if (context.store.get(kind.storage, target.namespace, target.name) !== old) return undefined;
  if (equal(bare(object), bare(old)) && sameOwners(owners, present)) return old;
  return storeChange(context, target, writeOwners(object, owners));
};

const ATTEMPTS = 10;

/**
 * Reads, lets `change` say what it wants, and stores that. Repeats when somebody wrote in between, unless the client
 * named a version. A change that changes nothing stores nothing.
 */
export const updateObject = async (
  context: Context,
  target: Target,
  change: (old: KubeObject) => Wish,
): Promise<KubeObject> => {
  const { kind, namespace, name } = target;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const old = context.store.get(kind.storage, namespace, name);
    if (old === undefined) throw notFound(kind.resource, name);
    const done = await tryUpdate(context, target, old, change({ ...old, apiVersion: kind.apiVersion }));
    if (done !== undefined) return done;
  }
  throw conflict(kind.resource, name);
};

/** 422 of a PUT without the version that its kind insists on. */
export const versionMissing = (kind: ServedKind, name: string): Error => {
  const message = 'Invalid value: 0: must be specified for an update';
  const cause = { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' };
  return invalid({ ...kind.resource, kind: kind.plural }, name, [cause]);
};
