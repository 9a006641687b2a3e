import { describe, expect, it } from 'vitest';
import type { AnalysisMetric } from '../../../../shared/api/canary.ts';
import type { Answer } from '../../../../shared/api/model.ts';
import { type Judged, judge, type MetricPart } from '../../../../shared/rollout/assess.ts';
import { aCanary } from '../../../make/canary.ts';

type Measured = Exclude<Answer, { kind: 'hook' | 'kept' }>;
const RATE = 'request-success-rate';
const DURATION = 'request-duration';

const of = (metric: Partial<AnalysisMetric>, answer: Measured | number, part: MetricPart = 'builtin'): Judged => {
  const given: Measured = typeof answer === 'number' ? { kind: 'value', value: answer, query: 'up' } : answer;
  return judge({ canary: aCanary(), metric: { name: RATE, ...metric }, part, provider: 'nginx' }, { value: given });
};

describe('a value', () => {
  it.each<[string, Partial<AnalysisMetric>, number, 'passed' | 'failed']>([
    ['on the lower bound', { thresholdRange: { min: 99 } }, 99, 'passed'],
    ['below the lower bound', { thresholdRange: { min: 99 } }, 98.999, 'failed'],
    ['on the upper bound', { thresholdRange: { max: 500 } }, 500, 'passed'],
    ['a fraction above the upper bound', { thresholdRange: { max: 500 } }, 500.4, 'failed'],
    ['between both', { thresholdRange: { min: 1, max: 2 } }, 1.5, 'passed'],
    ['with no bound at all', { thresholdRange: {} }, -1e9, 'passed'],
    ['with a bound of zero', { thresholdRange: { min: 0 } }, -0.1, 'failed'],
    ['without a range, against a least success rate', { threshold: 99 }, 98, 'failed'],
    ['without a range, against a least success rate of nothing', {}, 0, 'passed'],
    ['without a range, against a longest duration', { name: DURATION, threshold: 500 }, 501, 'failed'],
    ['without a range, against a longest duration of nothing', { name: DURATION }, 1, 'failed'],
    ['without a range, of any other metric', { name: 'own', threshold: 5 }, 6, 'failed'],
    ['that is infinite, above the upper bound', { thresholdRange: { max: 500 } }, Infinity, 'failed'],
    ['that is infinite, below the lower bound', { thresholdRange: { min: 1 } }, -Infinity, 'failed'],
  ])('%s', (_what, metric, value, verdict) => {
    expect(of(metric, value).verdict).toBe(verdict);
  });

  it('stands in the check with its bounds, without those that are open', () => {
    expect(of({ thresholdRange: { min: 99 } }, 99.5).check).toEqual({
      name: RATE,
      query: 'up',
      min: 99,
      value: 99.5,
      verdict: 'passed',
    });
  });

  it('that is infinite stands in the message alone: JSON has no infinity', () => {
    const { check, message } = of({ name: DURATION, thresholdRange: { max: 500 } }, Infinity);
    expect(check).not.toHaveProperty('value');
    expect(message).toBe('Halt podinfo.test advancement request duration +Inf > 500ms');
  });
});

describe('what crossed a bound is told', () => {
  it.each<[string, Partial<AnalysisMetric>, number, MetricPart, string]>([
    ['a low success rate', { thresholdRange: { min: 99 } }, 61.5, 'builtin', 'success rate 61.50% < 99%'],
    ['a high success rate', { thresholdRange: { max: 99.5 } }, 100, 'builtin', 'success rate 100.00% > 99.5%'],
    [
      'a long duration',
      { name: DURATION, thresholdRange: { max: 500 } },
      1515.7,
      'builtin',
      'request duration 1.515s > 500ms',
    ],
    [
      'a duration of minutes',
      { name: DURATION, thresholdRange: { max: 500 } },
      90_000,
      'builtin',
      'request duration 1m30s > 500ms',
    ],
    [
      'a duration below a millisecond',
      { name: DURATION, thresholdRange: { min: 1 } },
      0.25,
      'builtin',
      'request duration 250µs < 1ms',
    ],
    ['a value of its own query', { name: 'errors', thresholdRange: { max: 0.1 } }, 0.126, 'query', 'errors 0.13 > 0.1'],
    [
      'a value of a template',
      { name: RATE, thresholdRange: { min: 5 } },
      1,
      'template',
      'request-success-rate 1.00 < 5',
    ],
  ])('%s', (_what, metric, value, part, text) => {
    expect(of(metric, value, part).message).toBe(`Halt podinfo.test advancement ${text}`);
  });
});

describe('a check without a value has no verdict', () => {
  const empty: Measured = { kind: 'empty', error: 'no values found', query: 'up' };
  const receives = 'probably podinfo.test is not receiving traffic';
  it.each<[string, Partial<AnalysisMetric>, Measured | number, MetricPart, string]>([
    [
      'built in',
      {},
      empty,
      'builtin',
      `Halt advancement no values found for nginx metric ${RATE} ${receives}: no values found`,
    ],
    [
      'built in, for the duration',
      { name: DURATION },
      empty,
      'builtin',
      `Halt advancement no values found for nginx metric ${DURATION} ${receives}`,
    ],
    ['of its own query', { name: 'own' }, empty, 'query', 'Halt advancement no values found for metric: own'],
    [
      'of a template',
      { name: 'own' },
      empty,
      'template',
      'Halt advancement no values found for custom metric: own: no values found',
    ],
    ['not a number', { name: 'own' }, NaN, 'query', 'Halt advancement no values found for metric: own'],
    [
      'not to be asked',
      {},
      { kind: 'error', message: 'Prometheus query failed: refused', query: '' },
      'builtin',
      'Prometheus query failed: refused',
    ],
    [
      'of too few samples',
      { name: 'own', minSamples: 10 },
      { kind: 'value', value: 1, samples: 3, query: 'up' },
      'query',
      'Halt podinfo.test advancement own has 3 of 10 samples',
    ],
  ])('%s', (_what, metric, answer, part, message) => {
    expect(of(metric, answer, part)).toMatchObject({
      verdict: 'inconclusive',
      message,
      check: { verdict: 'inconclusive', message },
    });
  });

  it('and one with enough samples has one', () => {
    expect(
      of({ name: 'own', minSamples: 3, threshold: 5 }, { kind: 'value', value: 1, samples: 3, query: 'up' }).check,
    ).toMatchObject({ verdict: 'passed', samples: 3 });
  });
});
