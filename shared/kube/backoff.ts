import type { Random } from '../engine/ports.ts';

/** Milliseconds to wait after the `failures`-th failure in a row (1 is the first): doubling, half of it by chance. */
export const backoffMs = (failures: number, random: Random, { baseMs = 1000, capMs = 30_000 } = {}): number => {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return full / 2 + (random.next() * full) / 2;
};
