import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import type { Answer } from '../../../../shared/api/model.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withAnalysis, withHooks } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, command, decidedBy, givenUpBy, NOW, targetOf, told } from './command-world.ts';
import { moves, routed } from './phases/phase-world.ts';
import { hook, iterating, NO, running, YES } from './phases/progress-world.ts';

const METRIC = { name: 'own', query: 'up', thresholdRange: { max: 1 } };
const BAD = new Map<string, Answer>([['metric:0:query', { kind: 'value', value: 9, query: 'up' }]]);
const GRACE = 'the end of the grace period';

const gracious = (status: Partial<CanaryStatus> = {}, ...more: Modifier<Canary>[]): World =>
  running({ trafficSince: at(-15), ...status }, withAnalysis({ gracePeriod: '1m', metrics: [METRIC] }), ...more);

describe('the first step', () => {
  const first = (gracePeriod?: string): World =>
    running({ canaryWeight: 0 }, withAnalysis({ ...(gracePeriod !== undefined && { gracePeriod }) }));

  it('is remembered, and what is waited for from there', () => {
    expect(decidedBy(first('1m')).status).toMatchObject({
      canaryWeight: 10,
      trafficSince: at(0),
      dueAt: at(10),
      waitingFor: { what: GRACE, since: at(0), until: at(60) },
    });
  });

  it.each([undefined, '0s', '10s', '5s'])('with a grace period of %s is judged when the next one is due', (period) => {
    const { status } = decidedBy(first(period));
    expect(status?.trafficSince).toBe(at(0));
    expect(status).not.toHaveProperty('waitingFor');
  });

  it('is the only one that is remembered', () => {
    expect(decidedBy(running({ trafficSince: at(-15) })).status?.trafficSince).toBe(at(-15));
    expect(decidedBy(running()).status).not.toHaveProperty('trafficSince');
    expect(decidedBy(iterating({ iterations: 0, canaryWeight: 0 })).status?.trafficSince).toBe(at(0));
  });

  it('of a driver that died before it could say so counts from when it is found', () => {
    const { status } = decidedBy({ ...running({ canaryWeight: 0 }), ...routed(10) });
    expect(status).toMatchObject({ canaryWeight: 10, trafficSince: at(0), dueAt: at(10) });
  });
});

describe('in the grace period', () => {
  it('checks are asked and shown, and neither count nor lead on', () => {
    const { status, actions, events, dueAt } = decidedBy(gracious(), BAD);
    expect(status).toMatchObject({
      canaryWeight: 10,
      dueAt: at(10),
      checks: [{ name: 'own', value: 9, verdict: 'failed' }],
      waitingFor: { what: GRACE, until: at(45) },
    });
    expect(status?.failedChecks).toBe(0);
    expect(moves(actions)).toEqual([]);
    expect(events).toEqual([]);
    expect(dueAt).toBe(NOW + 10_000);
  });

  it('what passes takes no step either', () => {
    const good = new Map<string, Answer>([['metric:0:query', { kind: 'value', value: 0, query: 'up' }]]);
    expect(decidedBy(gracious(), good).status?.canaryWeight).toBe(10);
  });

  it('rollout hooks are called, since they may make the traffic', () => {
    const { status } = decidedBy(gracious({}, withHooks(hook('rollout', 'load'))), new Map([['hook:0', NO], ...BAD]));
    expect(status).toMatchObject({ failedChecks: 0, checks: [{ name: 'load', verdict: 'failed' }] });
  });

  it('its end is looked at, be it before the interval is over', () => {
    const { dueAt } = decidedBy(gracious({ trafficSince: at(-57) }), BAD);
    expect(dueAt).toBe(NOW + 3000);
  });

  it('a rollback hook, a person and a deadline are heard as always', () => {
    const hooked = gracious({}, withHooks(hook('rollback')));
    expect(givenUpBy(hooked, new Map([['hook:0', YES]])).status?.phase).toBe('Failed');
    expect(decidedBy(gracious({}, told(command('promote')))).status?.canaryWeight).toBe(20);
    const broken = targetOf({
      readiness: { ready: false, message: 'broken', deadlineExceeded: true, isServing: false },
    });
    expect(givenUpBy({ ...gracious(), ...broken }).status?.phase).toBe('Failed');
  });
});

describe('after the grace period', () => {
  it.each([
    ['a check that fails counts', BAD, { failedChecks: 1, canaryWeight: 10 }],
    [
      'one that passes leads on',
      new Map<string, Answer>([['metric:0:query', { kind: 'value', value: 0, query: 'up' }]]),
      { failedChecks: 0, canaryWeight: 20 },
    ],
  ])('%s, and nothing is waited for', (_what, answers, expected) => {
    const waitingFor = { what: GRACE, since: at(-60), until: at(0) };
    const { status } = decidedBy(gracious({ trafficSince: at(-60), waitingFor }), answers);
    expect(status).toMatchObject(expected);
    expect(status).not.toHaveProperty('waitingFor');
  });

  it('a later revision has one of its own', () => {
    const { status } = decidedBy({ ...gracious(), ...targetOf({ revision: 'newer' }) });
    expect(status).not.toHaveProperty('trafficSince');
  });

  it('a clock that was set back grants no other', () => {
    expect(decidedBy(gracious({ trafficSince: at(600) }), BAD).status?.failedChecks).toBe(1);
  });
});
