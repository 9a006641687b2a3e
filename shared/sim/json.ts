/** Small tools for JSON values. Everything that the simulated server stores is plain JSON. */
import { isDeepStrictEqual } from 'node:util';

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A deep copy without `undefined`, so that what is stored is what JSON would carry. */
export const clone = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map((item: unknown) => (item === undefined ? null : clone(item))) as T;
  if (!isFields(value)) return value;
  const copy: Fields = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    // A key such as __proto__ is data like any other. Plain assignment for the rest: this is the busiest loop of all.
    if (key === '__proto__') define(copy, key, clone(item));
    else copy[key] = typeof item === 'object' ? clone(item) : item;
  }
  return copy as T;
};

/** Sets an own property, whatever its name is. */
export const define = (target: Fields, key: string, value: unknown): void => {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
};

export const equal = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);

/** An own field, or undefined; never something inherited. */
export const own = (value: unknown, key: string): unknown =>
  isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** The value at a path of field names and list indices, or undefined. */
export const valueAt = (value: unknown, ...path: (string | number)[]): unknown => {
  let here = value;
  for (const step of path) {
    if (typeof step === 'number') here = Array.isArray(here) ? (here as unknown[])[step] : undefined;
    else here = own(here, step);
  }
  return here;
};

export const fieldsAt = (value: unknown, ...path: (string | number)[]): Fields => {
  const found = valueAt(value, ...path);
  return isFields(found) ? found : {};
};

export const listAt = (value: unknown, ...path: (string | number)[]): unknown[] => {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? (found as unknown[]) : [];
};

export const textAt = (value: unknown, ...path: (string | number)[]): string => {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : '';
};

/** A number or text as text; everything else is empty. */
export const printed = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

export const numberAt = (value: unknown, ...path: (string | number)[]): number => {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : 0;
};

/** The record at `key`, made when absent, so that defaults can be written into it. */
export const ensure = (target: Fields, key: string): Fields => {
  const found = own(target, key);
  if (isFields(found)) return found;
  const made: Fields = {};
  define(target, key, made);
  return made;
};

/** Sets `target[key]` when it is absent or null. */
export const defaultTo = (target: Fields, key: string, value: unknown): void => {
  if (own(target, key) === undefined || own(target, key) === null) define(target, key, value);
};

/** Sets the value at a path of field names, making the records in between. */
export const setAt = (target: Fields, path: readonly string[], value: unknown): void => {
  let here = target;
  for (const step of path.slice(0, -1)) here = ensure(here, step);
  define(here, path.at(-1) ?? '', value);
};
