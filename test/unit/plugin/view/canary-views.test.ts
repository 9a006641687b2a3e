import { describe, expect, it } from 'vitest';
import { columns } from '../../../../plugin/view/columns.ts';
import { checkLines, headerLine, waitingLine, weightLines } from '../../../../plugin/view/header.ts';
import { stateLine } from '../../../../plugin/view/lines.ts';
import { nextStep } from '../../../../plugin/view/next.ts';
import { statusView } from '../../../../plugin/view/status-view.ts';
import { makeStyle } from '../../../../plugin/view/style.ts';
import { progressOf, summarize } from '../../../../plugin/view/summary.ts';
import { canaryRows } from '../../../../plugin/view/table.ts';
import { explain, whyLines } from '../../../../plugin/view/why.ts';
import type { Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import { PHASES } from '../../../../shared/api/phase.ts';
import { aCanary, inPhase, withSpec, withStatus, withWeights } from '../../../make/canary.ts';

const NOW = Date.UTC(2026, 0, 1, 14, 3, 10);
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();
const style = makeStyle({ color: false, utc: true });

const HISTORY: NonNullable<CanaryStatus['history']> = [
  { number: 1, revision: '9d31aaaaaa', result: 'initialized' },
  { number: 2, revision: 'b02ebbbbbb', result: 'running' },
];

const CHECKS: NonNullable<CanaryStatus['checks']> = [
  {
    name: 'request-success-rate',
    query: 'sum(\n  rate(x))',
    value: 97.123,
    min: 99,
    verdict: 'failed',
    samples: 1204,
    time: at(5),
  },
  { name: 'request-duration', value: 412, max: 500, verdict: 'passed', time: at(5) },
  { name: 'queue-depth', max: 100, verdict: 'inconclusive', message: 'no values found', time: at(5) },
];

const progressing = (status: Partial<CanaryStatus> = {}): Canary =>
  aCanary(
    withSpec({ provider: 'nginx' }),
    withWeights(10, 50),
    withStatus({
      phase: 'Progressing',
      canaryWeight: 20,
      revision: 'b02ebbbbbb',
      history: HISTORY,
      dueAt: at(-38),
      ...status,
    }),
  );

const table = (canary: Canary, wide = false): string[] => {
  const options = { now: NOW, namespaces: true, wide, showLabels: false, labelColumns: [], headers: true };
  return columns(canaryRows([canary], options, style));
};

describe('how far a rollout is', () => {
  it.each<[what: string, canary: Canary, step: number, total: number]>([
    ['by weight', progressing(), 2, 5],
    ['by a weight between two steps', progressing({ canaryWeight: 15 }), 1, 5],
    [
      'by a list of weights',
      aCanary(
        withSpec({ provider: 'nginx', analysis: { stepWeights: [1, 5, 80] } }),
        withStatus({ phase: 'Progressing', canaryWeight: 5 }),
      ),
      2,
      3,
    ],
    [
      'by a step that passes the maximum',
      aCanary(
        withSpec({ provider: 'nginx' }),
        withWeights(30, 50),
        withStatus({ phase: 'Progressing', canaryWeight: 60 }),
      ),
      2,
      2,
    ],
    ['by iterations', aCanary(withStatus({ phase: 'Progressing', iterations: 2 })), 2, 3],
    ['in promotion: all of it', progressing({ phase: 'Promoting', canaryWeight: 0 }), 5, 5],
    [
      'by the default of a provider that only counts',
      aCanary(withSpec({ analysis: {} }), inPhase('Progressing')),
      0,
      10,
    ],
    [
      'of a provider nobody knows',
      aCanary(
        withSpec({ provider: 'kuma', analysis: { stepWeight: 50 } }),
        withStatus({ phase: 'Progressing', canaryWeight: 50 }),
      ),
      1,
      2,
    ],
  ])('%s', (_, canary, step, total) => {
    expect(progressOf(canary)).toMatchObject({ step, total });
  });
});

describe('one Canary as a row', () => {
  it('shows step, weight, path, checks and both revisions while it moves', () => {
    expect(table(progressing({ failedChecks: 1 }))).toEqual([
      'NAMESPACE   NAME      STATUS          STEP   WEIGHT   CHECKS   WAITING ON           REVISION            AGE',
      'test        podinfo   ● Progressing   2/5    20 ▂▄    ✖1/3     next check in 0:38   9d31aaa ⇒ b02ebbb   -',
    ]);
  });

  it('is quiet when nothing moves', () => {
    expect(table(aCanary(withStatus({ phase: 'Succeeded', revision: 'b02ebbbbbb' })))[1]).toBe(
      'test        podinfo   ✔ Succeeded   -      -        -        -            b02ebbb    -',
    );
  });

  it('says who paused it, and that this hides the phase', () => {
    const row = table(progressing({ paused: { since: at(60), by: 'anna' } }))[1];
    expect(row).toContain('‖ Paused');
    expect(row).toContain('resume (paused by anna)');
  });

  it('takes control characters out of what others wrote', () => {
    expect(table(progressing({ waitingFor: { what: 'a\u001b[31mb' } }))[1]).toContain('   ab   ');
  });

  it('has more columns when it is wide', () => {
    expect(table(progressing(), true)[0]).toMatch(/TARGET +PROVIDER +STRATEGY +INTERVAL +MAX +IMAGE +LAST CHANGE$/);
    expect(table(progressing(), true)[1]).toMatch(/Deployment\/podinfo +nginx +canary +10s +50 +- +-$/);
  });
});

describe('the head of a view', () => {
  it('names state, step, weight, what comes next and the revisions', () => {
    expect(headerLine(progressing(), NOW, style)).toBe(
      'podinfo.test ● Progressing   step 2/5   weight 20   next 30 in 0:38   revision 9d31aaa ⇒ b02ebbb',
    );
  });

  it('draws the way of the weight and the split of the traffic', () => {
    expect(weightLines(progressing(), NOW, style)).toEqual([
      'weight  ▂▄┄┄┄ to 50   primary ████████████████░░░░ 80 : 20 canary   promotion in about 68s if all pass',
    ]);
    expect(weightLines(aCanary(inPhase('Succeeded')), NOW, style)).toEqual([]);
  });

  it('sets each check against its bound, and says what was wrong', () => {
    expect(checkLines(CHECKS, style)).toEqual([
      'request-success-rate   ✖ failed         97.12     ≥ 99    1204 samples   97.12 < 99',
      'request-duration       ✔ passed         412       ≤ 500',
      'queue-depth            ? inconclusive   no data   ≤ 100                  no values found',
    ]);
  });

  it('shows the primary beside what is compared with it', () => {
    const compared = { with: 'primary', value: 500, query: 'p99{app="podinfo-primary"}' };
    const check = { name: 'p99', value: 600, max: 550, verdict: 'failed' as const, compared, time: at(5) };
    const other = { ...check, compared: { with: 'primary' } };
    expect(checkLines([check, other], style)).toEqual([
      'p99   ✖ failed   600 (primary 500)       ≤ 550      600 > 550',
      'p99   ✖ failed   600 (primary no data)   ≤ 550      600 > 550',
    ]);
    const canary = progressing({ checks: [check] });
    expect(whyLines(canary, explain(canary, NOW, {}), NOW, style)).toContain(
      '      primary: p99{app="podinfo-primary"}',
    );
  });

  it('tells what it waits for, but not the next check, which the head has', () => {
    expect(waitingLine(progressing(), NOW, style)).toEqual([]);
    const paused = progressing({ paused: { since: at(9), by: 'anna', reason: 'lunch' } });
    expect(waitingLine(paused, NOW, style)).toEqual(['‖ waits for resume (paused by anna): "lunch"']);
  });

  it('keeps to ASCII when told', () => {
    const ascii = makeStyle({ color: false, ascii: true });
    const lines = [
      headerLine(progressing(), NOW, ascii),
      ...weightLines(progressing(), NOW, ascii),
      ...checkLines(CHECKS, ascii),
    ];
    expect(lines.join('')).toMatch(/^[ -~]*$/);
  });
});

describe('one line per state, for logs', () => {
  it.each<[canary: Canary, line: string]>([
    [progressing(), 'podinfo.test Progressing weight=20 step=2/5 checks=pass revision=b02ebbb'],
    [
      progressing({ failedChecks: 1, checks: CHECKS }),
      'podinfo.test Progressing weight=20 step=2/5 checks=FAIL(1/3) request-success-rate 97.12 < 99 revision=b02ebbb',
    ],
    [
      progressing({ phase: 'Failed', canaryWeight: 0, checks: CHECKS }),
      'podinfo.test Failed weight=0 rolled back: request-success-rate 97.12 < 99 revision=b02ebbb',
    ],
    [
      progressing({ waitingFor: { what: 'pods of podinfo.test' } }),
      'podinfo.test Progressing weight=20 step=2/5 checks=pass waiting-for="pods of podinfo.test" revision=b02ebbb',
    ],
    [
      progressing({ paused: { since: at(1), by: 'anna' } }),
      'podinfo.test Paused weight=20 step=2/5 checks=pass paused-by=anna revision=b02ebbb',
    ],
    [aCanary(), 'podinfo.test New weight=0'],
  ])('%#', (canary, line) => {
    expect(stateLine(canary, NOW)).toBe(line);
  });
});

describe('what comes next', () => {
  it.each(PHASES.map((phase) => [phase]))('is one sentence in phase "%s"', (phase) => {
    const { text } = nextStep(aCanary(inPhase(phase)), NOW);
    expect(text).toMatch(/^[a-z0-9].{10,}$/);
    expect(text).not.toMatch(/undefined|NaN/);
  });

  it('says in a running analysis when, what for, and how much may still fail', () => {
    expect(nextStep(progressing({ failedChecks: 2 }), NOW).text).toBe(
      'checks again in 0:38; when they pass: weight 20 to 30; 1 more failed check rolls it back',
    );
    expect(nextStep(progressing({ canaryWeight: 50 }), NOW).text).toContain('when they pass: promotion');
    expect(nextStep(progressing({ dueAt: at(1) }), NOW).text).toContain('checks again now');
  });

  it.each<[what: string, canary: Canary, command: string]>([
    ['paused', progressing({ paused: { since: at(1) } }), 'kubectl canary resume podinfo -n test'],
    ['failed', progressing({ phase: 'Failed' }), 'kubectl canary retry podinfo -n test'],
    ['new', aCanary(), 'kubectl canary run podinfo -n test'],
    [
      'suspended',
      aCanary(withSpec({ suspend: true }), inPhase('Progressing')),
      `kubectl patch canary podinfo -n test --type merge -p '{"spec":{"suspend":false}}'`,
    ],
  ])('offers a command when it is %s', (_, canary, command) => {
    expect(nextStep(canary, NOW).command).toBe(command);
  });
});

describe('why', () => {
  const canary = progressing({
    failedChecks: 1,
    checks: CHECKS,
    commands: [{ id: '1', verb: 'pause', by: 'anna', at: at(120), result: 'refused', message: 'nothing runs' }],
    conditions: [
      { type: 'Promoted', status: 'Unknown', reason: 'Progressing', message: 'analysing', lastUpdateTime: at(10) },
    ],
  });

  it('names query, value, bound and verdict of the last checks, the last word and what comes next', () => {
    const lines = whyLines(canary, explain(canary, NOW, { driver: 'none alive' }), NOW, style);
    expect(lines).toEqual([
      'podinfo.test ● Progressing   step 2/5   weight 20   next 30 in 0:38   revision 9d31aaa ⇒ b02ebbb',
      'checks (5s ago)',
      '  request-success-rate   ✖ failed         97.12     ≥ 99    1204 samples   97.12 < 99',
      '      sum(',
      '      rate(x))',
      '  request-duration       ✔ passed         412       ≤ 500',
      '  queue-depth            ? inconclusive   no data   ≤ 100                  no values found',
      '',
      'decided     analysing (10s ago)',
      'failed      1 of 3 failed checks that are allowed',
      'last word   pause by anna 2026-01-01T14:01:10Z: refused, nothing runs',
      'driver      none alive',
      'next        checks again in 0:38; when they pass: weight 20 to 30; 2 more failed checks roll it back',
    ]);
  });

  it('is an object of its own kind for programs', () => {
    expect(explain(canary, NOW, {})).toMatchObject({
      kind: 'Explanation',
      apiVersion: 'view.kubectl-canary/v1',
      phase: 'Progressing',
      failedChecks: 1,
      threshold: 3,
      checks: CHECKS,
      revision: 'b02ebbbbbb',
      stableRevision: '9d31aaaaaa',
    });
  });

  it('says so when no check has been judged', () => {
    expect(whyLines(aCanary(), explain(aCanary(), NOW, {}), NOW, style)[1]).toBe('no check has been judged yet');
  });
});

describe('the computed status', () => {
  it('leaves out what is not known and has no drawing words', () => {
    expect(statusView(progressing(), NOW)).toEqual({
      kind: 'RolloutStatus',
      apiVersion: 'view.kubectl-canary/v1',
      namespace: 'test',
      name: 'podinfo',
      phase: 'Progressing',
      running: true,
      paused: false,
      needsPerson: false,
      progress: { unit: 'step', done: 2, total: 5 },
      weight: 20,
      failedChecks: 0,
      threshold: 3,
      waiting: 'next check in 0:38',
      dueAt: at(-38),
      revision: 'b02ebbbbbb',
      stableRevision: '9d31aaaaaa',
      checks: [],
    });
  });

  it.each<[canary: Canary, needs: boolean]>([
    [progressing(), false],
    [progressing({ paused: { since: at(1) } }), true],
    [progressing({ phase: 'Waiting' }), true],
    [progressing({ phase: 'WaitingPromotion' }), true],
    [progressing({ phase: 'Failed' }), false],
  ])('knows whether a person is needed (%#)', (canary, needs) => {
    expect(summarize(canary, NOW).needsPerson).toBe(needs);
  });
});
