/** Time that moves only when told to, so that an hour of rollout takes milliseconds and every run is the same. */
import type { Clock, Timer } from '../engine/ports.ts';

export interface VirtualClock extends Clock {
  /** Lets everything finish that needs no time to pass: promises, and work handed to `track`. */
  settle(): Promise<void>;
  /** Moves time on by `ms`, running each timer at its own moment, and settles after each. */
  advance(ms: number): Promise<void>;
  /**
   * Goes from timer to timer until `done` says so. Answers the virtual milliseconds that it took. Throws when nothing
   * is left to happen, or when `limitMs` of virtual time (one day unless told) have passed.
   */
  advanceUntil(done: () => boolean | Promise<boolean>, limitMs?: number): Promise<number>;
  /** Work on real sockets that virtual time must wait for, such as a call of an admission webhook. */
  track<T>(work: Promise<T>): Promise<T>;
  /** When the next timer is due (milliseconds since 1970), if any. */
  nextAt(): number | undefined;
}

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** A number of rounds through the event loop, for ports that answer from a callback rather than a promise. */
const ROUNDS = 3;

const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Index at which `timer` belongs in a list sorted by moment, then by age. */
const placeOf = (timers: readonly Pending[], at: number): number => {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** A clock that starts at `startMs` (default 2026-01-01T00:00:00Z). Timers of the same moment run in the order they were set. */
export const createVirtualClock = (startMs: number = Date.UTC(2026, 0, 1)): VirtualClock => {
  const timers: Pending[] = [];
  let now = startMs;
  let order = 0;
  let inFlight = 0;

  const head = (): Pending | undefined => {
    while (timers[0]?.cancelled === true) timers.shift();
    return timers[0];
  };

  const settle = async (): Promise<void> => {
    do {
      for (let round = 0; round < ROUNDS; round += 1) await nextRound();
    } while (inFlight > 0);
  };

  const runNext = async (): Promise<void> => {
    const timer = head();
    if (timer === undefined) return;
    timers.shift();
    now = Math.max(now, timer.at);
    timer.run();
    await settle();
  };

  return {
    now: () => now,
    monotonic: () => now - startMs,
    after(ms, run): Timer {
      const timer: Pending = { at: now + Math.max(0, ms), order: (order += 1), run, cancelled: false };
      timers.splice(placeOf(timers, timer.at), 0, timer);
      return {
        cancel() {
          timer.cancelled = true;
        },
      };
    },
    settle,
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let next = head(); next !== undefined && next.at <= end; next = head()) await runNext();
      now = Math.max(now, end);
      await settle();
    },
    async advanceUntil(done, limitMs = 86_400_000) {
      const start = now;
      await settle();
      while (!(await done())) {
        const next = head();
        if (next === undefined) throw new Error(`nothing is left to happen after ${now - start} ms of virtual time`);
        if (next.at - start > limitMs)
          throw new Error(`the condition did not come true within ${limitMs} ms of virtual time`);
        await runNext();
      }
      return now - start;
    },
    async track(work) {
      inFlight += 1;
      try {
        return await work;
      } finally {
        inFlight -= 1;
      }
    },
    nextAt: () => head()?.at,
  };
};
