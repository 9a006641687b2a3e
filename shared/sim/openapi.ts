/** The little OpenAPI v3 that kubectl asks for: proof that the server validates fields, and schemas for `explain`. */
import { createHash } from 'node:crypto';
import type { Fields } from './json.ts';
import { own } from './json.ts';
import type { Registry, ServedKind } from './kinds.ts';

const PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

const basePath = (kind: ServedKind): string =>
  kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;

const objectPath = (kind: ServedKind): string =>
  `${basePath(kind)}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}/{name}`;

const gvk = (kind: ServedKind): object => ({ group: kind.group, kind: kind.kind, version: kind.version });

const METADATA_DOC = 'Standard object metadata: name, namespace, labels, annotations and what the server adds.';

/** Structural schemas of custom kinds as they are; of built-in kinds only the outline. */
const schemaOf = (kind: ServedKind): Fields => {
  const given = kind.schema ?? {};
  return {
    type: 'object',
    description: own(given, 'description') ?? `${kind.kind} of ${kind.apiVersion}.`,
    properties: {
      spec: { type: 'object', description: `What the ${kind.kind} should be.` },
      status: { type: 'object', description: `What the ${kind.kind} is.` },
      ...(own(given, 'properties') as Fields | undefined),
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'The kind of this object.' },
      metadata: { type: 'object', description: METADATA_DOC },
    },
    'x-kubernetes-group-version-kind': [gvk(kind)],
  };
};

const documentOf = (kinds: readonly ServedKind[]): object => {
  const operation = (kind: ServedKind): object => ({
    parameters: PARAMETERS,
    responses: {},
    'x-kubernetes-group-version-kind': gvk(kind),
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.0' },
    paths: Object.fromEntries(
      kinds.map((kind) => [objectPath(kind), { get: operation(kind), put: operation(kind), patch: operation(kind) }]),
    ),
    components: {
      schemas: Object.fromEntries(
        kinds.map((kind) => [`${kind.group || 'core'}.${kind.version}.${kind.kind}`, schemaOf(kind)]),
      ),
    },
  };
};

const kindsAt = (registry: Registry, path: string): ServedKind[] =>
  registry.all().filter((kind) => basePath(kind).slice(1) === path);

/** The document of a group version such as `apis/apps/v1`; undefined when it is not served. */
export const openApiOf = (registry: Registry, path: string): object | undefined => {
  const kinds = kindsAt(registry, path);
  return kinds.length === 0 ? undefined : documentOf(kinds);
};

/** The index of all documents; the hash in each address changes with the content. */
export const openApiIndex = (registry: Registry): object => {
  const paths = [...new Set(registry.all().map((kind) => basePath(kind).slice(1)))];
  const hashOf = (path: string): string =>
    createHash('sha256')
      .update(JSON.stringify(openApiOf(registry, path)))
      .digest('hex')
      .slice(0, 32)
      .toUpperCase();
  return {
    paths: Object.fromEntries(
      paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(path)}` }]),
    ),
  };
};
