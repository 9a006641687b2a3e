/** Numbers of repeated measurements, and how they are shown. */

/** The middle value; NaN of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** `12.3`, `123`: three digits are all that a busy machine is good for. */
export const shown = (value: number): string => {
  if (Number.isNaN(value)) return '-';
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return value === 0 ? '0' : value.toFixed(digits);
};

/** Lowest to highest. */
export const range = (values: readonly number[]): string =>
  values.length === 0 ? '-' : `${shown(Math.min(...values))}–${shown(Math.max(...values))}`;

/** `1.84x`. */
export const times = (value: number, base: number): string => {
  const ratio = value / base;
  return Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : '-';
};

/** `values` in turn, `rounds` times; the first round warms up and is not counted. */
export const takeTurns = async <K extends string>(
  names: readonly K[],
  rounds: number,
  measure: (name: K) => Promise<number | undefined>,
): Promise<ReadonlyMap<K, readonly number[]>> => {
  const samples = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const value = await measure(name);
      if (value !== undefined && round > 0) samples.get(name)?.push(value);
    }
  }
  return samples;
};
