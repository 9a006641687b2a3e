import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../../../shared/api/canary.ts';
import { podsSince } from '../../../../../shared/rollout/deadlines.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withAnalysis, withSpec, withStatus } from '../../../../make/canary.ts';
import type { Modifier } from '../../../../make/modify.ts';
import { at, canaryIn, decidedBy, NOW, REVISION, targetOf, worldOf } from '../command-world.ts';
import { BUSY, DOWN, moves, primaryOf, routed } from './phase-world.ts';

const COPIED = primaryOf({ hasCopy: true, runsTarget: true });

const promoting = (
  phase: 'Promoting' | 'Finalising',
  status: Partial<CanaryStatus> = {},
  ...more: Modifier<Canary>[]
): World => {
  const canary = canaryIn(phase, withStatus({ canaryWeight: phase === 'Promoting' ? 50 : 0, ...status }), ...more);
  return worldOf(canary, { ...COPIED, ...routed(phase === 'Promoting' ? 50 : 0) });
};

describe.each(['Promoting', 'Finalising'] as const)('in %s', (phase) => {
  it('a primary that is not ready is waited for, until its deadline', () => {
    const { status, actions, events, dueAt } = decidedBy({
      ...promoting(phase),
      ...primaryOf({ readiness: { ...BUSY, deadlineAt: NOW + 5000 } as typeof BUSY, hasCopy: true }),
    });
    expect(status).toBeUndefined();
    expect(moves(actions)).toEqual([]);
    expect(events).toEqual(['Synced: podinfo-primary.test not ready: 1 of 2 available']);
    expect(dueAt).toBe(NOW + 5000);
  });

  it('a primary that is gone is made anew', () => {
    expect(decidedBy({ ...promoting(phase), primary: undefined }).status).toBeUndefined();
  });

  it('a primary that never is ready leaves all traffic to the canary, which runs the same', () => {
    const { status, actions, events, reports } = decidedBy({
      ...promoting(phase),
      ...primaryOf({ readiness: DOWN, hasCopy: true }),
    });
    expect(moves(actions)).toEqual(['route 100%']);
    expect(status).toMatchObject({ phase: 'Failed', canaryWeight: 100, iterations: 0, revision: REVISION });
    expect(events).toEqual(['Synced: Promotion of podinfo.test failed, primary not ready: 0 of 2 available']);
    expect(reports).toContainEqual(expect.objectContaining({ tell: 'alert', severity: 'error' }));
  });

  it.each<[string, Partial<World>]>([
    ['has no pods', targetOf({ readiness: DOWN })],
    ['sleeps', targetOf({ isParked: true })],
    ['is gone', { target: { problem: 'gone' } }],
  ])('a failed promotion with a canary that %s moves no traffic', (_what, target) => {
    const { status, actions } = decidedBy({
      ...promoting(phase),
      ...primaryOf({ readiness: DOWN, hasCopy: true }),
      ...target,
    });
    expect(moves(actions)).toEqual([]);
    expect(status).toMatchObject({ phase: 'Failed', canaryWeight: phase === 'Promoting' ? 50 : 0 });
  });

  it('a revision that came meanwhile is not taken for the one that failed', () => {
    const { status } = decidedBy({
      ...promoting(phase),
      ...primaryOf({ readiness: DOWN, hasCopy: true }),
      ...targetOf({ revision: 'newer' }),
    });
    expect(status?.revision).toBe(REVISION);
  });

  it('the target is not needed any more', () => {
    const { status } = decidedBy({ ...promoting(phase), target: { problem: 'gone' } });
    expect(status?.phase).toBe(phase === 'Promoting' ? 'Finalising' : 'Succeeded');
  });
});

describe('all traffic goes back', () => {
  it('at once without steps', () => {
    const { status, actions, events } = decidedBy(promoting('Promoting'));
    expect(moves(actions)).toEqual(['route 0%', 'sync-primary-scaler']);
    expect(status).toMatchObject({ phase: 'Finalising', canaryWeight: 0, iterations: 0, dueAt: at(2) });
    expect(events).toEqual(['Synced: Routing all traffic to primary']);
  });

  it('without a word where nothing splits traffic', () => {
    const world = promoting('Promoting');
    const { status, actions, events } = decidedBy({
      ...world,
      capabilities: { ...world.capabilities, iterationsOnly: true },
    });
    expect(moves(actions)).toEqual(['sync-primary-scaler']);
    expect(events).toEqual([]);
    expect(status?.dueAt).toBeUndefined();
  });
});

describe('traffic goes back by steps', () => {
  const stepping = (live: number, status: Partial<CanaryStatus> = {}, ...more: Modifier<Canary>[]): World => ({
    ...promoting('Promoting', { canaryWeight: live, ...status }, withAnalysis({ stepWeightPromotion: 20 }), ...more),
    ...routed(live),
  });

  it('the first at once, the next an interval later', () => {
    const first = decidedBy(stepping(50));
    expect(moves(first.actions)).toEqual(['route 30%', 'sync-primary-scaler']);
    expect(first.status).toMatchObject({ phase: 'Promoting', canaryWeight: 30, dueAt: at(10) });
    expect(first.events).toEqual(['Synced: Advance podinfo.test primary weight 70']);
    expect(decidedBy(stepping(30, { dueAt: at(6) }))).toMatchObject({ status: undefined, dueAt: NOW + 6000 });
  });

  it('the last one ends it', () => {
    const { status, actions, events } = decidedBy(stepping(20));
    expect(moves(actions)).toEqual(['route 0%', 'sync-primary-scaler']);
    expect(status?.phase).toBe('Finalising');
    expect(events).toEqual(['Synced: Advance podinfo.test primary weight 100']);
  });

  it('nothing is left to shift: it ends', () => {
    expect(decidedBy(stepping(0)).status?.phase).toBe('Finalising');
  });

  it('less is left than the status knows: a driver died after it, so a whole interval follows', () => {
    const { status, actions, events } = decidedBy(stepping(30, { canaryWeight: 50 }));
    expect(moves(actions)).toEqual([]);
    expect(status).toMatchObject({ canaryWeight: 30, dueAt: at(10) });
    expect(events).toEqual(['Synced: Advance podinfo.test primary weight 70']);
  });

  it('iterations had all traffic, of which the status does not speak', () => {
    const iterating = withAnalysis({ iterations: 2, stepWeight: undefined, maxWeight: undefined });
    expect(decidedBy(stepping(80, { canaryWeight: 0 }, iterating)).status).toMatchObject({
      canaryWeight: 80,
      dueAt: at(10),
    });
    expect(moves(decidedBy(stepping(100, { canaryWeight: 0 }, iterating)).actions)).toContain('route 80%');
  });

  it.each<[string, World]>([
    [
      'in an A/B test, which sends whole groups',
      stepping(
        100,
        { canaryWeight: 0 },
        withAnalysis({
          iterations: 2,
          stepWeight: undefined,
          maxWeight: undefined,
          match: [{ headers: { a: { exact: '1' } } }],
        }),
      ),
    ],
    ['where the provider left more than it was told', stepping(100, { canaryWeight: 80 })],
  ])('all at once %s', (_what, world) => {
    expect(moves(decidedBy(world).actions)).toEqual(['route 0%', 'sync-primary-scaler']);
  });
});

describe('the end', () => {
  it('comes when the canary has answered what was under way', () => {
    const { status, actions, dueAt } = decidedBy(promoting('Finalising', { dueAt: at(2) }));
    expect(moves(actions)).toEqual([]);
    expect(status).toBeUndefined();
    expect(dueAt).toBe(NOW + 2000);
  });

  it('puts the target to rest and says so', () => {
    const { status, actions, events, reports } = decidedBy(promoting('Finalising', { lastAppliedSpec: '456' }));
    expect(moves(actions)).toEqual(['route 0%', 'pause-scaler', 'park-target']);
    expect(status).toMatchObject({ phase: 'Succeeded', canaryWeight: 0, iterations: 0, lastPromotedSpec: '456' });
    expect(status?.history?.at(-1)).toMatchObject({ result: 'promoted', ended: at(0) });
    expect(events).toEqual(['Synced: Promotion completed! Scaling down podinfo.test']);
    expect(reports.map(({ tell }) => tell)).toEqual(['metric', 'post-rollout', 'event', 'alert']);
  });
});

describe('the fix of a primary that has been down for long', () => {
  it.each<[string, Modifier<Canary>[]]>([
    ['after its analysis', []],
    ['without one', [withSpec({ skipAnalysis: true })]],
  ])('%s has the whole deadline for itself', (_what, more) => {
    const down = withStatus({ canaryWeight: 50, dueAt: at(0), notReady: { primary: at(-9000) } });
    const canary = canaryIn('Progressing', down, ...more);
    const { actions, status } = decidedBy(worldOf(canary, { ...primaryOf({ readiness: DOWN }), ...routed(50) }));
    expect(moves(actions)).toContain('promote');
    expect(status).not.toHaveProperty('notReady');
    expect(podsSince({ ...canary, status: status ?? {} }, 'primary')).toBe(NOW);
  });
});
