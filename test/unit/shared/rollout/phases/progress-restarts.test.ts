import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../../shared/api/canary.ts';
import type { Answer } from '../../../../../shared/api/model.ts';
import { decide } from '../../../../../shared/rollout/decide.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withAnalysis, withHooks } from '../../../../make/canary.ts';
import { at, decidedBy, NOW, REVISION, targetOf } from '../command-world.ts';
import { BUSY, DOWN, moves, primaryOf, READY, routed } from './phase-world.ts';
import { hook, iterating, NO, running, YES } from './progress-world.ts';

describe('a new revision', () => {
  it.each(['Progressing', 'WaitingPromotion'] as const)('in %s takes the traffic back and starts over', (phase) => {
    const { status, actions, events } = decidedBy({
      ...running({ phase, failedChecks: 2, iterations: 1 }),
      ...targetOf({ revision: 'newer' }),
    });
    expect(moves(actions)).toEqual(['route 0%']);
    expect(status).toMatchObject({
      phase: 'Progressing',
      revision: 'newer',
      canaryWeight: 0,
      failedChecks: 0,
      iterations: 0,
      checks: [],
    });
    expect(status).not.toHaveProperty('dueAt');
    expect(status?.history?.slice(-2).map(({ revision, result }) => `${revision} ${result}`)).toEqual([
      `${REVISION} failed`,
      'newer running',
    ]);
    expect(events).toEqual(['Synced: New revision detected! Restarting analysis for podinfo.test']);
  });

  it('that is what the primary runs starts over as well, and is what counts as promoted in the end', () => {
    const reverted = { ...running(), ...primaryOf({ runsTarget: true }), ...targetOf({ revision: 'old' }) };
    const { status } = decidedBy(reverted);
    expect(status).toMatchObject({ phase: 'Progressing', revision: 'old', canaryWeight: 0 });
    expect(status?.history?.slice(-2)).toMatchObject([
      { revision: REVISION, result: 'failed' },
      { revision: 'old', result: 'running' },
    ]);
  });

  it('by a changed config does so too; one that cannot be read counts as unchanged', () => {
    const world = running({ trackedConfigs: { 'configmap/a': '1' } });
    expect(decidedBy({ ...world, configs: { 'configmap/a': '2' } }).events[0]).toContain('Restarting');
    expect(decidedBy({ ...world, configs: { problem: 'gone' } }).events[0]).toContain('Advance');
  });
});

const lacking = (field: 'dueAt' | 'revision', world: World): World => {
  delete world.canary.status?.[field];
  return world;
};

describe('a driver that comes after one that died', () => {
  it.each<[string, World, object, string]>([
    [
      'finds the weight further on',
      { ...running(), ...routed(20) },
      { canaryWeight: 20, dueAt: at(10) },
      'Advance podinfo.test canary weight 20',
    ],
    [
      'finds requests mirrored',
      { ...running({ canaryWeight: 0, failedChecks: 1 }), ...routed(0, true) },
      { canaryWeight: 0, dueAt: at(10) },
      'Advance podinfo.test canary weight 0',
    ],
    [
      'finds the first iteration of an A/B test',
      { ...iterating({}, withAnalysis({ match: [{ headers: { a: { exact: '1' } } }] })), ...routed(100) },
      { iterations: 1, dueAt: at(10) },
      'Advance podinfo.test canary iteration 1/2',
    ],
  ])('and %s, says so and waits a whole interval', (_what, world, status, text) => {
    const decision = decidedBy(world);
    expect(moves(decision.actions)).toEqual([]);
    expect(decision.status).toMatchObject(status);
    expect(decision.events).toEqual([`Synced: ${text}`]);
  });

  it('finds less traffic than there was, and goes on from there in silence', () => {
    const { status, events } = decidedBy({ ...running({ canaryWeight: 30 }), ...routed(0) });
    expect(status).toMatchObject({ canaryWeight: 0, dueAt: at(10) });
    expect(events).toEqual([]);
  });

  it('finds the copy made, and promotes without asking or copying twice what was asked', () => {
    const world = {
      ...running({ failedChecks: 3 }, withHooks(hook('rollout'), hook('confirm-promotion'))),
      ...primaryOf({ readiness: BUSY, hasCopy: true, runsTarget: true }),
    };
    expect(decidedBy(world).status).toMatchObject({ phase: 'Promoting' });
  });

  it('from another controller leaves a whole interval to what has traffic, and none to what has not', () => {
    expect(decidedBy(lacking('revision', running({ dueAt: at(-100) }))).status).toMatchObject({
      revision: REVISION,
      dueAt: at(10),
      canaryWeight: 10,
    });
    expect(decidedBy(lacking('revision', running({ canaryWeight: 0, dueAt: at(-100) }))).status).not.toHaveProperty(
      'dueAt',
    );
  });
});

describe('gates', () => {
  it('of traffic hold the step, are told once, and do not ask pre-rollout hooks again', () => {
    const world = running(
      { canaryWeight: 0 },
      withHooks(hook('pre-rollout', 'test'), hook('confirm-traffic-increase', 'gate')),
    );
    const first = decidedBy(
      world,
      new Map([
        ['hook:0', YES],
        ['hook:1', NO],
      ]),
    );
    expect(first.status).toMatchObject({
      canaryWeight: 0,
      failedChecks: 0,
      waitingFor: { what: 'traffic increase gate gate' },
    });
    expect(first.events.at(-1)).toContain('waiting for traffic increase approval gate');
    const again = running(
      { canaryWeight: 0, waitingFor: first.status?.waitingFor as never },
      withHooks(hook('pre-rollout', 'test'), hook('confirm-traffic-increase', 'gate')),
    );
    expect(decide(again, new Map())).toMatchObject({ ask: { index: 1 } });
    expect(decidedBy(again, new Map([['hook:1', NO]]))).toMatchObject({ events: [], status: { dueAt: at(10) } });
    expect(decidedBy(again, new Map([['hook:1', YES]])).status?.canaryWeight).toBe(10);
  });

  it('of traffic are asked before the promotion too', () => {
    const world = running({ canaryWeight: 50 }, withHooks(hook('confirm-traffic-increase', 'gate')));
    expect(decidedBy(world, new Map([['hook:0', NO]])).status).toMatchObject({ phase: 'Progressing' });
    expect(decidedBy(world, new Map([['hook:0', YES]])).status).toMatchObject({ phase: 'Promoting' });
  });

  it.each<[string, World]>([
    ['weights', running({ canaryWeight: 50 }, withHooks(hook('confirm-promotion', 'gate')))],
    ['iterations', iterating({ iterations: 2 }, withHooks(hook('confirm-promotion', 'gate')))],
  ])('of promotion hold %s with their true counters', (_what, world) => {
    const { canaryWeight, iterations } = world.canary.status as CanaryStatus;
    const closed = decidedBy(world, new Map([['hook:0', NO]]));
    expect(closed.status).toMatchObject({ phase: 'WaitingPromotion', canaryWeight, iterations, dueAt: at(10) });
    expect(closed.events).toEqual(['Synced: Halt podinfo.test advancement waiting for promotion approval gate']);
    const waiting = {
      ...world,
      canary: { ...world.canary, status: { ...closed.status, dueAt: at(0) } as CanaryStatus },
    };
    expect(decidedBy(waiting, new Map([['hook:0', NO]])).events).toEqual([]);
    expect(decidedBy(waiting, new Map([['hook:0', YES]])).events[0]).toBe(
      'Synced: Confirm-promotion check gate passed',
    );
  });
});

describe('metrics without data and the policy to hold', () => {
  it('hold the rollout without counting, say since when, and forget it once data comes', () => {
    const metrics = withAnalysis({
      metrics: [{ name: 'own', query: 'up', thresholdRange: { max: 1 }, onInconclusive: 'hold' }],
    });
    const empty: Answer = { kind: 'empty', error: 'no values found', query: 'up' };
    const held = decidedBy(running({}, metrics), new Map([['metric:0:query', empty]]));
    expect(held.status).toMatchObject({
      failedChecks: 0,
      canaryWeight: 10,
      waitingFor: { what: 'metrics with data', since: at(0) },
    });
    const alerts = ({ reports }: Pick<typeof held, 'reports'>) => reports.filter(({ tell }) => tell === 'alert');
    expect(alerts(held)).toMatchObject([{ severity: 'warn', message: 'Canary analysis is waiting for data.' }]);
    const later = running({ waitingFor: { what: 'metrics with data', since: at(-50) } }, metrics);
    const again = decidedBy(later, new Map([['metric:0:query', empty]]));
    expect([again.status?.waitingFor?.since, alerts(again)]).toEqual([at(-50), []]);
    const bad = decidedBy(later, new Map([['metric:0:query', { kind: 'value', value: 5, query: 'up' }]]));
    expect(bad.status).toMatchObject({ failedChecks: 1 });
    expect(bad.status).not.toHaveProperty('waitingFor');
  });
});

describe('without analysis', () => {
  const skipping = (status: Partial<CanaryStatus> = {}): World =>
    running({ canaryWeight: 0, ...status }, (canary) => ({ ...canary, spec: { ...canary.spec, skipAnalysis: true } }));
  const copied = { waitingFor: { what: 'promoted pods of podinfo-primary.test', since: at(-1) } };

  it('the target is copied as soon as it is ready', () => {
    const { status, actions, events } = decidedBy(skipping());
    expect(moves(actions)).toEqual(['route 0%', 'promote']);
    expect(status).toMatchObject({ phase: 'Progressing', waitingFor: { what: copied.waitingFor.what } });
    expect(events).toEqual(['Synced: Copying podinfo.test template spec to podinfo-primary.test']);
    expect(decidedBy({ ...skipping(), ...targetOf({ readiness: BUSY }) }).actions).not.toContainEqual({
      do: 'promote',
    });
  });

  it('it is done when the primary is ready, whatever became of the target', () => {
    const done = decidedBy({
      ...skipping(copied),
      ...primaryOf({ hasCopy: true, runsTarget: true }),
      ...targetOf({ readiness: DOWN }),
    });
    expect(moves(done.actions)).toEqual(['route 0%', 'sync-primary-scaler', 'pause-scaler', 'park-target']);
    expect(done.status).toMatchObject({ phase: 'Succeeded', canaryWeight: 0 });
    expect(done.status?.history?.at(-1)?.result).toBe('skipped');
    expect(done.events).toEqual(['Synced: Promotion completed! Canary analysis was skipped for podinfo.test']);
  });

  it('a primary that is not ready is waited for, and one that never is leaves the traffic to the canary', () => {
    const busy = decidedBy({
      ...skipping(copied),
      ...primaryOf({ readiness: { ...BUSY, deadlineAt: NOW + 9 } as typeof BUSY, hasCopy: true }),
    });
    expect(busy).toMatchObject({ status: undefined, dueAt: NOW + 9 });
    expect(decidedBy({ ...skipping(copied), primary: undefined }).status).toBeUndefined();
    const failed = decidedBy({ ...skipping(copied), ...primaryOf({ readiness: DOWN, hasCopy: true }) });
    expect(failed.status).toMatchObject({ phase: 'Failed', canaryWeight: 100 });
    expect(moves(failed.actions)).toEqual(['route 100%']);
  });

  it('traffic that a broken primary cannot take stays until it can', () => {
    const world = { ...skipping({ canaryWeight: 100 }), ...routed(100), ...primaryOf({ readiness: DOWN }) };
    expect(moves(decidedBy(world).actions)).toEqual(['promote']);
  });

  it('is held by a person like any other rollout', () => {
    expect(decidedBy(skipping({ paused: { since: at(-1) } })).status).toBeUndefined();
  });
});

describe('a pause', () => {
  it('ends by itself where it has an end', () => {
    expect(decidedBy(running({ paused: { since: at(-60), until: at(30) } }))).toMatchObject({
      status: undefined,
      dueAt: NOW + 30_000,
    });
    const { status } = decidedBy(running({ paused: { since: at(-60), until: at(0) } }));
    expect(status).not.toHaveProperty('paused');
  });

  it('does not hide a new revision, and outlives it', () => {
    const { status } = decidedBy({
      ...running({ paused: { since: at(-5) } }),
      ...targetOf({ revision: 'newer', readiness: READY }),
    });
    expect(status).toMatchObject({ revision: 'newer', paused: { since: at(-5) } });
  });
});
