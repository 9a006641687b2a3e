/** How long this machine kept us waiting: what a timer came too late, summed up. A quiet machine has next to none. */

const EVERY_MS = 50;
/** Within this a timer is on time. */
const USUAL_MS = 150;

export interface Standstill {
  /** Milliseconds so far. */
  total(): number;
  stop(): void;
}

/** Watches the clock from here on. */
export const watchStandstill = (): Standstill => {
  let total = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const late = now - last - EVERY_MS;
    if (late > USUAL_MS) total += late;
    last = now;
  }, EVERY_MS);
  return { total: () => total, stop: () => clearInterval(timer) };
};
