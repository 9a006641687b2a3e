/** Rules about object metadata that hold for every kind: what a client may set, and what the server keeps. */
import type { KubeObject, ObjectMeta } from '../api/kube.ts';
import type { Fields } from './json.ts';
import { clone, equal, isFields, listAt, own } from './json.ts';
import type { ServedKind } from './kinds.ts';
import { badRequest, invalid, type StatusCause } from './status.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
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

/** Findings about metadata: name, labels, owners, finalizers. */
export const checkMetadata = (kind: ServedKind, object: KubeObject, old: KubeObject | undefined): StatusCause[] => {
  const meta = object.metadata;
  const causes = old === undefined ? checkName(kind, meta.name) : [];
  for (const value of Object.values(meta.labels ?? {})) {
    if (value.length > 63 || !LABEL_VALUE.test(value)) causes.push(wrong('metadata.labels', value, LABEL_TEXT));
  }
  const controllers = (meta.ownerReferences ?? []).filter((owner) => owner.controller === true);
  if (controllers.length > 1) {
    const names = controllers.map((owner) => `${owner.kind}/${owner.name}`).join(' and ');
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
    causes.push(wrong('metadata.ownerReferences', meta.ownerReferences, why));
  }
  (meta.ownerReferences ?? []).forEach((owner) => {
    if (owner.uid === '' || (owner.uid as unknown) === undefined) {
      causes.push({
        reason: 'FieldValueInvalid',
        message: 'Invalid value: "": must not be empty',
        field: 'metadata.ownerReferences.uid',
      });
    }
  });
  if (old?.metadata.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((one) => !(old.metadata.finalizers ?? []).includes(one));
    if (added.length > 0) {
      const shown = added.map((one) => JSON.stringify(one)).join(', ');
      const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`;
      causes.push({ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' });
    }
  }
  return causes;
};

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

/** The body as an object of this kind; 400 when it says that it is something else. */
export const readBody = (kind: ServedKind, body: unknown, namespace: string): KubeObject => {
  if (!isFields(body)) throw badRequest('the object provided is unrecognized (must be of type Object)');
  const object = clone(body) as unknown as KubeObject;
  const [apiVersion, name] = [own(body, 'apiVersion'), own(body, 'kind')];
  if ((apiVersion !== undefined && apiVersion !== kind.apiVersion) || (name !== undefined && name !== kind.kind)) {
    throw otherKind(kind, String(apiVersion ?? kind.apiVersion), String(name ?? kind.kind));
  }
  const metadata = isFields(own(body, 'metadata'))
    ? (clone(body['metadata']) as unknown as ObjectMeta)
    : ({ name: '' } as ObjectMeta);
  if (
    kind.namespaced &&
    metadata.namespace !== undefined &&
    metadata.namespace !== '' &&
    metadata.namespace !== namespace
  ) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (kind.namespaced) metadata.namespace = namespace;
  else delete metadata.namespace;
  for (const list of ['labels', 'annotations'] as const) {
    for (const [key, value] of Object.entries(metadata[list] ?? {})) {
      if (typeof value !== 'string') throw wrongType(kind, `metadata.${list}.${key}`, value);
    }
  }
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = object;
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata, ...rest };
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
export const specificationOf = (kind: ServedKind, object: KubeObject): Fields => {
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
