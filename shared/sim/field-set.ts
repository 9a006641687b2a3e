/** Sets of field paths, as managedFields keep them: which manager owns which leaf. */
import type { Fields } from './json.ts';
import { define, equal, isFields, own } from './json.ts';
import type { Shape } from './shapes.ts';

/** Each member is a path: its elements (`f:spec`, `k:{"name":"c"}`, `v:"x"`), joined by a character that no name holds. */
export type FieldSet = Set<string>;

const SEPARATOR = '\u0000';

const joinPath = (path: readonly string[]): string => path.join(SEPARATOR);
export const splitPath = (path: string): string[] => path.split(SEPARATOR);

/** Is `path` at or below `parent`? */
export const isBelow = (path: string, parent: string): boolean =>
  path === parent || path.startsWith(parent + SEPARATOR);

export const union = (a: FieldSet, b: Iterable<string>): FieldSet => new Set([...a, ...b]);
export const without = (a: FieldSet, b: ReadonlySet<string>): FieldSet =>
  new Set([...a].filter((path) => !b.has(path)));
export const common = (a: FieldSet, b: ReadonlySet<string>): FieldSet => new Set([...a].filter((path) => b.has(path)));

/** `fieldsV1` of a set; a path that also has members below it gets the entry `.`. */
export const toFieldsV1 = (set: FieldSet): Fields => {
  const root: Fields = {};
  for (const path of [...set].sort()) {
    let here = root;
    for (const element of splitPath(path)) {
      const next = own(here, element);
      if (isFields(next)) here = next;
      else {
        const made: Fields = {};
        define(here, element, made);
        here = made;
      }
    }
    here['.'] = {};
  }
  const tidy = (node: Fields): void => {
    const names = Object.keys(node);
    if (names.length === 1 && names[0] === '.') delete node['.'];
    else for (const name of names) if (name !== '.') tidy(node[name] as Fields);
  };
  tidy(root);
  return root;
};

/** The set that `fieldsV1` stands for. */
export const fromFieldsV1 = (fields: unknown): FieldSet => {
  const set: FieldSet = new Set();
  const walk = (node: unknown, path: readonly string[]): void => {
    if (!isFields(node)) return;
    const names = Object.keys(node);
    if (path.length > 0 && (names.length === 0 || names.includes('.'))) set.add(joinPath(path));
    for (const name of names) if (name !== '.') walk(node[name], [...path, name]);
  };
  walk(fields, []);
  return set;
};

/** The path element of a list's item, or undefined when its list is one value. */
export const elementOf = (item: unknown, shape: Shape): string | undefined => {
  if (shape.list === 'atomic') return undefined;
  if (shape.list === 'set') return `v:${JSON.stringify(item)}`;
  const id: Fields = {};
  for (const key of [...shape.list.keys].sort()) id[key] = own(item, key) ?? own(shape.list.defaults, key);
  return `k:${JSON.stringify(id)}`;
};

type Visit = (path: readonly string[], value: unknown) => void;

/** Calls `visit` for each leaf and each keyed element of `value`. */
const visitLeaves = (value: unknown, shape: Shape, path: readonly string[], visit: Visit): void => {
  if (isFields(value) && !shape.atomic && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) visitLeaves(item, shape.field(key), [...path, `f:${key}`], visit);
    return;
  }
  if (Array.isArray(value) && shape.list !== 'atomic' && value.length > 0) {
    for (const item of value as unknown[]) {
      const below = [...path, elementOf(item, shape) ?? ''];
      visit(below, item);
      if (isFields(item)) visitLeaves(item, shape.item(), below, visit);
    }
    return;
  }
  if (path.length > 0) visit(path, value);
};

/** The leaves of a value with what stands there, by path. An element of a keyed list stands for its mere presence. */
export const leavesOf = (value: unknown, shape: Shape, at: readonly string[] = []): Map<string, unknown> => {
  const leaves = new Map<string, unknown>();
  visitLeaves(value, shape, at, (path, leaf) => {
    const last = path.at(-1) ?? '';
    leaves.set(joinPath(path), last.startsWith('k:') ? true : leaf);
  });
  return leaves;
};

export interface Difference {
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** What differs between two values. As `compareLeaves` of all their leaves, but what is equal is not looked into. */
export const diffLeaves = (before: unknown, after: unknown, shape: Shape): Difference => {
  const difference: Difference = { changed: new Set(), removed: new Set() };
  const walk = (old: unknown, now: unknown, here: Shape, path: readonly string[]): void => {
    if (equal(old, now)) return;
    const isDeep =
      isFields(old) && isFields(now) && !here.atomic && Object.keys(old).length > 0 && Object.keys(now).length > 0;
    if (isDeep) {
      for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
        walk(own(old, key), own(now, key), here.field(key), [...path, `f:${key}`]);
      }
      return;
    }
    const leaves = (value: unknown): Map<string, unknown> =>
      value === undefined ? new Map() : leavesOf(value, here, path);
    const { changed, removed } = compareLeaves(leaves(old), leaves(now));
    for (const one of changed) difference.changed.add(one);
    for (const one of removed) difference.removed.add(one);
  };
  walk(before, after, shape, []);
  return difference;
};

/** What differs between two values, leaf by leaf. */
export const compareLeaves = (before: Map<string, unknown>, after: Map<string, unknown>): Difference => {
  const changed: FieldSet = new Set();
  const removed: FieldSet = new Set();
  for (const [path, value] of after) if (!before.has(path) || !equal(before.get(path), value)) changed.add(path);
  for (const path of before.keys()) if (!after.has(path)) removed.add(path);
  return { changed, removed };
};
