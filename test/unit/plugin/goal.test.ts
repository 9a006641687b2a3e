import { describe, expect, it } from 'vitest';
import { judgeGoal, parseGoal, type Waiting } from '../../../plugin/goal.ts';
import type { Canary, CanaryStatus } from '../../../shared/api/canary.ts';
import { aCanary, withSpec, withStatus, withWeights } from '../../make/canary.ts';

const state = (status: Partial<CanaryStatus>): Canary =>
  aCanary(withSpec({ provider: 'nginx' }), withWeights(10, 50), withStatus(status));

const waitingFor = (goal: string, more: Partial<Waiting> = {}): Waiting => ({
  goal: parseGoal(goal),
  wanted: undefined,
  failOnGate: false,
  seen: undefined,
  ...more,
});

/** Judges states in their order; the last answer. */
const judge = (waiting: Waiting, ...states: Partial<CanaryStatus>[]) =>
  states.map((status, index) => judgeGoal(state(status), waiting, index * 240_000)).at(-1);

describe('what is waited for', () => {
  it.each<[goal: string, status: Partial<CanaryStatus>, is: string]>([
    ['promoted', { phase: 'Succeeded' }, 'reached'],
    ['promoted', { phase: 'Initialized' }, 'reached'],
    ['promoted', { phase: 'Progressing' }, 'open'],
    ['promoted', { phase: 'Failed' }, 'ended'],
    ['failed', { phase: 'Failed' }, 'reached'],
    ['failed', { phase: 'Succeeded' }, 'open'],
    ['paused', { phase: 'Progressing', paused: { since: '2026-01-01T00:00:00Z' } }, 'reached'],
    ['gate', { phase: 'WaitingPromotion' }, 'reached'],
    ['gate', { phase: 'Progressing', waitingFor: { what: 'gate "load review"' } }, 'reached'],
    ['step=2', { phase: 'Progressing', canaryWeight: 20 }, 'reached'],
    ['step=3', { phase: 'Progressing', canaryWeight: 20 }, 'open'],
    ['step=2', { phase: 'Succeeded', canaryWeight: 0 }, 'open'],
    ['weight=20', { phase: 'Progressing', canaryWeight: 20 }, 'reached'],
    ['weight=21', { phase: 'Progressing', canaryWeight: 20 }, 'open'],
    ['phase=finalising', { phase: 'Finalising' }, 'reached'],
  ])('%s at %j is %s', (goal, status, is) => {
    expect(judge(waitingFor(goal), status)?.is).toBe(is);
  });

  it('a rollout that was seen to run and ends otherwise is over', () => {
    expect(
      judge(waitingFor('step=4'), { phase: 'Progressing', revision: 'b02e' }, { phase: 'Failed', revision: 'b02e' }),
    ).toEqual({ is: 'ended', message: 'rollout of podinfo b02e failed' });
    expect(
      judge(waitingFor('failed'), { phase: 'Progressing', revision: 'b02e' }, { phase: 'Succeeded', revision: 'b02e' }),
    ).toEqual({ is: 'ended', message: 'rollout of podinfo b02e ended as Succeeded' });
  });

  it('a newer revision ends the wait for the one before, and is named', () => {
    expect(
      judge(
        waitingFor('promoted'),
        { phase: 'Progressing', revision: 'b02e' },
        { phase: 'Progressing', revision: 'c11d' },
      ),
    ).toEqual({ is: 'ended', message: 'revision b02e was replaced by c11d after 4m' });
  });

  it('a wanted revision is waited for until it comes, then followed', () => {
    const waiting = waitingFor('promoted', { wanted: 'b0' });
    expect(judge(waiting, { phase: 'Succeeded', revision: 'aaaa' })?.is).toBe('open');
    expect(judge(waiting, { phase: 'Progressing', revision: 'b02e' })?.is).toBe('open');
    expect(judge(waiting, { phase: 'Succeeded', revision: 'b02e' })?.is).toBe('reached');
  });

  it('a gate or a pause stops the wait only when told', () => {
    const paused = { phase: 'Progressing' as const, revision: 'b', paused: { since: '2026-01-01T00:00:00Z' } };
    expect(judge(waitingFor('promoted'), paused)?.is).toBe('open');
    expect(judge(waitingFor('promoted', { failOnGate: true }), paused)).toEqual({
      is: 'person',
      message: 'rollout of podinfo stopped at a pause',
    });
    expect(
      judge(waitingFor('promoted', { failOnGate: true }), {
        phase: 'WaitingPromotion',
        waitingFor: { what: 'the hook qa' },
      }),
    ).toEqual({ is: 'person', message: 'rollout of podinfo stopped at the hook qa' });
  });

  it.each(['glory', 'step=', 'step=x', 'phase=', 'weight'])('%s is no goal', (text) => {
    expect(() => parseGoal(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
