/** Calls made in order, beside the pass: a receiver that hangs slows nobody but its own queue. */
import type { Clock } from './ports.ts';
import { sleep } from './ports.ts';

/** Calls that wait for a slow receiver; later ones are dropped. */
const MOST_WAITING = 100;

export class CallQueue {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Queues a call, which must not reject. False: too many wait already. */
  add(call: () => Promise<void>): boolean {
    if (this.#waiting >= MOST_WAITING) return false;
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
    await Promise.race([this.#last, sleep(this.#clock, mostMs, this.#signal)]).catch(() => undefined);
  }
}
