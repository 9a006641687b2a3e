import type { Clock } from '../engine/ports.ts';
import { onAbort } from './abort.ts';

export interface Limit {
  readonly clock: Clock;
  /** 0 means no limit. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What the work fails with when its time is over. */
  readonly late: () => Error;
}

/**
 * Runs `work` with a signal that aborts when the time is over or the caller gives up. Rejects with `late()` or with the
 * caller's reason then, whatever the work itself made of the abort. Once it has settled nothing aborts its signal any more.
 */
export const within = async <T>(limit: Limit, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const { clock, timeoutMs, signal, late } = limit;
  signal?.throwIfAborted();
  const over = new AbortController();
  const forget = onAbort(signal, () => over.abort(signal?.reason));
  const timer = timeoutMs > 0 ? clock.after(timeoutMs, () => over.abort(late())) : undefined;
  try {
    return await work(over.signal);
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    timer?.cancel();
    forget();
  }
};

/** Waits for `work` no longer than the signal allows, without ending it for others. */
export const orAborted = async <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  let forget = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    forget = onAbort(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    forget();
  }
};
