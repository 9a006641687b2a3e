import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { seededRandom, systemRandom } from '../../../../shared/platform/random.ts';
import { parseRetryAfter, waitAfter } from '../../../../shared/platform/retry.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

describe('the system clock', () => {
  it('calls back, never early, and not when cancelled', async () => {
    const started = systemClock.monotonic();
    let cancelledRan = false;
    systemClock.after(1, () => (cancelledRan = true)).cancel();
    await new Promise<void>((resolve) => systemClock.after(15, resolve));
    expect(systemClock.monotonic() - started).toBeGreaterThanOrEqual(14);
    expect(cancelledRan).toBe(false);
  });

  it('does not take a month for no time at all', async () => {
    let ran = false;
    const timer = systemClock.after(40 * 24 * 3_600_000, () => (ran = true));
    await new Promise<void>((resolve) => systemClock.after(5, resolve));
    timer.cancel();
    expect(ran).toBe(false);
  });
});

describe('chance', () => {
  it('repeats itself for one seed and differs for another', () => {
    const take = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).next);
    expect(take(1)).toEqual(take(1));
    expect(take(1)).not.toEqual(take(2));
  });

  it('spreads over the whole range', () => {
    const random = seededRandom(7);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let count = 0; count < 10_000; count += 1) tenths[Math.floor(random.next() * 10)]! += 1;
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1100);
  });

  it('makes identifiers of the usual form', () => {
    expect(seededRandom(1).uuid()).toMatch(UUID);
    expect(systemRandom.uuid()).toMatch(UUID);
  });
});

describe('waiting between attempts', () => {
  it('doubles up to half a minute, unless asked otherwise', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 60].map((attempt) => waitAfter(attempt))).toEqual([
      1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000,
    ]);
    expect(waitAfter(3, 500)).toBe(500);
  });

  it.each([
    { header: undefined, wait: undefined },
    { header: '5', wait: 5000 },
    { header: 'Thu, 01 Jan 2026 00:00:10 GMT', wait: 10_000 },
    { header: 'Wed, 31 Dec 2025 00:00:00 GMT', wait: 0 },
    { header: 'soon', wait: undefined },
    { header: '86400', wait: 120_000 },
  ])('reads Retry-After "$header" as $wait', ({ header, wait }) => {
    expect(parseRetryAfter(header, Date.UTC(2026, 0, 1))).toBe(wait);
  });
});
