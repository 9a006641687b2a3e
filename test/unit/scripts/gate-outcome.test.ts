import { describe, expect, it } from 'vitest';
import { type LaneOutcome, laneLine, summaryOf, totalsOf } from '../../../scripts/gate/outcome.ts';

const lane = (name: string, change: Partial<LaneOutcome> = {}): LaneOutcome => ({
  lane: name,
  seconds: 1.26,
  passed: 3,
  failures: [],
  skipped: 0,
  ...change,
});

const broken = lane('golden', {
  passed: 1,
  failures: [{ name: 'late target', message: 'expected 1 to be 2\nat line 7' }],
});

describe('the totals of a run', () => {
  it('add up over the lanes', () => {
    expect(totalsOf([lane('unit'), broken])).toBe('4 passed, 1 failed');
  });

  it('name skipped tests only when there are any', () => {
    expect(totalsOf([lane('unit', { skipped: 2 })])).toBe('3 passed, 0 failed, 2 skipped');
  });
});

describe('the summary of a run', () => {
  it('ends with the totals on a line of their own', () => {
    expect(
      summaryOf([lane('unit'), broken])
        .split('\n')
        .at(-1),
    ).toBe('4 passed, 1 failed');
  });

  it('repeats every failure with its lane, its name and its reason', () => {
    expect(summaryOf([lane('unit'), broken])).toContain(
      'FAILED golden: late target\n    expected 1 to be 2\n    at line 7',
    );
  });

  it('cuts a reason that would fill the screen', () => {
    const message = Array.from({ length: 500 }, (_, index) => `line ${index}`).join('\n');
    const text = summaryOf([lane('unit', { failures: [{ name: 'long', message }] })]);
    expect(text.split('\n').length).toBeLessThan(50);
  });

  it('says beside a lane why it was left out', () => {
    expect(laneLine(lane('apiserver', { passed: 0, skipped: 1, note: 'skipped: no programs' }))).toBe(
      'apiserver    0 passed, 0 failed, 1 skipped (1.3 s): skipped: no programs',
    );
  });
});
