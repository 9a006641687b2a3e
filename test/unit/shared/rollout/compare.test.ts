import { describe, expect, it } from 'vitest';
import type { AnalysisMetric } from '../../../../shared/api/canary.ts';
import { type Answer, type Answers, probeKey } from '../../../../shared/api/model.ts';
import { type Judged, judge } from '../../../../shared/rollout/assess.ts';
import { type CheckRound, runChecks } from '../../../../shared/rollout/checks.ts';
import type { MetricAnswer } from '../../../../shared/rollout/compare.ts';
import { aCanary, withAnalysis } from '../../../make/canary.ts';
import { worldOf } from './command-world.ts';

const value = (number: number): MetricAnswer => ({ kind: 'value', value: number, query: 'canary' });
const primaryValue = (number: number): MetricAnswer => ({ kind: 'value', value: number, query: 'primary' });
const EMPTY: MetricAnswer = { kind: 'empty', error: 'no values found', query: 'primary' };

const compare = (more: Partial<NonNullable<AnalysisMetric['compare']>>): Partial<AnalysisMetric> => ({
  compare: { with: 'primary', ...more },
});

const of = (metric: Partial<AnalysisMetric>, canary: number, primary: MetricAnswer): Judged =>
  judge(
    { canary: aCanary(), metric: { name: 'own', ...metric }, part: 'query', provider: 'any' },
    { value: value(canary), primary: { value: primary } },
  );

describe('a comparison with the primary', () => {
  it.each<[string, Partial<AnalysisMetric>, number, number, 'passed' | 'failed']>([
    ['as much as is allowed', compare({ maxIncreasePercent: 10 }), 110, 100, 'passed'],
    ['a little more', compare({ maxIncreasePercent: 10 }), 110.01, 100, 'failed'],
    ['less, where only more is forbidden', compare({ maxIncreasePercent: 10 }), 1, 100, 'passed'],
    ['as little as is allowed', compare({ maxDecreasePercent: 1 }), 99, 100, 'passed'],
    ['a little less', compare({ maxDecreasePercent: 1 }), 98.9, 100, 'failed'],
    [
      'the same, where nothing is allowed',
      compare({ maxIncreasePercent: 0, maxDecreasePercent: 0 }),
      0.3,
      0.3,
      'passed',
    ],
    ['anything above a primary at 0', compare({ maxIncreasePercent: 500 }), 0.1, 0, 'failed'],
    ['0 like the primary', compare({ maxIncreasePercent: 5 }), 0, 0, 'passed'],
    ['more than a primary below 0', compare({ maxIncreasePercent: 10 }), -89, -100, 'failed'],
    [
      'within fixed bounds alone',
      { ...compare({ maxIncreasePercent: 10 }), thresholdRange: { max: 50 } },
      60,
      100,
      'failed',
    ],
    [
      'within the comparison alone',
      { ...compare({ maxIncreasePercent: 10 }), thresholdRange: { max: 500 } },
      111,
      100,
      'failed',
    ],
    ['within both', { ...compare({ maxIncreasePercent: 10 }), thresholdRange: { max: 500 } }, 105, 100, 'passed'],
  ])('of %s', (_what, metric, canary, primary, verdict) => {
    expect(of(metric, canary, primaryValue(primary)).verdict).toBe(verdict);
  });

  it('leaves both values, both queries and the bounds that follow in the check', () => {
    expect(of(compare({ maxIncreasePercent: 10, maxDecreasePercent: 20 }), 100, primaryValue(0.3)).check).toEqual({
      name: 'own',
      query: 'canary',
      value: 100,
      min: 0.24,
      max: 0.33,
      verdict: 'failed',
      message: 'Halt podinfo.test advancement own 100.00 > 0.33 (primary 0.3)',
      compared: { with: 'primary', query: 'primary', value: 0.3 },
    });
  });

  it('says nothing of the primary where a fixed bound was crossed', () => {
    const metric = { ...compare({ maxIncreasePercent: 10 }), thresholdRange: { max: 50 } };
    expect(of(metric, 60, primaryValue(100)).message).toBe('Halt podinfo.test advancement own 60.00 > 50');
  });

  it('gives durations as durations', () => {
    const { message } = judge(
      {
        canary: aCanary(),
        metric: { name: 'request-duration', ...compare({ maxIncreasePercent: 10 }) },
        part: 'builtin',
        provider: 'any',
      },
      { value: value(600), primary: { value: primaryValue(500) } },
    );
    expect(message).toBe('Halt podinfo.test advancement request duration 600ms > 550ms (primary 500ms)');
  });

  it.each<[string, MetricAnswer, string]>([
    ['no data', EMPTY, 'no values found for the primary'],
    ['an infinite value', primaryValue(Infinity), 'no values found for the primary'],
    ['a refusal', { kind: 'error', message: 'refused', query: '' }, 'refused'],
  ])('with %s on the other side has no verdict', (_what, primary, why) => {
    expect(of(compare({ maxIncreasePercent: 10 }), 1, primary)).toMatchObject({
      verdict: 'inconclusive',
      message: `Halt podinfo.test advancement own has nothing to be compared with: ${why}`,
    });
  });
});

describe('a round of checks', () => {
  const metric = (more: Partial<AnalysisMetric>): AnalysisMetric => ({ name: 'own', query: 'up', ...more });
  const run = (of: AnalysisMetric, answers: Answers = new Map()): CheckRound =>
    runChecks(worldOf(aCanary(withAnalysis({ metrics: [of] }))), answers);
  const asked = (of: AnalysisMetric, first: Answer = value(1)): string[] => {
    const answers = new Map<string, Answer>();
    for (;;) {
      const round = run(of, answers);
      if (!('ask' in round)) return [...answers.keys()];
      answers.set(probeKey(round.ask), answers.size === 0 ? first : value(100));
    }
  };
  const both = { minSamples: 10, ...compare({ maxIncreasePercent: 10 }) };

  it('asks the primary, and for numbers of requests, only where they are needed', () => {
    expect(asked(metric({}))).toEqual(['metric:0:query']);
    expect(asked(metric({ minSamples: 0 }))).toEqual(['metric:0:query']);
    expect(asked(metric({ minSamples: 10 }))).toEqual(['metric:0:query', 'metric:0:query:samples']);
    expect(asked(metric(compare({ maxIncreasePercent: 10 })))).toEqual(['metric:0:query', 'metric:0:query:primary']);
    expect(asked(metric(both))).toEqual([
      'metric:0:query',
      'metric:0:query:samples',
      'metric:0:query:primary',
      'metric:0:query:primary:samples',
    ]);
  });

  it('asks nothing more without a value, and no number that came with it', () => {
    expect(asked(metric(both), EMPTY)).toEqual(['metric:0:query']);
    expect(asked(metric({ minSamples: 10 }), { kind: 'value', value: 1, query: 'up', samples: 3 })).toEqual([
      'metric:0:query',
    ]);
  });

  it.each<[string, MetricAnswer, MetricAnswer, string]>([
    ['few requests', value(9.4), value(100), 'own has 9 of 10 samples'],
    ['few requests to the primary', value(100), value(3), 'own has 3 of 10 samples of the primary'],
    ['no series that counts', EMPTY, value(100), 'own has 0 of 10 samples'],
    [
      'nobody to count',
      { kind: 'error', message: 'refused', query: '' },
      value(100),
      'own can not count requests: refused',
    ],
  ])('has no verdict with %s', (_what, canary, primary, text) => {
    const round = run(
      metric(both),
      new Map([
        ['metric:0:query', value(1)],
        ['metric:0:query:samples', canary],
        ['metric:0:query:primary', value(1)],
        ['metric:0:query:primary:samples', primary],
      ]),
    );
    expect(round).toMatchObject({
      outcome: 'failed',
      checks: [{ verdict: 'inconclusive', message: `Halt podinfo.test advancement ${text}` }],
    });
  });
});
