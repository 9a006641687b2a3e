import type { Clock } from '../../shared/engine/ports.ts';

export interface TestClock extends Clock {
  /** Lets everything due within `ms` happen in order, with the promises that follow from it. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as a correction of the machine's time does. */
  jumpWall(ms: number): void;
  /** Timers that wait. */
  pending(): number;
  /** Milliseconds until each waiting timer, nearest first. */
  waits(): number[];
}

interface Waiting {
  at: number;
  run: () => void;
}

const TURNS = 5;

/** Lets promises and callbacks of the event loop that are ready run to their end. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Time that passes only when a test says so. */
export const createTestClock = (startsAt = Date.UTC(2026, 0, 1)): TestClock => {
  let passed = 0;
  let wall = startsAt;
  const waiting = new Set<Waiting>();
  const nextUntil = (end: number): Waiting | undefined =>
    [...waiting].filter((one) => one.at <= end).toSorted((a, b) => a.at - b.at)[0];
  const advance = async (ms: number): Promise<void> => {
    const end = passed + ms;
    await settle();
    for (let due = nextUntil(end); due !== undefined; due = nextUntil(end)) {
      waiting.delete(due);
      passed = Math.max(passed, due.at);
      due.run();
      await settle();
    }
    passed = end;
  };
  return {
    now: () => wall + passed,
    monotonic: () => passed,
    after: (ms, run) => {
      const one = { at: passed + Math.max(0, ms), run };
      waiting.add(one);
      return { cancel: () => void waiting.delete(one) };
    },
    advance,
    jumpWall: (ms) => {
      wall += ms;
    },
    pending: () => waiting.size,
    waits: () => [...waiting].map((one) => one.at - passed).toSorted((a, b) => a - b),
  };
};
