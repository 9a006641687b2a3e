import { describe, expect, it } from 'vitest';
import { deviationsOff, pointsOff, type Stretch, shareOf, stretchesOf } from '../../e2e/count/stretches.ts';
import type { Answer } from '../../e2e/load/answer.ts';

/** One answer each 10 ms from `since`; the canary has the first `canary` of them. */
const answers = (since: number, count: number, canary: number): Answer[] =>
  Array.from({ length: count }, (_, n) => ({
    at: since + n * 10,
    took: 1,
    user: '',
    note: '',
    from: { revision: n < canary ? '2' : '1', side: n < canary ? 'canary' : 'primary', pod: 'p' },
    failure: undefined,
  }));

const failed = (at: number): Answer => ({ at, took: 1, user: '', note: '', from: undefined, failure: 'status 503' });

/** Seen half a second after it was written. */
const weight = (at: number, canary: number) => ({ at, written: at - 500, canary, matched: 0, mirrored: false });

const first = (all: readonly Stretch[]): Stretch => all[0] as Stretch;

describe('requests by weight', () => {
  const settings = { followMs: 1000, end: 20_000 };

  it('are counted where the weight stood still, away from its changes', () => {
    const seen = [...answers(0, 1000, 0), ...answers(10_000, 1000, 1000)];
    const [before, after] = stretchesOf(seen, [weight(0, 0), weight(10_000, 100)], settings);
    expect(before).toMatchObject({ counted: 850, canary: 0, seconds: 10, revisions: { 1: 850 } });
    expect(after).toMatchObject({ counted: 900, canary: 900, seconds: 10, revisions: { 2: 900 } });
  });

  it('are counted when the data plane follows, where it says so, and never where it does not', () => {
    const seen = [...answers(0, 1000, 0), ...answers(10_000, 1000, 1000)];
    const counts = (followed: number): number[] =>
      stretchesOf(seen, [weight(0, 0), { ...weight(10_000, 100), followed }], settings).map(({ counted }) => counted);
    expect([counts(10_100), counts(13_000), counts(Number.POSITIVE_INFINITY)]).toEqual([
      [850, 900],
      [850, 700],
      [850, 0],
    ]);
  });

  it('are failures at any moment, and never part of a share', () => {
    const seen = [...answers(0, 1000, 0), failed(10), failed(5000), failed(19_999)];
    const [before, after] = stretchesOf(seen, [weight(0, 0), weight(10_000, 50)], settings);
    expect(before).toMatchObject({ counted: 850, failed: 2 });
    expect(after).toMatchObject({ counted: 0, failed: 1 });
  });
});

describe('a share', () => {
  const stretch = (canary: number, of: number, percent: number): Stretch =>
    first(stretchesOf(answers(0, of, canary), [weight(0, percent)], { followMs: 0, end: of * 10 }));

  it('is off by points, and by standard deviations of chance', () => {
    const some = stretch(230, 1000, 20);
    expect(shareOf(some)).toBe(23);
    expect(pointsOff(some)).toBeCloseTo(3);
    expect(deviationsOff(some)).toBeCloseTo(30 / Math.sqrt(160));
  });

  it('leaves nothing to chance where all or none go to the canary', () => {
    expect(deviationsOff(stretch(0, 500, 0))).toBe(0);
    expect(deviationsOff(stretch(1, 500, 0))).toBe(Number.POSITIVE_INFINITY);
    expect(deviationsOff(stretch(499, 500, 100))).toBe(Number.POSITIVE_INFINITY);
  });
});
