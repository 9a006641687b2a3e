/** Calls made in order, beside the pass: a receiver that hangs slows nobody but its own queue. */
import type { Clock } from './ports.ts';
import { sleep } from './ports.ts';

/** Calls that wait for a slow receiver, unless told otherwise. */
const MOST_WAITING = 100;

export class CallQueue {
  /** How many calls may wait; later ones are dropped. */
  readonly most: number;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(clock: Clock, signal: AbortSignal, most: number = MOST_WAITING) {
    this.#clock = clock;
    this.#signal = signal;
    this.most = most;
  }

  /** Queues a call, which must not reject. False: too many wait already. */
  add(call: () => Promise<void>): boolean {
    if (this.#waiting >= this.most) return false;
    this.#waiting += 1;
    const after = (): void => {
      this.#waiting -= 1;
    };
    // A call that rejects all the same must neither hold up the next one nor end the program.
    this.#last = this.#last.then(call).then(after, after);
    return true;
  }

  /** Waits until what was queued is done, at most `mostMs`. */
  async settle(mostMs: number): Promise<void> {
    if (this.#waiting === 0) return;
    const done = new AbortController();
    const either = AbortSignal.any([this.#signal, done.signal]);
    await Promise.race([this.#last, sleep(this.#clock, mostMs, either)]).catch(() => undefined);
    // Nobody waits for the time any more.
    done.abort(new Error('settled'));
  }
}
