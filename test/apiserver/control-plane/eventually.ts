/** Waiting for a condition, never for a length of time. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Patience {
  /** What is waited for, for the message when it does not come. */
  readonly what: string;
  /** Milliseconds; 60 s by default. */
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/**
 * Calls `look` until it answers something other than undefined or false, and returns that. An error that it throws
 * counts as "not yet", and is named when time is up.
 */
export const eventually = async <T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  patience: Patience,
): Promise<T> => {
  const { what, timeoutMs = 60_000, everyMs = 100 } = patience;
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) break;
    await wait(everyMs);
  }
  const reason = last instanceof Error ? `: ${last.message}` : '';
  throw new Error(`waited ${Math.round(timeoutMs / 1000)} s for ${what}${reason}`);
};
