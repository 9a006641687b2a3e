import { createHash } from 'node:crypto';
import type { Entropy } from '../../../../webhook/certs/authority.ts';

/** Bytes that differ at each call and are the same in each run. */
export const countedBytes = (): ((count: number) => Uint8Array) => {
  let calls = 0;
  return (count) => {
    calls += 1;
    return createHash('sha256').update(String(calls)).digest().subarray(0, count);
  };
};

export const entropyAt = (now: number, randomBytes = countedBytes()): Entropy => ({ now, randomBytes });

export const DAY = 86_400_000;
export const START = Date.UTC(2026, 0, 1);
