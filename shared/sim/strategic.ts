/** Strategic merge patch: what kubectl sends for built-in kinds. */
import type { Fields } from './json.ts';
import { clone, define, equal, isFields, own } from './json.ts';
import type { Shape } from './shapes.ts';
import { badRequest, failure } from './status.ts';

const directive = (key: string): boolean => key.startsWith('$');

const isScalarList = (list: readonly unknown[]): boolean => list.every((item) => !isFields(item));

/** Elements named in `$setElementOrder` first and in its order; the others keep their place behind what stood before them. */
const reorder = (list: unknown[], order: readonly unknown[], identity: (item: unknown) => unknown): unknown[] => {
  const rank = (item: unknown): number => order.findIndex((wanted) => equal(identity(wanted), identity(item)));
  const ranked = list.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  let next = 0;
  return list.map((item) => (rank(item) >= 0 ? ranked[next++] : item));
};

/** `map[image:x:2]`, as Go prints one. */
const goMap = (item: Fields): string =>
  `map[${Object.keys(item)
    .sort()
    .map((key) => `${key}:${String(item[key])}`)
    .join(' ')}]`;

const mergeKeyed = (current: readonly unknown[], patch: readonly unknown[], key: string, shape: Shape): unknown[] => {
  const replaced = patch.find((item) => own(item, '$patch') === 'replace');
  let result: unknown[] = replaced === undefined ? [...current] : [];
  for (const item of patch) {
    if (!isFields(item)) throw badRequest(`expected an object with key ${key} in a list of the patch`);
    if (item['$patch'] === 'replace' && Object.keys(item).length === 1) continue;
    const id = own(item, key);
    if (id === undefined) throw failure(500, '', `map: ${goMap(item)} does not contain declared merge key: ${key}`);
    const place = result.findIndex((entry) => equal(own(entry, key), id));
    if (item['$patch'] === 'delete') result = result.filter((entry) => !equal(own(entry, key), id));
    else if (place < 0) result.push(strategicMerge({}, item, shape.item()));
    else result[place] = strategicMerge(result[place], item, shape.item());
  }
  return result;
};

const mergeList = (current: unknown, patch: readonly unknown[], shape: Shape): unknown[] => {
  const before = Array.isArray(current) ? (current as unknown[]) : [];
  if (shape.patchKey === undefined) return clone([...patch]);
  if (shape.patchKey !== '*' && !isScalarList(patch)) return mergeKeyed(before, patch, shape.patchKey, shape);
  if (shape.patchKey !== '*' && patch.length === 0) return before;
  return [...before, ...patch.filter((item) => !before.some((entry) => equal(entry, item)))];
};

const applyDirectives = (result: Fields, patch: Fields, shape: Shape): void => {
  for (const [key, value] of Object.entries(patch)) {
    const [name, field] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)];
    const list = own(result, field);
    if (!Array.isArray(value) || !Array.isArray(list)) continue;
    const mergeKey = shape.field(field).patchKey ?? '*';
    const identity = (item: unknown): unknown => (mergeKey === '*' ? item : own(item, mergeKey));
    if (name === '$deleteFromPrimitiveList') {
      define(
        result,
        field,
        list.filter((item) => !value.some((gone) => equal(gone, item))),
      );
    } else if (name === '$setElementOrder') {
      define(result, field, reorder(list as unknown[], value, identity));
    }
  }
  const retain = patch['$retainKeys'];
  if (!Array.isArray(retain)) return;
  for (const key of Object.keys(result)) if (!retain.includes(key)) delete result[key];
};

/**
 * The value that results from a strategic merge patch: maps merge, null deletes, keyed lists merge by element, others
 * are replaced; the directives `$patch`, `$retainKeys`, `$setElementOrder` and `$deleteFromPrimitiveList` are obeyed.
 */
export const strategicMerge = (current: unknown, patch: unknown, shape: Shape): unknown => {
  if (Array.isArray(patch)) return mergeList(current, patch, shape);
  if (!isFields(patch)) return patch;
  const mode = patch['$patch'];
  if (mode === 'delete') return {};
  const result: Fields = isFields(current) && mode !== 'replace' ? { ...current } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (directive(key)) continue;
    if (value === null || own(value, '$patch') === 'delete') delete result[key];
    else define(result, key, strategicMerge(own(result, key), value, shape.field(key)));
  }
  applyDirectives(result, patch, shape);
  return result;
};
