import { describe, expect, it } from 'vitest';
import type { AnalysisMetric, AnalysisWebhook } from '../../../../shared/api/canary.ts';
import type { Answer, Check } from '../../../../shared/api/model.ts';
import { type Judged, judge, type MetricPart } from '../../../../shared/rollout/assess.ts';
import { runChecks } from '../../../../shared/rollout/checks.ts';
import { comparedWith, countOf, type MetricAnswer, relativeTo, tighter } from '../../../../shared/rollout/compare.ts';
import { aCanary, withAnalysis, withStatus } from '../../../make/canary.ts';
import { at, worldOf } from './command-world.ts';

const value = (number: number, query = 'up'): MetricAnswer => ({ kind: 'value', value: number, query });
const EMPTY: MetricAnswer = { kind: 'empty', error: 'none', query: 'up' };
const REFUSED: MetricAnswer = { kind: 'error', message: 'refused', query: '' };
const RISE = { compare: { with: 'primary' as const, maxIncreasePercent: 10 } };

interface Given {
  metric?: Partial<AnalysisMetric>;
  part?: MetricPart;
  primary?: MetricAnswer;
  samples?: MetricAnswer;
}

const judged = (canary: MetricAnswer | number, { metric, part = 'query', primary, samples }: Given = {}): Judged =>
  judge(
    { canary: aCanary(), metric: { name: 'own', ...metric }, part, provider: 'nginx' },
    {
      value: typeof canary === 'number' ? value(canary) : canary,
      ...(samples && { samples }),
      ...(primary && { primary: { value: primary } }),
    },
  );

describe('a check in status has what was measured, and no field for what was not', () => {
  it.each<[string, Judged, object]>([
    ['no bound', judged(1, { metric: { thresholdRange: {} } }), { value: 1 }],
    ['a least value', judged(1, { metric: { thresholdRange: { min: 0 } } }), { value: 1, min: 0 }],
    ['a largest value', judged(1, { metric: { thresholdRange: { max: 2 } } }), { value: 1, max: 2 }],
    ['an old threshold', judged(1, { metric: { threshold: 3 } }), { value: 1, max: 3 }],
    ['no threshold at all', judged(0), { value: 0, max: 0 }],
    [
      'a number of requests',
      judged(1, { metric: { threshold: 3, minSamples: 2 }, samples: value(7.6) }),
      { value: 1, max: 3, samples: 8 },
    ],
    [
      'a comparison',
      judged(1, { metric: RISE, primary: value(1, 'theirs') }),
      { value: 1, max: 1.1, compared: { with: 'primary', query: 'theirs', value: 1 } },
    ],
    [
      'a comparison beside an old threshold',
      judged(0.5, { metric: { ...RISE, threshold: 1 }, primary: value(1, 'theirs') }),
      { value: 0.5, max: 1, compared: { with: 'primary', query: 'theirs', value: 1 } },
    ],
  ])('with %s', (_what, { check, message }, more) => {
    expect(check).toStrictEqual({ name: 'own', query: 'up', verdict: 'passed', ...more });
    expect(message).toBe('');
  });
});

describe('what crossed a bound that follows from the primary is told with its value', () => {
  it.each<[string, Judged, string]>([
    [
      'a duration as a duration',
      judged(600, { part: 'builtin', metric: { name: 'request-duration', ...RISE }, primary: value(500) }),
      'request duration 600ms > 550ms (primary 500ms)',
    ],
    [
      'a duration of a template as a number',
      judged(600, { part: 'template', metric: { name: 'request-duration', ...RISE }, primary: value(500) }),
      'request-duration 600.00 > 550 (primary 500)',
    ],
    [
      'a success rate as a number',
      judged(90, {
        part: 'builtin',
        metric: { name: 'request-success-rate', compare: { with: 'primary', maxDecreasePercent: 1 } },
        primary: value(100),
      }),
      'success rate 90.00% < 99% (primary 100)',
    ],
    [
      'a millisecond as one',
      judged(1, { part: 'builtin', metric: { name: 'request-duration', thresholdRange: { max: 0.5 } } }),
      'request duration 1ms > 500µs',
    ],
    [
      'more than one in whole ones',
      judged(1.9, { part: 'builtin', metric: { name: 'request-duration', thresholdRange: { max: 1 } } }),
      'request duration 1ms > 1ms',
    ],
    [
      'no end of them, below a least one',
      judged(Number.NEGATIVE_INFINITY, {
        part: 'builtin',
        metric: { name: 'request-duration', thresholdRange: { min: 1 } },
      }),
      'request duration -Inf < 1ms',
    ],
  ])('%s', (_what, { message }, text) => {
    expect(message).toBe(`Halt podinfo.test advancement ${text}`);
  });
});

describe('a value that is no number is one that is missing', () => {
  it.each<[MetricPart, string]>([
    ['query', 'Halt advancement no values found for metric: own'],
    ['template', 'Halt advancement no values found for custom metric: own: no values found'],
  ])('of a %s', (part, message) => {
    expect(judged(Number.NaN, { part })).toMatchObject({ verdict: 'inconclusive', message });
  });

  it('has no verdict while requests can not be counted', () => {
    const { message } = judged(1, { metric: { threshold: 3, minSamples: 2 }, samples: REFUSED });
    expect(message).toBe('Halt podinfo.test advancement own can not count requests: refused');
  });
});

describe('requests are counted', () => {
  it.each<[string, MetricAnswer | undefined, number | undefined]>([
    ['in whole numbers', value(3.6), 4],
    ['as none without data', EMPTY, 0],
    ['as none where they are not finite', value(Infinity), 0],
    ['by nobody who refused', REFUSED, undefined],
    ['by nobody who was not asked', undefined, undefined],
  ])('%s', (_what, answer, count) => {
    expect(countOf(answer)).toBe(count);
  });
});

describe('the other side', () => {
  it.each<[string, Parameters<typeof comparedWith>[0], object | undefined]>([
    ['that nobody asked is not there', undefined, undefined],
    ['has its value', { value: value(2) }, { with: 'primary', query: 'up', value: 2 }],
    ['has its samples', { value: value(2), samples: value(9) }, { with: 'primary', query: 'up', value: 2, samples: 9 }],
    ['without data has its query', { value: EMPTY }, { with: 'primary', query: 'up' }],
    ['that is infinite has its query', { value: value(Infinity) }, { with: 'primary', query: 'up' }],
    ['that refused has neither', { value: REFUSED }, { with: 'primary' }],
  ])('%s', (_what, primary, compared) => {
    if (compared === undefined) expect(comparedWith(primary)).toBeUndefined();
    else expect(comparedWith(primary)).toStrictEqual(compared);
  });
});

describe('bounds', () => {
  const metric = (compare?: Partial<NonNullable<AnalysisMetric['compare']>>): AnalysisMetric => ({
    name: 'own',
    ...(compare && { compare: { with: 'primary', ...compare } }),
  });

  it.each<[string, AnalysisMetric, MetricAnswer | undefined, object]>([
    ['do not follow without a comparison', metric(), value(100), {}],
    ['do not follow without an answer', metric({ maxIncreasePercent: 10 }), undefined, {}],
    ['do not follow without a value', metric({ maxIncreasePercent: 10 }), EMPTY, {}],
    ['follow above', metric({ maxIncreasePercent: 10 }), value(100), { max: 110 }],
    ['follow below', metric({ maxDecreasePercent: 10 }), value(100), { min: 90 }],
  ])('%s', (_what, of, answer, bounds) => {
    expect(relativeTo(of, answer)).toStrictEqual(bounds);
  });

  it.each<[string, Parameters<typeof tighter>, object]>([
    ['none', [{}, {}], {}],
    ['one least value', [{ min: 1 }, {}], { min: 1 }],
    ['the larger of two least values', [{ min: 1 }, { min: 2 }], { min: 2 }],
    ['the smaller of two largest values', [{ max: 1 }, { max: 2 }], { max: 1 }],
  ])('of both sides leave %s', (_what, [one, other], both) => {
    expect(tighter(one, other)).toStrictEqual(both);
  });
});

describe('a round of checks', () => {
  const own: AnalysisMetric = { name: 'own', query: 'up', thresholdRange: { max: 1 } };
  const run = (metrics: AnalysisMetric[], webhooks: AnalysisWebhook[], answers: [string, Answer][], checks?: Check[]) =>
    runChecks(
      worldOf(aCanary(withAnalysis({ metrics, webhooks }), withStatus({ ...(checks && { checks }) }))),
      new Map(answers),
    );
  const load: AnalysisWebhook = { name: 'load', type: 'rollout', url: 'http://hook' };
  const gate: AnalysisWebhook = { name: 'gate', type: 'confirm-promotion', url: 'http://hook' };
  const passed = (name: string): Check => ({ name, verdict: 'passed', time: at(-9) });

  it.each<[string, Answer]>([
    ['a hook', { kind: 'hook', passed: true, error: '' }],
    ['a kept revision', { kind: 'kept', isKept: true }],
  ])('takes the answer of %s for none of a metric', (_what, answer) => {
    expect(run([own], [], [['metric:0:query', answer]])).toMatchObject({ ask: { ask: 'metric', index: 0 } });
  });

  it.each<[string, AnalysisMetric, Answer, boolean]>([
    ['not, where nobody wants a least number', own, value(1), false],
    ['where somebody does', { ...own, minSamples: 5 }, value(1), true],
    [
      'not, where the number came with the value',
      { ...own, minSamples: 5 },
      { ...value(1), samples: 9 } as Answer,
      false,
    ],
  ])('asks for the number of requests %s', (_what, metric, answer, doesAsk) => {
    expect('ask' in run([metric], [], [['metric:0:query', answer]])).toBe(doesAsk);
  });

  it('counts by what came with the value, whatever else was counted', () => {
    const both: [string, Answer][] = [
      ['metric:0:query', { ...value(1), samples: 9 } as Answer],
      ['metric:0:query:samples', value(1)],
    ];
    expect(run([{ ...own, minSamples: 5 }], [], both)).toMatchObject({ checks: [{ verdict: 'passed', samples: 9 }] });
  });

  it('does not count requests to a primary that has no value', () => {
    const answers: [string, Answer][] = [
      ['metric:0:query', value(1)],
      ['metric:0:query:samples', value(9)],
      ['metric:0:query:primary', EMPTY],
    ];
    expect(run([{ ...own, ...RISE, minSamples: 5 }], [], answers)).toMatchObject({ outcome: 'failed' });
  });

  it('keeps the last result of rollout hooks that were not reached, and of no others', () => {
    const no: Answer = { kind: 'hook', passed: false, error: 'no' };
    const before = [passed('load'), passed('gate'), passed('own'), passed('gone')];
    const round = run([own], [{ ...load, name: 'first' }, load, gate], [['hook:0', no]], before);
    expect('checks' in round && round.checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'load passed',
      'own passed',
      'first failed',
    ]);
  });

  it('has no checks from before where there were none', () => {
    expect(run([], [], [])).toEqual({ outcome: 'passed', checks: [], reports: [] });
  });

  it('shortens the query of the primary, too, and adds none where there is none', () => {
    const of = (theirs: MetricAnswer) => {
      const round = run(
        [{ ...own, ...RISE }],
        [],
        [
          ['metric:0:query', value(1)],
          ['metric:0:query:primary', theirs],
        ],
      );
      return 'checks' in round ? round.checks[0] : undefined;
    };
    const { compared } = of(value(1, 'q'.repeat(5000))) ?? {};
    expect(compared).toStrictEqual({ with: 'primary', value: 1, query: `${'q'.repeat(2000)}…` });
    expect(of(REFUSED)?.compared).toStrictEqual({ with: 'primary' });
  });
});
