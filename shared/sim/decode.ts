/** From what a client sent to what the server works with: unknown fields, pruning and defaults of custom kinds. */
import type { KubeObject } from '../api/kube.ts';
import type { Caller } from './context.ts';
import { textAt } from './json.ts';
import type { ServedKind } from './kinds.ts';
import { defaultFields, pruneFields } from './schema.ts';
import { validateSchema } from './schema-validate.ts';
import { badRequest, failure, type StatusCause } from './status.ts';

const quoted = (path: string): string => `unknown field "${path}"`;

/** The object without unknown fields; these refuse (Strict), warn or go silently as the client asked. */
export const decode = (kind: ServedKind, object: KubeObject, caller: Caller): KubeObject => {
  if (kind.schema === undefined || kind.native) return object;
  const { object: pruned, unknown } = pruneFields(kind.schema, object);
  if (unknown.length > 0 && caller.fieldValidation === 'Strict') {
    const list = unknown.map(quoted).join(', ');
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${list}`,
    );
  }
  if (caller.fieldValidation === 'Warn') for (const path of unknown) caller.warnings.push(quoted(path));
  return pruned;
};

/** The wish of an apply; unknown fields always refuse, in words of their own. */
export const decodeWish = (kind: ServedKind, object: KubeObject, given: unknown): KubeObject => {
  if (kind.schema === undefined || kind.native) return object;
  const { unknown } = pruneFields(kind.schema, object);
  if (unknown.length === 0) return object;
  const list = unknown.map((path) => `.${path}: field not declared in schema`);
  const text = list.length === 1 ? (list[0] ?? '') : `errors:\n  ${list.join('\n  ')}`;
  const place = `${textAt(given, 'metadata', 'namespace')}/${object.metadata.name}`;
  throw failure(
    500,
    '',
    `failed to create typed patch object (${place}; ${kind.apiVersion}, Kind=${kind.kind}): ${text}`,
  );
};

/** The object with the defaults of its kind's schema. */
export const withSchemaDefaults = (kind: ServedKind, object: KubeObject): KubeObject =>
  kind.schema === undefined || kind.native ? object : defaultFields(kind.schema, object);

/** Findings of the kind's schema, for kinds that come from a CustomResourceDefinition. */
export const findSchemaFaults = (kind: ServedKind, object: KubeObject): StatusCause[] =>
  kind.schema === undefined || kind.native ? [] : validateSchema(kind.schema, object);
