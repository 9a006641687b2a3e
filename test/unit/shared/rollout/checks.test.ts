import { describe, expect, it } from 'vitest';
import type { AnalysisMetric, AnalysisWebhook, Canary } from '../../../../shared/api/canary.ts';
import { type Answer, type Answers, type Check, probeKey } from '../../../../shared/api/model.ts';
import { type CheckRound, runChecks } from '../../../../shared/rollout/checks.ts';
import { aCanary, withAnalysis, withStatus } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { worldOf } from './command-world.ts';

const hook = (name: string, type?: AnalysisWebhook['type']): AnalysisWebhook => ({
  name,
  url: 'http://hook',
  ...(type !== undefined && { type }),
});
const metric = (name: string, more: Partial<AnalysisMetric> = {}): AnalysisMetric => ({
  name,
  thresholdRange: { max: 1 },
  ...more,
});
const canaryWith = (webhooks: AnalysisWebhook[], metrics: AnalysisMetric[], ...more: Modifier<Canary>[]): Canary =>
  aCanary(withAnalysis({ webhooks, metrics }), ...more);

const PASSED: Answer = { kind: 'hook', passed: true, error: '' };
const FAILED: Answer = { kind: 'hook', passed: false, error: 'no' };
const value = (number: number): Answer => ({ kind: 'value', value: number, query: 'up' });
const EMPTY: Answer = { kind: 'empty', error: 'no values found', query: 'up' };

const answered = (...answers: [string, Answer][]): Answers => new Map(answers);
const run = (canary: Canary, answers: Answers = new Map()): CheckRound => runChecks(worldOf(canary), answers);

/** Everything that is asked, each answered well. */
const asked = (canary: Canary): string[] => {
  const answers = new Map<string, Answer>();
  for (;;) {
    const round = run(canary, answers);
    if (!('ask' in round)) return [...answers.keys()];
    answers.set(probeKey(round.ask), round.ask.ask === 'hook' ? PASSED : value(0));
  }
};

const ended = (round: CheckRound): { outcome: string; checks: readonly Check[]; told: readonly string[] } => {
  if ('ask' in round) throw new Error(`asks ${probeKey(round.ask)}`);
  return {
    outcome: round.outcome,
    checks: round.checks,
    told: round.reports.map((report) => ('message' in report ? report.message : '')),
  };
};

describe('a round of checks', () => {
  it('asks rollout hooks first, of any spelling, and no other hooks', () => {
    const hooks = [hook('gate', 'confirm-promotion'), hook('load', 'rollout'), hook('old', ''), hook('bare')];
    expect(asked(canaryWith(hooks, [metric('own', { query: 'up' })]))).toEqual([
      'hook:1',
      'hook:2',
      'hook:3',
      'metric:0:query',
    ]);
  });

  it('asks built-in and inline metrics in their order, templates last, and each form of an entry', () => {
    const metrics = [
      metric('own', { templateRef: { name: 't' } }),
      metric('request-success-rate'),
      metric('request-duration', { templateRef: { name: 't' } }),
      metric('inline', { query: 'up' }),
      metric('nothing'),
    ];
    expect(asked(canaryWith([], metrics))).toEqual([
      'metric:1:builtin',
      'metric:2:builtin',
      'metric:3:query',
      'metric:0:template',
      'metric:2:template',
      'metric:4:template',
    ]);
  });

  it('passes with nothing to ask', () => {
    expect(ended(run(canaryWith([], [])))).toEqual({ outcome: 'passed', checks: [], told: [] });
  });

  it('ends with the first hook that fails', () => {
    const round = ended(
      run(canaryWith([hook('one'), hook('two')], [metric('own', { query: 'up' })]), answered(['hook:0', FAILED])),
    );
    expect(round).toMatchObject({
      outcome: 'failed',
      checks: [{ name: 'one', verdict: 'failed', message: 'external check one failed no' }],
      told: ['Halt podinfo.test advancement external check one failed no'],
    });
  });

  it('ends with the first metric that fails, and says which', () => {
    const canary = canaryWith(
      [],
      [metric('a', { query: 'up' }), metric('b', { query: 'up' }), metric('c', { query: 'up' })],
    );
    const round = ended(run(canary, answered(['metric:0:query', value(1)], ['metric:1:query', value(2)])));
    expect(round.outcome).toBe('failed');
    expect(round.checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(['a passed', 'b failed']);
    expect(round.told).toEqual(['Halt podinfo.test advancement b 2.00 > 1']);
  });

  it.each<[AnalysisMetric['onInconclusive'], string, string[]]>([
    [undefined, 'failed', ['Halt advancement no values found for metric: own']],
    ['fail', 'failed', ['Halt advancement no values found for metric: own']],
    ['hold', 'held', ['Halt advancement no values found for metric: own']],
    ['pass', 'passed', []],
  ])('with no data and the policy %s is %s', (onInconclusive, outcome, told) => {
    const canary = canaryWith([], [metric('own', { query: 'up', ...(onInconclusive && { onInconclusive }) })]);
    expect(ended(run(canary, answered(['metric:0:query', EMPTY])))).toMatchObject({
      outcome,
      told,
      checks: [{ verdict: 'inconclusive' }],
    });
  });

  it('with a bad value fails whatever the policy about missing ones', () => {
    const canary = canaryWith([], [metric('own', { query: 'up', onInconclusive: 'pass' })]);
    expect(ended(run(canary, answered(['metric:0:query', value(2)]))).outcome).toBe('failed');
  });
});

describe('the checks in status', () => {
  const before = withStatus({
    checks: [
      { name: 'a', verdict: 'failed', time: '2026-01-01T00:00:00Z' },
      { name: 'b', verdict: 'passed', time: '2026-01-01T00:00:00Z' },
      { name: 'gone', verdict: 'passed', time: '2026-01-01T00:00:00Z' },
    ],
  });

  it('keep the last result of what was not reached, and lose what is no longer asked', () => {
    const canary = canaryWith([hook('load')], [metric('a', { query: 'up' }), metric('b', { query: 'up' })], before);
    const { checks } = ended(run(canary, answered(['hook:0', PASSED], ['metric:0:query', value(5)])));
    expect(checks.map(({ name, verdict, time }) => `${name} ${verdict} ${time.slice(0, 10)}`)).toEqual([
      'b passed 2026-01-01',
      'load passed 2026-01-02',
      'a failed 2026-01-02',
    ]);
  });

  it('hold no more of a query or message than a status can take', () => {
    const canary = canaryWith([hook('h')], [metric('a', { query: 'up' })]);
    const long = ended(
      run(
        canary,
        answered(
          ['hook:0', PASSED],
          ['metric:0:query', { kind: 'error', message: 'm'.repeat(5000), query: 'q'.repeat(5000) }],
        ),
      ),
    );
    const check = long.checks.find(({ name }) => name === 'a');
    expect(check?.query).toHaveLength(2001);
    expect(check?.message).toHaveLength(301);
  });
});
