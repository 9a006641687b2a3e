/** Creating objects. */
import type { KubeObject } from '../api/kube.ts';
import type { Context } from './context.ts';
import { decode } from './decode.ts';
import type { Fields } from './json.ts';
import { textAt } from './json.ts';
import { ownersAfterUpdate, writeOwners } from './managed.ts';
import { readBody } from './objects.ts';
import { allocated, born, checkObject, completed, reviewOf, type Target, type Wish, writerFor } from './prepare.ts';
import { alreadyExists, failure, forbidden, invalid, notFound, StatusError } from './status.ts';

const terminating = ({ kind, name, namespace }: Target): Error => {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { body } = forbidden(kind.resource, name, why);
  const message = `namespace ${namespace} is being terminated`;
  const cause = { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' };
  return new StatusError({ ...body, details: { ...body.details, causes: [cause] } });
};

const createNamespace = (context: Context, name: string): void => {
  const kind = context.registry.find('v1', 'namespaces');
  if (kind === undefined) return;
  if (!context.createNamespaces) throw notFound(kind.resource, name);
  const object = completed(kind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  context.store.put(kind.storage, born(context, kind, allocated(context, kind, object)));
};

const checkNamespace = (context: Context, target: Target): void => {
  if (!target.kind.namespaced) return;
  const found = context.store.get('/namespaces', '', target.namespace);
  if (found === undefined) createNamespace(context, target.namespace);
  else if (found.metadata.deletionTimestamp !== undefined) throw terminating(target);
};

const NAMELESS = {
  reason: 'FieldValueRequired',
  message: 'Required value: name or generateName is required',
  field: 'metadata.name',
};

/** The name, given or made, and nothing of what a client must not set on something new. */
const prepareNew = (context: Context, { kind }: Target, wish: KubeObject): KubeObject => {
  const given = wish.metadata as typeof wish.metadata & Fields;
  if (textAt(given, 'resourceVersion') !== '')
    throw failure(500, '', 'resourceVersion should not be set on objects to be created');
  const made = given.generateName === undefined ? '' : given.generateName + context.nextSuffix();
  const name = given.name || made;
  if (name === '') throw invalid(kind.resource, '', [NAMELESS]);
  const metadata: typeof given = { ...given, name };
  for (const key of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'uid', 'generation']) delete metadata[key];
  const object: KubeObject = { ...wish, metadata };
  if (kind.status) delete object['status'];
  return object;
};

/** A body to be read, or a wish that apply has made of one. */
export type NewObject = { readonly body: unknown } | Wish;

/** Stores a new object; 409 when it exists. Answers what was stored, or would have been. */
export const createObject = async (context: Context, target: Target, asked: NewObject): Promise<KubeObject> => {
  const { kind, caller, namespace } = target;
  const wish: Wish = 'body' in asked ? { object: decode(kind, readBody(kind, asked.body, namespace), caller) } : asked;
  const fresh = prepareNew(context, target, wish.object);
  const named: Target = { ...target, name: fresh.metadata.name };
  checkNamespace(context, named);
  let object = completed(kind, fresh);
  const owners =
    wish.owners ??
    ownersAfterUpdate(
      { owners: [], before: undefined, after: object },
      writerFor(context, target, 'Update'),
      kind.shape,
    );
  object = born(context, kind, allocated(context, kind, object));
  const isAdmitted = !context.admission.isIdle();
  if (isAdmitted) {
    const mutated = await context.admission.mutate(reviewOf(named, 'CREATE', { object, old: undefined }));
    object = completed(kind, decode(kind, mutated ?? object, caller));
  }
  checkObject(kind, object);
  if (isAdmitted) await context.admission.validate(reviewOf(named, 'CREATE', { object, old: undefined }));
  if (context.store.get(kind.storage, namespace, named.name) !== undefined)
    throw alreadyExists(kind.resource, named.name);
  const final = writeOwners(object, owners);
  return caller.dryRun ? final : context.store.put(kind.storage, final);
};
