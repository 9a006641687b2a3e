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

const lengthsOf = (expected: readonly string[], got: readonly string[]): number[][] => {
  const lengths = Array.from({ length: expected.length + 1 }, () => new Array<number>(got.length + 1).fill(0));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = expected.length - 1; i >= 0; i -= 1) {
    for (let j = got.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined) row[j] = expected[i] === got[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return lengths;
};

const gapPairs = <T>(missing: Pair<T>[], surplus: Pair<T>[]): Pair<T>[] =>
  Array.from({ length: Math.max(missing.length, surplus.length) }, (_, at) => ({ ...missing[at], ...surplus[at] }));

/**
 * Where two sequences differ, aligned on their longest common part, so that one surplus item is told once and does not
 * shift all that follow. Within a gap, items are paired in order.
 */
export const diffSequences = <T>(expected: readonly T[], got: readonly T[]): Pair<T>[] => {
  const [left, right] = [expected.map(canonical), got.map(canonical)];
  const lengths = lengthsOf(left, right);
  const pairs: Pair<T>[] = [];
  let missing: Pair<T>[] = [];
  let surplus: Pair<T>[] = [];
  const flush = (): void => {
    pairs.push(...gapPairs(missing, surplus));
    [missing, surplus] = [[], []];
  };
  for (let i = 0, j = 0; i < expected.length || j < got.length; ) {
    if (i < expected.length && j < got.length && left[i] === right[j]) {
      flush();
      [i, j] = [i + 1, j + 1];
    } else if (j >= got.length || (i < expected.length && (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0))) {
      missing.push({ expected: { at: i, item: expected[i] as T } });
      i += 1;
    } else {
      surplus.push({ got: { at: j, item: got[j] as T } });
      j += 1;
    }
  }
  flush();
  return pairs;
};
