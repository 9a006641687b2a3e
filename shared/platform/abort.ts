import { setMaxListeners } from 'node:events';

/**
 * Calls `run` once when the signal aborts. Returns how to stop listening. Any number may listen: one signal often ends
 * all that a program does, and Node would warn of more than ten.
 */
export const onAbort = (signal: AbortSignal | undefined, run: () => void): (() => void) => {
  if (signal === undefined) return () => {};
  setMaxListeners(0, signal);
  signal.addEventListener('abort', run, { once: true });
  return () => signal.removeEventListener('abort', run);
};
