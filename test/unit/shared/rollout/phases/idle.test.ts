import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../../shared/api/canary.ts';
import type { Answer } from '../../../../../shared/api/model.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withHooks, withStatus } from '../../../../make/canary.ts';
import { at, canaryIn, decidedBy, NOW, REVISION, targetOf, worldOf } from '../command-world.ts';
import { BUSY, DOWN, moves, primaryOf, routed } from './phase-world.ts';

const idle = (phase: 'Initialized' | 'Succeeded' | 'Failed', status: Partial<CanaryStatus> = {}): World =>
  worldOf(canaryIn(phase, withStatus({ canaryWeight: 0, ...status })), {
    ...primaryOf({ runsTarget: phase !== 'Failed' }),
    ...routed(0),
  });

const NEWER = targetOf({ revision: 'newer' });

describe.each(['Initialized', 'Succeeded', 'Failed'] as const)('in %s', (phase) => {
  it('things are kept in place and the scaler stays held', () => {
    const { status, actions, events } = decidedBy(idle(phase));
    expect(status).toBeUndefined();
    expect(moves(actions)).toEqual(['pause-scaler']);
    expect(events).toEqual([]);
  });

  it('a target that somebody gave pods keeps them: they get no traffic', () => {
    const { status, actions } = decidedBy({ ...idle(phase), ...targetOf({ isParked: false }) });
    expect([status, actions.some((action) => action.do === 'park-target')]).toEqual([undefined, false]);
  });

  it('changes of the scaler wait for the next promotion', () => {
    expect(decidedBy(idle(phase)).actions.map((action) => action.do)).not.toContain('sync-primary-scaler');
  });

  it('a new revision begins a rollout with clear counters', () => {
    const { status, actions, events } = decidedBy({
      ...idle(phase, { failedChecks: 2, iterations: 3, paused: { since: at(-9) } }),
      ...NEWER,
      ...primaryOf(),
    });
    expect(status).toMatchObject({
      phase: 'Progressing',
      revision: 'newer',
      failedChecks: 0,
      iterations: 0,
      canaryWeight: 0,
      checks: [],
    });
    expect(status).not.toHaveProperty('paused');
    expect(status?.history?.at(-1)).toMatchObject({ number: 4, revision: 'newer', result: 'running' });
    expect(status?.waitingFor).toEqual({ what: 'pods of podinfo.test', since: at(0), until: at(60) });
    expect(moves(actions)).toEqual([]);
    expect(events).toEqual(['Synced: New revision detected! Scaling up podinfo.test']);
  });

  it.each<[string, Partial<World>, boolean]>([
    ['the same configs', { configs: { 'configmap/a': '1' } }, false],
    ['a changed config', { configs: { 'configmap/a': '2' } }, true],
    ['one config more', { configs: { 'configmap/a': '1', 'secret/b': '1' } }, true],
    ['no config left', { configs: {} }, true],
    ['tracking turned off', { configs: undefined }, false],
  ])('with %s', (_what, facts, isNew) => {
    const { status } = decidedBy({ ...idle(phase, { trackedConfigs: { 'configmap/a': '1' } }), ...facts });
    expect(status?.phase === 'Progressing').toBe(isNew);
  });

  it('a busy primary is waited for, a broken one does not stand in the way of its own fix', () => {
    const busy = decidedBy({
      ...idle(phase),
      ...NEWER,
      ...primaryOf({ readiness: { ...BUSY, deadlineAt: NOW + 5000 } as typeof BUSY }),
    });
    expect(busy.status).toBeUndefined();
    expect(busy.dueAt).toBe(NOW + 5000);
    expect(decidedBy({ ...idle(phase), ...NEWER, ...primaryOf({ readiness: DOWN }) }).status?.phase).toBe(
      'Progressing',
    );
  });

  it('a target put back to what the primary runs begins nothing', () => {
    const { status } = decidedBy({ ...idle(phase), ...NEWER, ...primaryOf({ runsTarget: true }) });
    expect(status).toMatchObject({ phase, revision: 'newer' });
  });

  it('traffic that somebody sent to the resting target goes back', () => {
    expect(moves(decidedBy({ ...idle(phase), ...routed(30) }).actions)).toEqual(['route 0%', 'pause-scaler']);
    expect(
      moves(decidedBy({ ...idle(phase), ...routed(30), ...primaryOf({ readiness: DOWN, runsTarget: true }) }).actions),
    ).toEqual([]);
  });
});

describe('after another controller', () => {
  const foreign = (phase: 'Succeeded' | 'Failed', facts: Partial<World> = {}): World => {
    const world = idle(phase, { lastAppliedSpec: 'theirs', lastPromotedSpec: 'theirs' });
    delete world.canary.status?.revision;
    return { ...world, ...facts };
  };

  it('a target that equals the primary is known, and its hashes stay', () => {
    const { status } = decidedBy(foreign('Succeeded'));
    expect(status).toMatchObject({
      phase: 'Succeeded',
      revision: REVISION,
      lastAppliedSpec: 'theirs',
      lastPromotedSpec: 'theirs',
    });
  });

  it('a target that differs from the primary is a new revision', () => {
    expect(decidedBy(foreign('Succeeded', primaryOf())).status?.phase).toBe('Progressing');
  });

  it('the failed target is not tried again by itself', () => {
    expect(decidedBy(foreign('Failed')).status).toMatchObject({
      phase: 'Failed',
      revision: REVISION,
      lastAppliedSpec: 'theirs',
    });
  });

  it('checksums are taken over where it kept none, and compared where it did', () => {
    expect(decidedBy(foreign('Succeeded', { configs: { 'configmap/a': '1' } })).status).toMatchObject({
      phase: 'Succeeded',
      trackedConfigs: { 'configmap/a': '1' },
      lastAppliedSpec: 'theirs',
    });
    const kept = foreign('Failed', { configs: { 'configmap/a': '2' } });
    (kept.canary.status as CanaryStatus).trackedConfigs = { 'configmap/a': '1' };
    const { status } = decidedBy(kept);
    expect(status).toMatchObject({ phase: 'Failed', revision: REVISION, trackedConfigs: { 'configmap/a': '1' } });
  });
});

describe('after a failed promotion', () => {
  const failed = idle('Failed', { canaryWeight: 100 });

  it('the target keeps the traffic and is not put to rest', () => {
    expect(
      moves(decidedBy({ ...failed, ...routed(100), ...primaryOf({ readiness: DOWN, runsTarget: true }) }).actions),
    ).toEqual([]);
  });

  it('a fix rolls out with the traffic where it is', () => {
    const { status, actions } = decidedBy({ ...failed, ...routed(100), ...NEWER, ...primaryOf({ readiness: DOWN }) });
    expect(status?.phase).toBe('Progressing');
    expect(moves(actions)).toEqual([]);
  });

  it('a rollback that had to leave traffic ends once the primary is ready', () => {
    const moved = decidedBy({ ...failed, ...routed(30), ...primaryOf() });
    expect(moves(moved.actions)).toEqual(['route 0%']);
    expect(moved).toMatchObject({ status: { phase: 'Failed', canaryWeight: 100, dueAt: at(2) }, dueAt: NOW + 2000 });
    const drained = { ...failed, ...routed(0), ...primaryOf(), now: NOW + 2000 };
    const { status, actions, events } = decidedBy({
      ...drained,
      canary: { ...failed.canary, status: moved.status ?? {} },
    });
    expect(moves(actions)).toEqual(['route 0%', 'pause-scaler', 'park-target']);
    expect(status).toMatchObject({ phase: 'Failed', canaryWeight: 0 });
    expect(status?.dueAt).toBeUndefined();
    expect(events).toEqual(['RolledBack: podinfo-primary.test is ready again and has all traffic']);
  });
});

describe('the gate before a rollout', () => {
  const gates = withHooks(
    { name: 'first', type: 'confirm-rollout', url: 'http://hook' },
    { name: 'second', type: 'confirm-rollout', url: 'http://hook', muteAlert: true },
  );
  const yes: Answer = { kind: 'hook', passed: true, error: '' };
  const no: Answer = { kind: 'hook', passed: false, error: 'closed' };
  const world = (phase: 'Succeeded' | 'Waiting', status: Partial<CanaryStatus> = {}): World =>
    worldOf(canaryIn(phase, withStatus({ canaryWeight: 0, revision: 'old', ...status }), gates), {
      ...primaryOf(),
      ...routed(0),
    });

  it('closed, tells what passed before it, waits and asks again after an interval', () => {
    const { status, events, reports, dueAt } = decidedBy(
      world('Succeeded'),
      new Map([
        ['hook:0', yes],
        ['hook:1', no],
      ]),
    );
    expect(status).toMatchObject({
      phase: 'Waiting',
      revision: 'old',
      dueAt: at(10),
      waitingFor: { what: 'approval by second', revision: REVISION },
    });
    expect(events).toEqual([
      'Synced: Confirm-rollout check first passed',
      'Synced: Halt podinfo.test advancement waiting for approval second',
    ]);
    expect(reports.some(({ tell }) => tell === 'alert')).toBe(false);
    expect(dueAt).toBe(NOW + 10_000);
  });

  it('alerts unless it is told not to', () => {
    const { reports } = decidedBy(world('Succeeded'), new Map([['hook:0', no]]));
    expect(reports.at(-1)).toMatchObject({
      tell: 'alert',
      severity: 'warn',
      message: 'Canary is waiting for approval.',
    });
  });

  it('is not asked before it is due, and tells nothing twice', () => {
    expect(decidedBy(world('Waiting', { dueAt: at(4) }))).toMatchObject({ status: undefined, dueAt: NOW + 4000 });
    const again = decidedBy(
      world('Waiting', { dueAt: at(0), waitingFor: { what: 'approval by first', since: at(-10) } }),
      new Map([['hook:0', no]]),
    );
    expect(again.events).toEqual([]);
    expect(again.status).toMatchObject({ phase: 'Waiting', dueAt: at(10) });
  });

  it('open, begins with whatever the target is by then', () => {
    const { status } = decidedBy(
      { ...world('Waiting'), ...NEWER },
      new Map([
        ['hook:0', yes],
        ['hook:1', yes],
      ]),
    );
    expect(status).toMatchObject({ phase: 'Progressing', revision: 'newer' });
  });

  it('with a time further off than an interval is asked after one interval', () => {
    expect(decidedBy(world('Waiting', { dueAt: at(3600) })).status).toMatchObject({ dueAt: at(10) });
  });
});
