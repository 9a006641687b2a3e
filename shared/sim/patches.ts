/** JSON merge patch (RFC 7396) and JSON patch (RFC 6902). */
import type { Fields } from './json.ts';
import { clone, define, equal, isFields, own } from './json.ts';
import { badRequest, failure, StatusError } from './status.ts';

/** The value that results from a merge patch: null removes, everything that is no object replaces. */
export const mergePatch = (current: unknown, patch: unknown): unknown => {
  if (!isFields(patch)) return clone(patch);
  const result: Fields = isFields(current) ? { ...current } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else define(result, key, mergePatch(own(result, key), value));
  }
  return result;
};

/** A failing `test` or an impossible operation: 422 without saying why, as the real server answers. `why` is for readers of the code. */
const impossible = (why: string): Error =>
  Object.assign(failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {}), {
    cause: why,
  });

const pointer = (path: unknown): string[] => {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/')))
    throw badRequest(`invalid JSON pointer ${JSON.stringify(path)}`);
  return path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
};

const indexOf = (list: readonly unknown[], step: string, last: number): number => {
  const index = step === '-' ? list.length : Number(step);
  if (!Number.isInteger(index) || index < 0 || index > last) throw impossible(`invalid index referenced: ${step}`);
  return index;
};

/** Changes one place below `document`; `change` gets the parent and the last step of the path. */
const atParent = (
  document: unknown,
  path: readonly string[],
  change: (parent: unknown[] | Fields, step: string) => void,
): void => {
  let here = document;
  for (const step of path.slice(0, -1)) {
    here = Array.isArray(here) ? (here as unknown[])[indexOf(here, step, here.length - 1)] : own(here, step);
  }
  if (!Array.isArray(here) && !isFields(here))
    throw impossible(`doc is missing path: "/${path.join('/')}": missing value`);
  change(here as unknown[] | Fields, path.at(-1) ?? '');
};

const read = (document: unknown, path: readonly string[]): unknown => {
  let here = document;
  for (const step of path) {
    here = Array.isArray(here) ? (here as unknown[])[indexOf(here, step, here.length - 1)] : own(here, step);
    if (here === undefined) throw impossible(`doc is missing key: /${path.join('/')}`);
  }
  return here;
};

const add = (document: unknown, path: readonly string[], value: unknown): unknown => {
  if (path.length === 0) return value;
  atParent(document, path, (parent, step) => {
    if (Array.isArray(parent)) parent.splice(indexOf(parent, step, parent.length), 0, value);
    else define(parent, step, value);
  });
  return document;
};

const remove = (document: unknown, path: readonly string[]): unknown => {
  atParent(document, path, (parent, step) => {
    if (Array.isArray(parent)) parent.splice(indexOf(parent, step, parent.length - 1), 1);
    else if (Object.hasOwn(parent, step)) delete parent[step];
    else throw impossible(`doc is missing key: /${path.join('/')}`);
  });
  return document;
};

const step = (document: unknown, operation: Fields): unknown => {
  try {
    return stepOf(document, operation);
  } catch (error) {
    // Only what happened is known below; here it is also known to which operation.
    if (error instanceof StatusError && typeof error.cause === 'string')
      error.cause = `${String(operation['op'])} operation does not apply: ${error.cause}`;
    throw error;
  }
};

const stepOf = (document: unknown, operation: Fields): unknown => {
  const path = pointer(operation['path']);
  switch (operation['op']) {
    case 'add':
      return add(document, path, clone(operation['value']));
    case 'remove':
      return remove(document, path);
    case 'replace':
      if (path.length === 0) return clone(operation['value']);
      read(document, path);
      return add(remove(document, path), path, clone(operation['value']));
    case 'move': {
      const from = pointer(operation['from']);
      const value = read(document, from);
      return add(remove(document, from), path, value);
    }
    case 'copy':
      return add(document, path, clone(read(document, pointer(operation['from']))));
    case 'test':
      if (!equal(read(document, path), operation['value']))
        throw impossible(`testing value ${String(operation['path'])} failed`);
      return document;
    default:
      throw badRequest(`unexpected kind of JSON patch operation: ${String(operation['op'])}`);
  }
};

/** The document after all operations; the given one is left alone. Any failing operation fails the whole patch. */
export const jsonPatch = (current: unknown, operations: unknown): unknown => {
  if (!Array.isArray(operations)) throw badRequest('a JSON patch is a list of operations');
  return operations.reduce<unknown>((document, operation) => {
    if (!isFields(operation)) throw badRequest('a JSON patch operation is an object');
    return step(document, operation);
  }, clone(current));
};
