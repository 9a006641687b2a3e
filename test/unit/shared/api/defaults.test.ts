import { describe, expect, test } from 'vitest';
import type { AnalysisMetric, AnalysisWebhook, Canary } from '../../../../shared/api/canary.ts';
import * as defaults from '../../../../shared/api/defaults.ts';

const canaryOf = (analysis: unknown, spec: object = {}): Canary =>
  ({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'podinfo' },
    spec: { analysis, ...spec },
  }) as unknown as Canary;

const hookOf = (fields: object): AnalysisWebhook => ({ name: 'hook', url: 'http://hook', ...fields });

describe('effective values of a spec', () => {
  test.each([
    [undefined, 60_000],
    ['', 60_000],
    ['10sfoo', 60_000],
    ['30', 60_000],
    ['5s', 10_000],
    ['500ms', 10_000],
    ['10s', 10_000],
    ['90s', 90_000],
    ['2m', 120_000],
    ['1m30s', 90_000],
  ])('interval %j means %d ms', (interval, ms) => {
    expect(defaults.intervalMsOf(canaryOf({ interval }))).toBe(ms);
  });

  test.each([
    [undefined, 1],
    [0, 1],
    [-3, 1],
    [0.9, 1],
    [3, 3],
    [3.9, 3],
  ])('threshold %j means %d', (threshold, count) => {
    expect(defaults.thresholdOf(canaryOf({ threshold }))).toBe(count);
  });

  test.each([
    [{}, 100],
    [{ maxWeight: 0 }, 100],
    [{ maxWeight: -1 }, 100],
    [{ maxWeight: 50 }, 50],
    [{ maxWeight: 400 }, 400],
    [{ maxWeight: 50, stepWeights: [] }, 50],
    [{ maxWeight: 50, stepWeights: [10, 80] }, 80],
    [{ stepWeights: [10, 120] }, 100],
  ])('the greatest weight of %j is %d', (analysis, weight) => {
    expect(defaults.maxWeightOf(canaryOf(analysis))).toBe(weight);
  });

  test('percents and counts are whole, and 0 where absent', () => {
    const canary = canaryOf({ stepWeight: 2.5, stepWeights: [1.9, 5], stepWeightPromotion: 30, iterations: 4.2 });
    expect(defaults.stepWeightOf(canary)).toBe(2);
    expect(defaults.stepWeightsOf(canary)).toEqual([1, 5]);
    expect(defaults.stepWeightPromotionOf(canary)).toBe(30);
    expect(defaults.iterationsOf(canary)).toBe(4);
    expect(defaults.iterationsOf(canaryOf({ iterations: -1 }))).toBe(0);
    expect(defaults.stepWeightOf(canaryOf({}))).toBe(0);
    expect(defaults.stepWeightPromotionOf(canaryOf({}))).toBe(0);
  });

  test('the progress deadline is 600 s where absent, and 0 where it says so', () => {
    expect(defaults.progressDeadlineSecondsOf(canaryOf({}))).toBe(600);
    expect(defaults.progressDeadlineSecondsOf(canaryOf({}, { progressDeadlineSeconds: 0 }))).toBe(0);
    expect(defaults.progressDeadlineSecondsOf(canaryOf({}, { progressDeadlineSeconds: 60.7 }))).toBe(60);
  });

  test('ready thresholds are 100 where absent, and 0 where they say so', () => {
    expect(defaults.primaryReadyThresholdOf(canaryOf({}))).toBe(100);
    expect(defaults.canaryReadyThresholdOf(canaryOf({}))).toBe(100);
    expect(defaults.primaryReadyThresholdOf(canaryOf({ primaryReadyThreshold: 0 }))).toBe(0);
    expect(defaults.canaryReadyThresholdOf(canaryOf({ canaryReadyThreshold: 50 }))).toBe(50);
  });

  test('analysis is skipped where asked for, and where there is none', () => {
    expect(defaults.skipsAnalysis(canaryOf({}))).toBe(false);
    expect(defaults.skipsAnalysis(canaryOf({}, { skipAnalysis: true }))).toBe(true);
    expect(defaults.skipsAnalysis(canaryOf(undefined))).toBe(true);
  });

  test('the window of a metric is 1m where absent or empty', () => {
    const metricOf = (interval?: string): AnalysisMetric => ({
      name: 'm',
      ...(interval === undefined ? {} : { interval }),
    });
    expect([undefined, '', '30s'].map((interval) => defaults.metricIntervalOf(metricOf(interval)))).toEqual([
      '1m',
      '1m',
      '30s',
    ]);
  });

  test('an alert without severity means info', () => {
    const alert = { name: 'a', providerRef: { name: 'p' } };
    expect(defaults.alertSeverityOf(alert)).toBe('info');
    expect(defaults.alertSeverityOf({ ...alert, severity: '' })).toBe('info');
    expect(defaults.alertSeverityOf({ ...alert, severity: 'error' })).toBe('error');
  });

  test('a cookie lives a day where absent or 0', () => {
    expect(defaults.cookieMaxAgeOf({ cookieName: 'c' })).toBe(86_400);
    expect(defaults.cookieMaxAgeOf({ cookieName: 'c', maxAge: 0 })).toBe(86_400);
    expect(defaults.cookieMaxAgeOf({ cookieName: 'c', maxAge: 60 })).toBe(60);
  });
});

describe('effective values of a hook', () => {
  test.each([
    [{}, 10_000],
    [{ timeout: '' }, 10_000],
    [{ timeout: '5' }, 10_000],
    [{ timeout: '5s' }, 5000],
    [{ timeout: '0s' }, 0],
    [{ timeout: '55' }, undefined],
    [{ timeout: '5sx' }, undefined],
  ])('%j gives a timeout of %j ms', (fields, ms) => {
    expect(defaults.hookTimeoutMsOf(hookOf(fields))).toBe(ms);
  });

  test('a hook without type is a rollout hook, and is tried once', () => {
    expect(defaults.hookTypeOf(hookOf({}))).toBe('rollout');
    expect(defaults.hookTypeOf(hookOf({ type: '' }))).toBe('rollout');
    expect(defaults.hookTypeOf(hookOf({ type: 'event' }))).toBe('event');
    expect(defaults.hookRetriesOf(hookOf({}))).toBe(0);
    expect(defaults.hookRetriesOf(hookOf({ retries: -2 }))).toBe(0);
    expect(defaults.hookRetriesOf(hookOf({ retries: 3 }))).toBe(3);
  });
});

describe('objects that no schema has seen', () => {
  const hostile: readonly unknown[] = [
    undefined,
    null,
    'text',
    [],
    7,
    {
      interval: 5,
      threshold: '3',
      maxWeight: Number.NaN,
      stepWeights: 'x',
      metrics: {},
      webhooks: [null],
      alerts: ['a'],
    },
  ];

  test.each(hostile)('an analysis like %j reads as one without fields', (analysis) => {
    const canary = canaryOf(analysis);
    expect(defaults.intervalMsOf(canary)).toBe(60_000);
    expect(defaults.thresholdOf(canary)).toBe(1);
    expect(defaults.maxWeightOf(canary)).toBe(100);
    expect(defaults.metricsOf(canary)).toEqual([]);
    expect(defaults.webhooksOf(canary)).toEqual([]);
    expect(defaults.alertsOf(canary)).toEqual([]);
  });

  test('an object without spec reads as one without fields', () => {
    const canary = { apiVersion: '', kind: '', metadata: { name: 'x' } } as unknown as Canary;
    expect(defaults.progressDeadlineSecondsOf(canary)).toBe(600);
    expect(defaults.skipsAnalysis(canary)).toBe(true);
    expect(defaults.analysisOf(canary)).toEqual({});
  });
});
