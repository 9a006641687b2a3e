import { onAbort } from '../platform/abort.ts';

/** A door that many may wait at, none of them for ever: it opens, or says why it does not. */
export interface Gate {
  open(): void;
  fail(why: Error): void;
  isOpen(): boolean;
  /** What `fail` said last; undefined: it is open, or nothing is known yet. */
  failure(): Error | undefined;
  /** Resolves when open, rejects when failed, waits while neither is known. Rejects with the signal's reason too. */
  pass(signal?: AbortSignal): Promise<void>;
}

/** Neither open nor failed at first. */
export const createGate = (): Gate => {
  let state: 'unknown' | 'open' | 'failed' = 'unknown';
  let error: Error | undefined;
  const waiting = new Set<() => void>();

  const turn = (to: 'open' | 'failed', why?: Error): void => {
    state = to;
    error = why;
    for (const wake of waiting) wake();
    waiting.clear();
  };

  const turned = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const forget = onAbort(signal, () => {
        waiting.delete(wake);
        reject(signal?.reason as Error);
      });
      const wake = (): void => {
        forget();
        resolve();
      };
      waiting.add(wake);
    });

  return {
    open: () => turn('open'),
    fail: (why) => turn('failed', why),
    isOpen: () => state === 'open',
    failure: () => error,
    async pass(signal) {
      signal?.throwIfAborted();
      if (state === 'unknown') await turned(signal);
      if (error !== undefined) throw error;
    },
  };
};
