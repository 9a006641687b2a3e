import { canonical, isFields } from './canonical.ts';

/** One place where two values differ; undefined stands for an absent field. */
export interface Difference {
  /** `.spec.ports[0].name`; empty for the whole value. */
  readonly path: string;
  readonly expected: unknown;
  readonly got: unknown;
}

const fieldPath = (path: string, key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;

/** Every innermost place where `got` differs from `expected`. */
export const diffValues = (expected: unknown, got: unknown, path = ''): Difference[] => {
  if (canonical(expected) === canonical(got)) return [];
  if (isFields(expected) && isFields(got)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(got)])].sort();
    return keys.flatMap((key) => diffValues(expected[key], got[key], fieldPath(path, key)));
  }
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length) {
    return expected.flatMap((item: unknown, at) => diffValues(item, got[at], `${path}[${at}]`));
  }
  return [{ path, expected, got }];
};

/** One step of an alignment: both sides, or one that the other side lacks. */
export interface Pair<T> {
  readonly expected?: { readonly at: number; readonly item: T };
  readonly got?: { readonly at: number; readonly item: T };
}

type Lengths = readonly (readonly number[])[];

/** `lengths[i][j]` is the length of the longest common part of what follows `i` and `j`. */
const lengthsOf = (expected: readonly string[], got: readonly string[]): Lengths => {
  const rows: number[][] = [got.map(() => 0).concat(0)];
  for (const text of expected.toReversed()) {
    const below = rows[0] ?? [];
    const row = [0];
    for (let j = got.length - 1; j >= 0; j -= 1) {
      row.unshift(text === got[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[0] ?? 0));
    }
    rows.unshift(row);
  }
  return rows;
};

/** The positions of a longest common part, ended by the two lengths. */
const commonPlaces = (expected: readonly string[], got: readonly string[]): [number, number][] => {
  const lengths = lengthsOf(expected, got);
  const places: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < expected.length && j < got.length) {
    if (expected[i] === got[j]) {
      places.push([i, j]);
      [i, j] = [i + 1, j + 1];
    } else if ((lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return [...places, [expected.length, got.length]];
};

/**
 * Where two sequences differ, aligned on their longest common part, so that one surplus item is told once and does not
 * shift all that follow. Within a gap, items are paired in order.
 */
export const diffSequences = <T>(expected: readonly T[], got: readonly T[]): Pair<T>[] => {
  const pairs: Pair<T>[] = [];
  let [left, right] = [0, 0];
  for (const [i, j] of commonPlaces(expected.map(canonical), got.map(canonical))) {
    for (let at = 0; left + at < i || right + at < j; at += 1) {
      pairs.push({
        ...(left + at < i ? { expected: { at: left + at, item: expected[left + at] as T } } : {}),
        ...(right + at < j ? { got: { at: right + at, item: got[right + at] as T } } : {}),
      });
    }
    [left, right] = [i + 1, j + 1];
  }
  return pairs;
};
