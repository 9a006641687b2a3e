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
  readonly run: () => void;
  isCancelled: boolean;
}

/** A number of rounds through the event loop, for ports that answer from a callback rather than a promise. */
const ROUNDS = 3;

const A_DAY_MS = 86_400_000;

const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Timers in the order in which they are due; those of the same moment in the order they were set. */
class Agenda {
  readonly #timers: Pending[] = [];

  add(timer: Pending): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle]?.at ?? 0) <= timer.at) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
  }

  head(): Pending | undefined {
    while (this.#timers[0]?.isCancelled === true) this.#timers.shift();
    return this.#timers[0];
  }

  take(): Pending | undefined {
    this.head();
    return this.#timers.shift();
  }
}

class SimulatedClock implements VirtualClock {
  readonly #agenda = new Agenda();
  readonly #startMs: number;
  #nowMs: number;
  #inFlight = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  readonly now = (): number => this.#nowMs;
  readonly monotonic = (): number => this.#nowMs - this.#startMs;
  readonly nextAt = (): number | undefined => this.#agenda.head()?.at;

  readonly after = (ms: number, run: () => void): Timer => {
    const timer: Pending = { at: this.#nowMs + Math.max(0, ms), run, isCancelled: false };
    this.#agenda.add(timer);
    return {
      cancel() {
        timer.isCancelled = true;
      },
    };
  };

  readonly settle = async (): Promise<void> => {
    do {
      for (let round = 0; round < ROUNDS; round += 1) await nextRound();
    } while (this.#inFlight > 0);
  };

  readonly advance = async (ms: number): Promise<void> => {
    const end = this.#nowMs + ms;
    await this.settle();
    for (let at = this.nextAt(); at !== undefined && at <= end; at = this.nextAt()) await this.#runNext();
    this.#nowMs = Math.max(this.#nowMs, end);
    await this.settle();
  };

  readonly advanceUntil = async (done: () => boolean | Promise<boolean>, limitMs = A_DAY_MS): Promise<number> => {
    const start = this.#nowMs;
    await this.settle();
    while (!(await done())) {
      const at = this.nextAt();
      if (at === undefined)
        throw new Error(`nothing is left to happen after ${this.#nowMs - start} ms of virtual time`);
      if (at - start > limitMs) throw new Error(`the condition did not come true within ${limitMs} ms of virtual time`);
      await this.#runNext();
    }
    return this.#nowMs - start;
  };

  readonly track = async <T>(work: Promise<T>): Promise<T> => {
    this.#inFlight += 1;
    try {
      return await work;
    } finally {
      this.#inFlight -= 1;
    }
  };

  async #runNext(): Promise<void> {
    const timer = this.#agenda.take();
    if (timer === undefined) return;
    this.#nowMs = Math.max(this.#nowMs, timer.at);
    timer.run();
    await this.settle();
  }
}

/** A clock that starts at `startMs` (default 2026-01-01T00:00:00Z). Timers of the same moment run in the order they were set. */
export const createVirtualClock = (startMs: number = Date.UTC(2026, 0, 1)): VirtualClock => new SimulatedClock(startMs);
