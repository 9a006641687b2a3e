import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../../../shared/api/canary.ts';
import type { Answer } from '../../../../../shared/api/model.ts';
import { decide } from '../../../../../shared/rollout/decide.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withHooks } from '../../../../make/canary.ts';
import type { Modifier } from '../../../../make/modify.ts';
import { at, decidedBy, givenUpBy, NOW, REVISION, targetOf } from '../command-world.ts';
import { BUSY, DOWN, LATE, moves, primaryOf, routed } from './phase-world.ts';
import { hook, iterating, NO, running, YES } from './progress-world.ts';

describe('a due step', () => {
  it('moves the traffic, then says so; the next one is an interval away', () => {
    const { status, actions, events, dueAt } = decidedBy(running());
    expect(moves(actions)).toEqual(['route 20%']);
    expect(status).toMatchObject({ phase: 'Progressing', canaryWeight: 20, dueAt: at(10) });
    expect(status).not.toHaveProperty('waitingFor');
    expect(events).toEqual(['Synced: Advance podinfo.test canary weight 20']);
    expect(dueAt).toBe(NOW + 10_000);
  });

  it('is not taken before its time, and things are kept meanwhile', () => {
    expect(decidedBy(running({ dueAt: at(4) }))).toMatchObject({ status: undefined, events: [], dueAt: NOW + 4000 });
  });

  it('with a time further off than an interval comes after one interval', () => {
    expect(decidedBy(running({ dueAt: at(600) })).status).toMatchObject({ canaryWeight: 10, dueAt: at(10) });
  });

  it('is the promotion once all are taken', () => {
    const { status, actions, events } = decidedBy(running({ canaryWeight: 50 }));
    expect(moves(actions)).toEqual(['promote']);
    expect(status).toMatchObject({
      phase: 'Promoting',
      canaryWeight: 50,
      waitingFor: { what: 'pods of podinfo-primary.test' },
    });
    expect(events).toEqual(['Synced: Copying podinfo.test template spec to podinfo-primary.test']);
  });

  it.each<[string, World, string[], object]>([
    ['an iteration', iterating({ iterations: 1 }), [], { iterations: 2, dueAt: at(10) }],
    [
      'the switch after the last one',
      iterating({ iterations: 2 }),
      ['route 100%'],
      { iterations: 3, phase: 'Progressing' },
    ],
    [
      'the promotion after the switch',
      { ...iterating({ iterations: 3 }), ...routed(100) },
      ['promote'],
      { phase: 'Promoting' },
    ],
  ])('may be %s', (_what, world, done, status) => {
    const decision = decidedBy(world);
    expect(moves(decision.actions)).toEqual(done);
    expect(decision.status).toMatchObject(status);
  });
});

describe('before the first traffic', () => {
  const first = (...more: Modifier<Canary>[]): World =>
    running({ canaryWeight: 0 }, withHooks(hook('pre-rollout', 'test'), hook('rollout')), ...more);

  it('pre-rollout hooks are asked, and rollout hooks are not', () => {
    expect(decide(first(), new Map())).toMatchObject({
      ask: { ask: 'hook', index: 0 },
      reports: [{ message: 'Starting canary analysis for podinfo.test' }],
    });
    const { status, events } = decidedBy(first(), new Map([['hook:0', YES]]));
    expect(status?.canaryWeight).toBe(10);
    expect(events.map((text) => text.slice(8))).toEqual([
      'Starting canary analysis for podinfo.test',
      'Pre-rollout check test passed',
      'Advance podinfo.test canary weight 10',
    ]);
  });

  it('a failing one counts, and the traffic waits', () => {
    const { status, actions, events } = decidedBy(first(), new Map([['hook:0', NO]]));
    expect(status).toMatchObject({ failedChecks: 1, canaryWeight: 0, dueAt: at(10) });
    expect(moves(actions)).toEqual([]);
    expect(events.at(-1)).toBe('Synced: Halt podinfo.test advancement pre-rollout check test failed no');
  });
});

describe('a check that fails', () => {
  const checked = (status: Partial<CanaryStatus> = {}): World => running(status, withHooks(hook('rollout', 'load')));

  it('counts once and keeps the weight', () => {
    const { status, actions, events } = decidedBy(checked({ failedChecks: 1 }), new Map([['hook:0', NO]]));
    expect(status).toMatchObject({
      failedChecks: 2,
      canaryWeight: 10,
      dueAt: at(10),
      checks: [{ name: 'load', verdict: 'failed' }],
    });
    expect(moves(actions)).toEqual([]);
    expect(events).toEqual(['Synced: Halt podinfo.test advancement external check load failed no']);
  });

  it('as often as the threshold rolls back at once, whatever is due', () => {
    const { status, actions, events, reports } = givenUpBy(checked({ failedChecks: 3, dueAt: at(9) }));
    expect(moves(actions)).toEqual(['route 0%', 'pause-scaler', 'park-target']);
    expect(status).toMatchObject({
      phase: 'Failed',
      canaryWeight: 0,
      failedChecks: 0,
      iterations: 0,
      revision: REVISION,
    });
    expect(status?.history?.at(-1)).toMatchObject({ result: 'failed', ended: at(2) });
    expect(events).toEqual([
      'Synced: Rolling back podinfo.test failed checks threshold reached 3',
      'Synced: Canary failed! Scaling down podinfo.test',
    ]);
    expect(reports).toContainEqual(
      expect.objectContaining({ tell: 'alert', severity: 'error', message: 'Failed checks threshold reached 3' }),
    );
    expect(reports.at(-1)).toEqual({ tell: 'post-rollout', phase: 'Failed' });
  });

  it('takes the traffic from a failed canary first, whose pods answer what is under way', () => {
    const world = checked({ failedChecks: 3 });
    const recorded = decidedBy(world).status;
    const moved = decidedBy({ ...world, canary: { ...world.canary, ...(recorded && { status: recorded }) } });
    expect(moves(moved.actions)).toEqual(['route 0%']);
    expect(moved).toMatchObject({ status: { phase: 'Progressing', dueAt: at(2) }, dueAt: NOW + 2000 });
    const canary = { ...world.canary, ...(moved.status && { status: moved.status }) };
    const early = decidedBy({ ...world, canary, now: NOW + 1000, ...routed(0) });
    expect(moves(early.actions)).toEqual([]);
    expect(early).toMatchObject({ status: undefined, dueAt: NOW + 2000 });
  });

  it('rolls back a target that its driver had parked already, without waking it', () => {
    expect(moves(givenUpBy({ ...checked({ failedChecks: 3 }), ...targetOf({ isParked: true }) }).actions)).toEqual([
      'route 0%',
      'pause-scaler',
      'park-target',
    ]);
  });

  it('rolls nothing back while somebody holds the rollout', () => {
    expect(decidedBy(checked({ failedChecks: 3, paused: { since: at(-5) } })).status).toBeUndefined();
  });
});

describe('a rollback never leads traffic to nowhere', () => {
  const failing = (facts: Partial<World>): World => ({ ...running({ failedChecks: 3 }), ...facts });

  it('with a primary without pods, traffic stays on the canary, and the target with it', () => {
    const { status, actions, events } = givenUpBy(failing(primaryOf({ readiness: DOWN })));
    expect(moves(actions)).toEqual([]);
    expect(status).toMatchObject({ phase: 'Failed', canaryWeight: 10 });
    expect(events).toContain(
      'PrimaryUnavailable: Traffic stays on podinfo.test: podinfo-primary.test has no pod that could take it',
    );
  });

  it.each([
    ['that is late, yet answers', LATE],
    ['that is busy', BUSY],
  ])('with a primary %s it goes back', (_what, readiness) => {
    expect(moves(givenUpBy(failing(primaryOf({ readiness }))).actions)).toContain('route 0%');
  });

  it('a canary without traffic is put to rest whatever the primary does', () => {
    const { actions, status } = givenUpBy({
      ...running({ canaryWeight: 0, failedChecks: 3 }),
      ...primaryOf({ readiness: DOWN }),
    });
    expect(moves(actions)).toEqual(['route 0%', 'pause-scaler', 'park-target']);
    expect(status).toMatchObject({ phase: 'Failed', canaryWeight: 0 });
  });

  it('and a new revision restarts with the traffic where it is', () => {
    const world = { ...running(), ...targetOf({ revision: 'newer' }), ...primaryOf({ readiness: DOWN }) };
    expect(moves(decidedBy(world).actions)).toEqual([]);
    expect(decidedBy(world).status).toMatchObject({ phase: 'Progressing', canaryWeight: 10, revision: 'newer' });
  });
});

describe('rollback hooks', () => {
  const world = running({}, withHooks(hook('rollback', 'one'), hook('rollback', 'two')));

  it('that say no are told, each, and the step is taken', () => {
    const { events } = decidedBy(
      world,
      new Map([
        ['hook:0', NO],
        ['hook:1', NO],
      ]),
    );
    expect(events).toEqual([
      'Synced: Rollback hook one not signaling a rollback',
      'Synced: Rollback hook two not signaling a rollback',
      'Synced: Advance podinfo.test canary weight 20',
    ]);
  });

  it('roll back with the first that says yes', () => {
    const { status, events } = givenUpBy(world, new Map([['hook:0', YES]]));
    expect(status?.phase).toBe('Failed');
    expect(events.slice(0, 2)).toEqual([
      'Synced: Rollback check one passed',
      'Synced: Rolling back podinfo.test manual webhook invoked',
    ]);
  });
});

describe('pods', () => {
  it('that sleep are woken, and nothing else happens', () => {
    expect(moves(decidedBy({ ...running(), ...targetOf({ isParked: true }) }).actions)).toEqual([
      'resume-scaler',
      'wake-target',
    ]);
    expect(moves(decidedBy({ ...running(), ...targetOf({ isScalerPaused: true }) }).actions)).toEqual([
      'resume-scaler',
      'wake-target',
    ]);
  });

  it.each<[string, Partial<World>, string]>([
    [
      'of a busy primary',
      primaryOf({ readiness: { ...BUSY, deadlineAt: NOW + 7000 } as typeof BUSY }),
      'podinfo-primary.test not ready: 1 of 2 available',
    ],
    [
      'of the target',
      targetOf({ readiness: { ...BUSY, deadlineAt: NOW + 7000 } as typeof BUSY }),
      'canary deployment podinfo.test not ready: 1 of 2 available',
    ],
  ])('%s are waited for, until their deadline', (_what, facts, text) => {
    const { status, actions, events, dueAt } = decidedBy({ ...running(), ...facts });
    expect(status).toBeUndefined();
    expect(moves(actions)).toEqual([]);
    expect(events).toEqual([`Synced: ${text}`]);
    expect(dueAt).toBe(NOW + 7000);
  });

  it('of the target that never come roll back, with an alert', () => {
    const { status, reports } = givenUpBy({ ...running(), ...targetOf({ readiness: DOWN }) });
    expect(status?.phase).toBe('Failed');
    expect(reports).toContainEqual(
      expect.objectContaining({
        tell: 'alert',
        severity: 'error',
        message: 'Progress deadline exceeded 0 of 2 available',
      }),
    );
  });

  it('of a primary that is broken do not hold up its fix', () => {
    expect(decidedBy({ ...running(), ...primaryOf({ readiness: DOWN }) }).status?.canaryWeight).toBe(20);
  });

  it('of a primary that is gone are made anew first', () => {
    const kept = new Map<string, Answer>([['kept:old', { kind: 'kept', isKept: true }]]);
    const { status, actions } = decidedBy({ ...running(), primary: undefined }, kept);
    expect(status).toBeUndefined();
    expect(moves(actions)).toEqual(['remake-primary']);
  });
});
