/** Reading JSON of unknown make: whatever stands there, an answer of the asked type comes back and nothing throws. */

export type Raw = Readonly<Record<string, unknown>>;

const EMPTY: Raw = Object.freeze(Object.create(null) as Record<string, unknown>);
const NONE: readonly unknown[] = Object.freeze([]);

export const isRecord = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The record itself; an empty one for anything else. */
export const recordOf = (value: unknown): Raw => (isRecord(value) ? value : EMPTY);

/** Longer lists are not read to their end: no Canary has them, and their length is the caller's time. */
const LONGEST_LIST = 1000;

/** The list itself, of a longer one its first thousand items; an empty one for anything else. */
export const listOf = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) return NONE;
  return value.length > LONGEST_LIST ? value.slice(0, LONGEST_LIST) : value;
};

/** The text itself; the empty one for anything else. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The number itself; undefined for anything else. */
export const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** True when somebody wrote something: null counts as absent, as it does for the API server. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** The record's own value under a key that a user chose; inherited names such as `constructor` find nothing. */
export const ownValue = (record: Raw, key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined);

/** Values nested deeper than this are never called equal; no object that anybody writes is. */
const DEEPEST = 200;

/** Deep equality of JSON values. */
export const isSame = (a: unknown, b: unknown, depth = 0): boolean => {
  if (a === b) return true;
  if (depth > DEEPEST) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index], depth + 1));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key], depth + 1));
};
