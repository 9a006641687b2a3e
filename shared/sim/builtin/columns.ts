/** Cells of `kubectl get` that several kinds share. */
import type { KubeObject } from '../../api/kube.ts';
import { valueAt } from '../json.ts';
import type { Column } from '../kinds.ts';

/** A span of time as kubectl prints it: `5s`, `2m3s`, `3h12m`, `4d`. */
export const humanDuration = (ms: number): string => {
  if (ms < -1000) return '<invalid>';
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return days < 2920 && days % 365 !== 0 ? `${years}y${days % 365}d` : `${years}y`;
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
