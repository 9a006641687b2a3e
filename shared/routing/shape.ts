/** Reads JSON whose shape nobody guarantees: an odd object of one Canary must never stop the others. */
import type { KubeObject } from '../api/kube.ts';

export type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value where it is a map; else an empty one. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** The maps of a list, in order; empty where the value is no list. */
export const itemsOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

export const specOf = (object: KubeObject | undefined): Fields => fieldsOf(object?.['spec']);

/** Without the named keys. */
export const without = (fields: Fields, ...keys: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));

/** Without the keys whose value is absent or an empty list or map. */
export const compact = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** Percent of `canary` in both together, whatever they add up to; undefined: there is no traffic. */
export const percentOf = (primary: number, canary: number): number | undefined =>
  primary + canary > 0 ? Math.round((canary * 100) / (primary + canary)) : undefined;
