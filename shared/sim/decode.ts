/** From what a client sent to what the server works with: unknown fields, pruning and defaults of custom kinds. */
import type { KubeObject } from '../api/kube.ts';
import type { Caller } from './context.ts';
import type { ServedKind } from './kinds.ts';
import { defaultFields, pruneFields, validateSchema } from './schema.ts';
import { badRequest, type StatusCause } from './status.ts';

const quoted = (path: string): string => `unknown field "${path}"`;

/** The object pruned and with defaults; unknown fields refuse (Strict), warn or go silently as the client asked. */
export const decode = (kind: ServedKind, object: KubeObject, caller: Caller): KubeObject => {
  if (kind.schema === undefined || kind.native) return object;
  const { object: pruned, unknown } = pruneFields(kind.schema, object);
  if (unknown.length > 0 && caller.fieldValidation === 'Strict') {
    const list = unknown.map(quoted).join(', ');
    throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${list}`);
  }
  if (caller.fieldValidation === 'Warn') for (const path of unknown) caller.warnings.push(quoted(path));
  return defaultFields(kind.schema, pruned);
};

/** Findings of the kind's schema, for kinds that come from a CustomResourceDefinition. */
export const findSchemaFaults = (kind: ServedKind, object: KubeObject): StatusCause[] =>
  kind.schema === undefined || kind.native ? [] : validateSchema(kind.schema, object);
