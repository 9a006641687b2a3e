/** Structural schemas of CustomResourceDefinitions: dropping unknown fields, and defaults. */
import type { KubeObject } from '../api/kube.ts';
import type { Fields } from './json.ts';
import { clone, define, isFields, own } from './json.ts';

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';

const joinField = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

/** The schema of a field, if the object's schema knows it. */
const schemaOf = (schema: Fields, key: string): unknown =>
  own(own(schema, 'properties'), key) ?? own(schema, 'additionalProperties');

const pruneValue = (schema: unknown, value: unknown, path: string, unknown: string[]): unknown => {
  if (!isFields(schema)) return value;
  if (Array.isArray(value)) {
    return (value as unknown[]).map((item, index) =>
      pruneValue(own(schema, 'items'), item, `${path}[${index}]`, unknown),
    );
  }
  if (!isFields(value)) return value;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const result: Fields = {};
  for (const [key, item] of Object.entries(value)) {
    const below = schemaOf(schema, key);
    const here = joinField(path, key);
    if (embedded && ['apiVersion', 'kind', 'metadata'].includes(key)) define(result, key, item);
    else if (below !== undefined && below !== false) define(result, key, pruneValue(below, item, here, unknown));
    else if (schema[PRESERVE] === true) define(result, key, item);
    else unknown.push(here);
  }
  return result;
};

const SYSTEM = ['apiVersion', 'kind', 'metadata'];

/** The object without the fields that the schema does not know, and their paths (`spec.a.b`, `spec.list[0].c`). */
export const pruneFields = (schema: Fields, object: KubeObject): { object: KubeObject; unknown: string[] } => {
  const unknown: string[] = [];
  const result: KubeObject = { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata };
  for (const [key, value] of Object.entries(object)) {
    if (SYSTEM.includes(key)) continue;
    const below = schemaOf(schema, key);
    if (below !== undefined) define(result, key, pruneValue(below, value, key, unknown));
    else if (schema[PRESERVE] === true) define(result, key, value);
    else unknown.push(key);
  }
  return { object: result, unknown };
};

/** One field with its default, and with the defaults below it. */
const defaultField = (schema: unknown, value: unknown): unknown => {
  const fallback = own(schema, 'default');
  // A null where null is not allowed counts as absent when there is a default.
  const isAbsent = value === undefined || (value === null && own(schema, 'nullable') !== true);
  const given = isAbsent && fallback !== undefined ? clone(fallback) : value;
  return given === undefined ? undefined : defaultValue(schema, given);
};

const defaultValue = (schema: unknown, value: unknown): unknown => {
  if (!isFields(schema)) return value;
  if (Array.isArray(value)) return (value as unknown[]).map((item) => defaultValue(own(schema, 'items'), item));
  if (!isFields(value)) return value;
  const result: Fields = { ...value };
  const properties = own(schema, 'properties');
  for (const [key, below] of Object.entries(isFields(properties) ? properties : {})) {
    const filled = defaultField(below, own(result, key));
    if (filled !== undefined) define(result, key, filled);
  }
  const rest = own(schema, 'additionalProperties');
  if (isFields(rest)) for (const key of Object.keys(result)) define(result, key, defaultValue(rest, result[key]));
  return result;
};

/** The object with the schema's defaults. */
export const defaultFields = (schema: Fields, object: KubeObject): KubeObject => {
  const filled = defaultValue(
    { ...schema, properties: { ...(own(schema, 'properties') as Fields | undefined), metadata: undefined } },
    object,
  ) as KubeObject;
  return { ...filled, metadata: object.metadata };
};
