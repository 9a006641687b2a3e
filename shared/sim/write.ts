/** The way of every write: read, prepare, admit, check, own, store. */
import type { KubeObject } from '../api/kube.ts';
import { type Caller, type Context, type Operation, type Review, timestamp } from './context.ts';
import { decode, findSchemaFaults, withSchemaDefaults } from './decode.ts';
import type { Fields } from './json.ts';
import { clone, define, equal, fieldsAt, own, textAt } from './json.ts';
import type { ServedKind } from './kinds.ts';
import { type Owner, ownersAfterUpdate, readOwners, sameOwners, type Writer, writeOwners } from './managed.ts';
import { checkMetadata, finalizersOf, readBody, refuse, specificationChanged, tidyMetadata } from './objects.ts';
import { alreadyExists, badRequest, conflict, failure, forbidden, invalid, notFound, StatusError } from './status.ts';

export interface Target {
  readonly kind: ServedKind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly caller: Caller;
}

/** What a write wants: the object, and its owners where apply has settled them. */
export interface Wish {
  readonly object: KubeObject;
  readonly owners?: Owner[];
  /** The version that the client has read; absent: any. */
  readonly expected?: string;
}

export const writerFor = (context: Context, target: Target, operation: Writer['operation']): Writer => ({
  manager: target.caller.manager,
  operation,
  subresource: target.subresource,
  apiVersion: target.kind.apiVersion,
  time: timestamp(context.clock.now()),
});

const review = (
  target: Target,
  operation: Operation,
  object: KubeObject | undefined,
  old: KubeObject | undefined,
): Review => ({
  kind: target.kind,
  subresource: target.subresource,
  operation,
  namespace: target.namespace,
  name: target.name,
  object,
  old,
  caller: target.caller,
});

const checkNamespace = (context: Context, target: Target): void => {
  const { kind, namespace } = target;
  if (!kind.namespaced) return;
  const found = context.store.get('/namespaces', '', namespace);
  const spaces = context.registry.find('v1', 'namespaces');
  if (spaces === undefined) return;
  if (found === undefined) {
    if (!context.createNamespaces) throw notFound(spaces.resource, namespace);
    const object: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    context.store.put(
      '/namespaces',
      born(context, spaces, allocated(context, spaces, completed(spaces, object, undefined), undefined)),
    );
  } else if (found.metadata.deletionTimestamp !== undefined) {
    const refusal = forbidden(
      kind.resource,
      target.name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
    const cause = {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    };
    throw new StatusError({ ...refusal.body, details: { ...refusal.body.details, causes: [cause] } });
  }
};

/** The object with its defaults, on a copy. */
const completed = (kind: ServedKind, object: KubeObject, old: KubeObject | undefined): KubeObject => {
  const copy = withSchemaDefaults(kind, clone(object));
  kind.complete?.(copy, old);
  return tidyMetadata(copy);
};

/** The object with what the server itself decides, on a copy. */
const allocated = (context: Context, kind: ServedKind, object: KubeObject, old: KubeObject | undefined): KubeObject => {
  if (kind.allocate === undefined) return object;
  const copy = clone(object);
  kind.allocate(copy, old, context.help());
  return tidyMetadata(copy);
};

const born = (context: Context, kind: ServedKind, object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    uid: context.nextUid(),
    creationTimestamp: timestamp(context.clock.now()),
    ...(kind.generation ? { generation: 1 } : {}),
  },
});

const faultsOf = (kind: ServedKind, object: KubeObject, old: KubeObject | undefined): void =>
  refuse(kind, object.metadata.name, [
    ...checkMetadata(kind, object, old),
    ...findSchemaFaults(kind, object),
    ...(kind.check?.(object, old) ?? []),
  ]);

/** Name, and what a client must not set on something new. */
const prepareNew = (context: Context, target: Target, wish: KubeObject): KubeObject => {
  const { kind } = target;
  const given = wish.metadata;
  if (textAt(wish, 'metadata', 'resourceVersion') !== '')
    throw failure(500, '', 'resourceVersion should not be set on objects to be created');
  const name = given.name || (given.generateName === undefined ? '' : given.generateName + context.nextSuffix());
  if (name === '') {
    throw invalid(kind.resource, '', [
      {
        reason: 'FieldValueRequired',
        message: 'Required value: name or generateName is required',
        field: 'metadata.name',
      },
    ]);
  }
  const {
    deletionTimestamp: _gone,
    deletionGracePeriodSeconds: _grace,
    uid: _uid,
    generation: _generation,
    ...metadata
  } = given as typeof given & Fields;
  const object: KubeObject = { ...wish, metadata: { ...metadata, name } };
  if (kind.status) delete object['status'];
  return object;
};

/** Stores a new object; 409 when it exists. Answers what was stored, or would have been. */
export const createObject = async (
  context: Context,
  target: Target,
  body: unknown,
  wish?: Wish,
): Promise<KubeObject> => {
  const { kind, caller } = target;
  const asked = wish?.object ?? decode(kind, readBody(kind, body, target.namespace), caller);
  const fresh = prepareNew(context, target, asked);
  const named: Target = { ...target, name: fresh.metadata.name };
  checkNamespace(context, named);
  let object = completed(kind, fresh, undefined);
  const owners =
    wish?.owners ?? ownersAfterUpdate([], undefined, object, writerFor(context, target, 'Update'), kind.shape);
  object = born(context, kind, allocated(context, kind, object, undefined));
  if (!context.admission.isIdle()) {
    const mutated = await context.admission.mutate(review(named, 'CREATE', object, undefined));
    object = completed(kind, decode(kind, mutated ?? object, caller), undefined);
  }
  faultsOf(kind, object, undefined);
  if (!context.admission.isIdle()) await context.admission.validate(review(named, 'CREATE', object, undefined));
  if (context.store.get(kind.storage, target.namespace, named.name) !== undefined)
    throw alreadyExists(kind.resource, named.name);
  const final = writeOwners(object, owners);
  return caller.dryRun ? final : context.store.put(kind.storage, final);
};

/** What the server keeps of the stored object whatever the client sent. */
const keepOld = (target: Target, old: KubeObject, wish: KubeObject): KubeObject => {
  const { kind } = target;
  if (target.subresource === 'status') {
    const { status: _status, ...rest } = old;
    return own(wish, 'status') === undefined
      ? (rest as KubeObject)
      : ({ ...rest, status: wish['status'] } as KubeObject);
  }
  const kept = [
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
    'generateName',
    'namespace',
    'resourceVersion',
  ];
  const metadata = { ...wish.metadata } as typeof wish.metadata & Fields;
  for (const key of kept) {
    delete metadata[key];
    const value = own(old.metadata, key);
    if (value !== undefined) define(metadata, key, value);
  }
  const object: KubeObject = { ...wish, metadata };
  if (kind.status) {
    delete object['status'];
    if (old['status'] !== undefined) object['status'] = old['status'];
  }
  return object;
};

const checkExpected = (target: Target, old: KubeObject, wish: Wish): void => {
  const { kind, name } = target;
  const uid = textAt(wish.object, 'metadata', 'uid');
  if (uid !== '' && uid !== old.metadata.uid) {
    const key = `/registry/${kind.plural}/${target.namespace}/${name}`;
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`;
    throw conflict(
      kind.resource,
      name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
    );
  }
  if (wish.expected !== undefined && wish.expected !== old.metadata.resourceVersion)
    throw conflict(kind.resource, name);
  if (wish.object.metadata.name !== name) {
    throw badRequest(
      `the name of the object (${wish.object.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
};

const bare = (object: KubeObject): KubeObject => {
  const { managedFields: _managed, resourceVersion: _version, ...metadata } = object.metadata;
  return { ...object, metadata };
};

const withGeneration = (kind: ServedKind, old: KubeObject, object: KubeObject): KubeObject =>
  kind.generation && specificationChanged(kind, old, object)
    ? { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } }
    : object;

const prepareUpdate = (target: Target, old: KubeObject, wish: KubeObject): KubeObject => {
  const kept = keepOld(target, old, { ...wish, apiVersion: target.kind.apiVersion, kind: target.kind.kind });
  return target.subresource === 'status' ? tidyMetadata(clone(kept)) : completed(target.kind, kept, old);
};

/** One try of an update; undefined when somebody else wrote in between. */
const tryUpdate = async (
  context: Context,
  target: Target,
  old: KubeObject,
  wish: Wish,
): Promise<KubeObject | undefined> => {
  const { kind, caller } = target;
  checkExpected(target, old, wish);
  let object = prepareUpdate(target, old, wish.object);
  const owners =
    wish.owners ?? ownersAfterUpdate(readOwners(old), old, object, writerFor(context, target, 'Update'), kind.shape);
  const admitted = context.admission.isIdle();
  if (!admitted) {
    const mutated = await context.admission.mutate(review(target, 'UPDATE', object, old));
    object = prepareUpdate(target, old, decode(kind, mutated ?? object, caller));
  }
  if (target.subresource !== 'status') object = allocated(context, kind, object, old);
  object = withGeneration(kind, old, object);
  faultsOf(kind, object, old);
  if (!admitted) await context.admission.validate(review(target, 'UPDATE', object, old));
  if (context.store.get(kind.storage, target.namespace, target.name) !== old) return undefined;
  if (equal(bare(object), bare(old)) && sameOwners(owners, readOwners(old))) return old;
  const final = writeOwners(object, owners);
  if (caller.dryRun) return final;
  const gone =
    final.metadata.deletionTimestamp !== undefined && finalizersOf(final).length === 0 && !hasSpecFinalizers(final);
  if (!gone) return context.store.put(kind.storage, final);
  context.store.remove(kind.storage, final);
  return final;
};

/** A Namespace goes only when its own list of finalizers, in spec, is empty too. */
const hasSpecFinalizers = (object: KubeObject): boolean =>
  object.kind === 'Namespace' &&
  object.apiVersion === 'v1' &&
  (fieldsAt(object, 'spec')['finalizers'] as unknown[] | undefined)?.length !== 0 &&
  fieldsAt(object, 'spec')['finalizers'] !== undefined;

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

export interface RemoveOptions {
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly propagation?: string;
}

const checkPreconditions = (target: Target, old: KubeObject, options: RemoveOptions): void => {
  const { kind, name } = target;
  const [uid, version] = [old.metadata.uid ?? '', old.metadata.resourceVersion ?? ''];
  // Here the real server names the kind where it otherwise names the resource.
  const named = { ...kind.resource, plural: kind.kind };
  if (options.uid !== undefined && options.uid !== uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(named, name, why);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== version) {
    const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`;
    throw conflict(named, name, why);
  }
};

/** Deletes, or marks for deletion when finalizers hold the object. Answers the object and whether it is gone. */
export const removeObject = async (
  context: Context,
  target: Target,
  options: RemoveOptions,
): Promise<{ object: KubeObject; gone: boolean }> => {
  const { kind, namespace, name } = target;
  const old = context.store.get(kind.storage, namespace, name);
  if (old === undefined) throw notFound(kind.resource, name);
  checkPreconditions(target, old, options);
  if (!context.admission.isIdle()) {
    await context.admission.mutate(review(target, 'DELETE', undefined, old));
    await context.admission.validate(review(target, 'DELETE', undefined, old));
    if (context.store.get(kind.storage, namespace, name) !== old) throw conflict(kind.resource, name);
  }
  const added =
    options.propagation === 'Foreground' ? ['foregroundDeletion'] : options.propagation === 'Orphan' ? ['orphan'] : [];
  const finalizers = [...new Set([...finalizersOf(old), ...added])];
  if (finalizers.length === 0 && !hasSpecFinalizers(old)) {
    if (!target.caller.dryRun) context.store.remove(kind.storage, old);
    return { object: old, gone: true };
  }
  if (old.metadata.deletionTimestamp !== undefined) return { object: old, gone: false };
  const marked: KubeObject = {
    ...old,
    metadata: {
      ...old.metadata,
      ...(finalizers.length === 0 ? {} : { finalizers }),
      deletionTimestamp: timestamp(context.clock.now()),
      ...(kind.generation ? { generation: (old.metadata.generation ?? 0) + 1 } : {}),
    },
  };
  if (kind.storage !== '/namespaces') define(marked.metadata as unknown as Fields, 'deletionGracePeriodSeconds', 0);
  else marked['status'] = { ...fieldsAt(old, 'status'), phase: 'Terminating' };
  return { object: target.caller.dryRun ? marked : context.store.put(kind.storage, marked), gone: false };
};

/** 422 of a PUT without the version that its kind insists on. */
export const requireVersion = (kind: ServedKind, name: string): Error =>
  invalid({ ...kind.resource, kind: kind.plural }, name, [
    {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    },
  ]);
