/** Rules about object metadata that hold for every kind: what a client may set, and what the server keeps. */
import { DNS_LABEL, DNS_SUBDOMAIN } from '../api/dns-names.ts';
import type { KubeObject, ObjectMeta } from '../api/kube.ts';
import type { Fields } from './json.ts';
import { clone, equal, isFields, listAt, own, textAt } from './json.ts';
import type { ServedKind } from './kinds.ts';
import { badRequest, invalid, type StatusCause } from './status.ts';

const SUBDOMAIN = new RegExp(DNS_SUBDOMAIN);
const LABEL = new RegExp(DNS_LABEL);
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const SERVICE_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const wrong = (field: string, value: unknown, why: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});

/** RBAC names are free; all other kinds follow DNS. */
const checkName = (kind: ServedKind, name: string): StatusCause[] => {
  if (kind.group === 'rbac.authorization.k8s.io') return [];
  if (kind.group === '' && kind.kind === 'Service') {
    return name.length <= 63 && LABEL.test(name) ? [] : [wrong('metadata.name', name, SERVICE_TEXT)];
  }
  return name.length <= 253 && SUBDOMAIN.test(name) ? [] : [wrong('metadata.name', name, SUBDOMAIN_TEXT)];
};

const checkLabels = ({ labels = {} }: ObjectMeta): StatusCause[] =>
  Object.values(labels)
    .filter((value) => value.length > 63 || !LABEL_VALUE.test(value))
    .map((value) => wrong('metadata.labels', value, LABEL_TEXT));

const checkOwners = ({ ownerReferences = [] }: ObjectMeta): StatusCause[] => {
  const field = 'metadata.ownerReferences';
  const causes = ownerReferences
    .filter((owner) => textAt(owner, 'uid') === '')
    .map(() => ({
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "": must not be empty',
      field: `${field}.uid`,
    }));
  const controllers = ownerReferences.filter((owner) => owner.controller === true);
  if (controllers.length < 2) return causes;
  const names = controllers.map((owner) => `${owner.kind}/${owner.name}`).join(' and ');
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
  return [...causes, wrong(field, ownerReferences, why)];
};

/** What is being deleted takes no further finalizers. */
const checkFinalizers = (meta: ObjectMeta, old: ObjectMeta | undefined): StatusCause[] => {
  if (old?.deletionTimestamp === undefined) return [];
  const added = (meta.finalizers ?? []).filter((one) => !(old.finalizers ?? []).includes(one));
  if (added.length === 0) return [];
  const shown = added.map((one) => JSON.stringify(one)).join(', ');
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`;
  return [{ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }];
};

/** Findings about metadata: name, labels, owners, finalizers. */
export const checkMetadata = (kind: ServedKind, object: KubeObject, old: KubeObject | undefined): StatusCause[] => [
  ...(old === undefined ? checkName(kind, object.metadata.name) : []),
  ...checkLabels(object.metadata),
  ...checkOwners(object.metadata),
  ...checkFinalizers(object.metadata, old?.metadata),
];

/** Built-in and custom kinds refuse a body of another kind in words of their own. */
const otherKind = (kind: ServedKind, apiVersion: string, name: string): Error => {
  if (!kind.native)
    return badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): it is a ${name} of ${apiVersion}`,
    );
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const why = `no kind "${name}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
  return badRequest(`${name} in version "${version}" cannot be handled as a ${kind.kind}: ${why}`);
};

/** Metadata of a body, in the namespace of the path. */
const readMetadata = (kind: ServedKind, body: Fields, namespace: string): ObjectMeta => {
  const given = own(body, 'metadata');
  const metadata: ObjectMeta = { name: '', ...(isFields(given) ? clone(given) : {}) };
  const { namespace: named = '' } = metadata;
  if (kind.namespaced && named !== '' && named !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (kind.namespaced) metadata.namespace = namespace;
  else delete metadata.namespace;
  for (const list of ['labels', 'annotations'] as const) {
    for (const [key, value] of Object.entries(metadata[list] ?? {})) {
      if (typeof value !== 'string') throw wrongType(kind, `metadata.${list}.${key}`, value);
    }
  }
  return metadata;
};

/** The body as an object of this kind; 400 when it says that it is something else. */
export const readBody = (kind: ServedKind, body: unknown, namespace: string): KubeObject => {
  if (!isFields(body)) throw badRequest('the object provided is unrecognized (must be of type Object)');
  const apiVersion = textAt(body, 'apiVersion') || kind.apiVersion;
  const name = textAt(body, 'kind') || kind.kind;
  if (apiVersion !== kind.apiVersion || name !== kind.kind) throw otherKind(kind, apiVersion, name);
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = clone(body);
  return { apiVersion, kind: name, metadata: readMetadata(kind, body, namespace), ...rest };
};

const goType = (value: unknown): string =>
  typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? 'array' : typeof value;

const wrongType = (kind: ServedKind, field: string, value: unknown): Error =>
  badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${goType(value)} into Go struct field ObjectMeta.${field.split('.').slice(0, 2).join('.')} of type string`,
  );

/** Built-in kinds lose empty maps and lists of metadata when stored; of every kind that holds for these. */
export const tidyMetadata = (object: KubeObject): KubeObject => {
  const metadata = { ...object.metadata } as ObjectMeta & Fields;
  for (const key of ['labels', 'annotations', 'finalizers', 'ownerReferences', 'managedFields'] as const) {
    const value: unknown = metadata[key];
    const empty =
      value === null ||
      (Array.isArray(value) && value.length === 0) ||
      (isFields(value) && Object.keys(value).length === 0);
    if (empty) delete metadata[key];
  }
  for (const key of ['creationTimestamp', 'namespace', 'generateName', 'uid', 'resourceVersion'] as const) {
    if ((metadata[key] as unknown) === null || metadata[key] === '') delete metadata[key];
  }
  return { ...object, metadata };
};

/** What counts as specification: everything but metadata and, where it is a subresource, status. */
const specificationOf = (kind: ServedKind, object: KubeObject): Fields => {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = object;
  if (kind.status) delete rest['status'];
  return rest;
};

/** Does the update ask for another specification? Then the generation rises. */
export const specificationChanged = (kind: ServedKind, old: KubeObject, object: KubeObject): boolean =>
  !equal(specificationOf(kind, old), specificationOf(kind, object)) ||
  (kind.annotated === true && !equal(old.metadata.annotations ?? {}, object.metadata.annotations ?? {}));

/** Throws 422 when there are findings. */
export const refuse = (kind: ServedKind, name: string, causes: readonly StatusCause[]): void => {
  if (causes.length > 0) throw invalid(kind.resource, name, causes);
};

export const finalizersOf = (object: KubeObject): string[] =>
  listAt(object, 'metadata', 'finalizers').filter((one): one is string => typeof one === 'string');
