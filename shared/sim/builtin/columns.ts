/** Cells of `kubectl get` that several kinds share. */
import type { KubeObject } from '../../api/kube.ts';
import { valueAt } from '../json.ts';
import type { Column } from '../kinds.ts';

const both = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Up to how many seconds which form is used; the first that fits. */
const FORMS: readonly [below: number, form: (seconds: number) => string][] = [
  [2 * MINUTE, (s) => `${s}s`],
  [10 * MINUTE, (s) => both(Math.floor(s / MINUTE), 'm', s % MINUTE, 's')],
  [3 * HOUR, (s) => `${Math.floor(s / MINUTE)}m`],
  [8 * HOUR, (s) => both(Math.floor(s / HOUR), 'h', Math.floor((s % HOUR) / MINUTE), 'm')],
  [2 * DAY, (s) => `${Math.floor(s / HOUR)}h`],
  [8 * DAY, (s) => both(Math.floor(s / DAY), 'd', Math.floor((s % DAY) / HOUR), 'h')],
  [2 * YEAR, (s) => `${Math.floor(s / DAY)}d`],
  [8 * YEAR, (s) => both(Math.floor(s / YEAR), 'y', Math.floor((s % YEAR) / DAY), 'd')],
];

/** A span of time as kubectl prints it: `5s`, `2m3s`, `3h12m`, `4d`. */
const humanDuration = (ms: number): string => {
  if (ms < -1000) return '<invalid>';
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const form = FORMS.find(([below]) => seconds < below)?.[1];
  return form === undefined ? `${Math.floor(seconds / YEAR)}y` : form(seconds);
};

/** How long ago a timestamp was; `<unknown>` without one. */
export const ageOf = (timestamp: unknown, nowMs: number): string => {
  const then = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(then) ? '<unknown>' : humanDuration(nowMs - then);
};

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  cell: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs),
};

/** A column with the text or number at a path of the object. */
export const fieldColumn = (name: string, path: readonly (string | number)[], absent: unknown = ''): Column => ({
  name,
  type: typeof absent === 'number' ? 'integer' : 'string',
  cell: (object) => valueAt(object, ...path) ?? absent,
});

export const textColumn = (
  name: string,
  cell: (object: KubeObject, nowMs: number) => unknown,
  priority = 0,
): Column => ({
  name,
  type: 'string',
  priority,
  cell,
});
