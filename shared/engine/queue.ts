/** Keys that are due: one worker per key, bounded concurrency, the earliest wish counts. */
import type { Clock, Timer } from './ports.ts';

export interface QueueOptions {
  readonly clock: Clock;
  readonly concurrency: number;
  /** Works on a key; never rejects. */
  readonly work: (key: string) => Promise<void>;
}

/** Keys that wait for others' answers hold no place; so many times the places may wait at once. */
const MOST_ASIDE = 16;

export class Queue {
  readonly #options: QueueOptions;
  /** When each waiting key is due, milliseconds since 1970. */
  readonly #due = new Map<string, number>();
  readonly #active = new Set<string>();
  #aside = 0;
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];
  #whenDone: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Asks for a pass at `at`, by default now. A key at work is taken again afterwards. */
  add(key: string, at: number = this.#options.clock.now()): void {
    if (this.#isClosed) return;
    const known = this.#due.get(key);
    if (known === undefined || at < known) this.#due.set(key, at);
    this.#start();
  }

  /** Forgets the key's wishes. */
  remove(key: string): void {
    this.#due.delete(key);
  }

  get size(): number {
    return this.#due.size + this.#active.size;
  }

  /** Waits for what is not this machine's work, such as a hook's answer: meanwhile another key may have the place. */
  async aside<T>(waiting: () => Promise<T>): Promise<T> {
    this.#aside += 1;
    this.#start();
    try {
      return await waiting();
    } finally {
      this.#aside -= 1;
    }
  }

  /** Takes no more keys; resolves when the ones at work are done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#due.clear();
    this.#timer?.cancel();
    if (this.#active.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Resolves once no key that `matches` is at work. */
  async settled(matches: (key: string) => boolean): Promise<void> {
    while ([...this.#active.keys()].some(matches)) await new Promise<void>((resolve) => this.#whenDone.push(resolve));
  }

  #isFull(): boolean {
    const { concurrency } = this.#options;
    return this.#active.size - Math.min(this.#aside, concurrency * MOST_ASIDE) >= concurrency;
  }

  #start(): void {
    if (this.#isClosed) return;
    const now = this.#options.clock.now();
    let next = Infinity;
    for (const [key, at] of this.#due) {
      if (this.#active.has(key)) continue;
      if (at > now) {
        next = Math.min(next, at);
        continue;
      }
      if (this.#isFull()) return;
      this.#due.delete(key);
      this.#active.add(key);
      void this.#options.work(key).finally(() => this.#done(key));
    }
    this.#arm(next, now);
  }

  #done(key: string): void {
    this.#active.delete(key);
    for (const resolve of this.#whenDone.splice(0)) resolve();
    if (this.#isClosed && this.#active.size === 0) {
      for (const resolve of this.#whenIdle.splice(0)) resolve();
      return;
    }
    this.#start();
  }

  #arm(at: number, now: number): void {
    if (at === this.#timerAt && this.#timer) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = at;
    if (at === Infinity || this.#isClosed) return;
    this.#timer = this.#options.clock.after(at - now, () => {
      this.#timer = undefined;
      this.#start();
    });
  }
}
