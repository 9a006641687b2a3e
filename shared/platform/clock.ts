import type { Clock } from '../engine/ports.ts';

/** Node's timers fire at once when asked for more than this. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Not performance.now(): the first use of `performance` loads a part of Node that costs milliseconds at start-up.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  after: (ms, run) => {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMEOUT_MS);
      timer = setTimeout(() => (left > step ? arm(left - step) : run()), Math.max(0, step));
    };
    arm(ms);
    return { cancel: () => clearTimeout(timer) };
  },
};
