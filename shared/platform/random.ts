import { randomUUID } from 'node:crypto';
import type { Random } from '../engine/ports.ts';

/** Chance as the machine gives it. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => randomUUID(),
};

const HEX = 16;

/** The same sequence for the same seed (mulberry32): for simulations and replays, never for secrets. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const digit = (from: number, values: number): string => (from + Math.floor(next() * values)).toString(HEX);
  const digits = (count: number): string => Array.from({ length: count }, () => digit(0, HEX)).join('');
  return {
    next,
    uuid: () => `${digits(8)}-${digits(4)}-4${digits(3)}-${digit(8, 4)}${digits(3)}-${digits(12)}`,
  };
};
