import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import type { Readiness } from '../../../../shared/api/model.ts';
import { FINALIZER } from '../../../../shared/api/names.ts';
import { podsSince } from '../../../../shared/rollout/deadlines.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { aCanary, withSpec, withStatus } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, canaryIn, decidedBy, givenUpBy, NOW, targetOf, worldOf } from './command-world.ts';
import { BUSY, moves, primaryOf, routed } from './phases/phase-world.ts';
import { running } from './phases/progress-world.ts';

const withMeta =
  (metadata: Partial<Canary['metadata']>): Modifier<Canary> =>
  (canary) => ({ ...canary, metadata: { ...canary.metadata, ...metadata } });

const TIMED: Readiness = { ...BUSY, deadlineAt: NOW + 7000 } as Readiness;

/** The same world one pass later, this many seconds later. */
const later = (world: World, seconds: number, status = decidedBy(world).status): World => ({
  ...world,
  now: NOW + seconds * 1000,
  canary: { ...world.canary, status: { ...world.canary.status, ...status } },
});

const stalled = (status: CanaryStatus | undefined) => status?.conditions?.find(({ type }) => type === 'Stalled');

describe('pods that keep no time themselves', () => {
  const unready = { ...running({ dueAt: at(90) }), ...targetOf({ readiness: BUSY }) };

  it('are waited for from when they were first found so', () => {
    const first = decidedBy(unready);
    expect(first.status?.notReady).toEqual({ target: at(0) });
    const next = later(unready, 5);
    expect(podsSince(next.canary, 'target')).toBe(NOW);
    expect(decidedBy(next).status).toBeUndefined();
  });

  it('are forgotten with the first pass that finds them ready, so that the next wait has its own time', () => {
    const ready = { ...later(unready, 5), ...targetOf({}) };
    const { status } = decidedBy(ready);
    expect(status).toMatchObject({ phase: 'Progressing' });
    expect(status).not.toHaveProperty('notReady');
  });

  it('are not noted where they keep their time, nor twice where the rollout began with them', () => {
    expect(decidedBy({ ...running({ dueAt: at(90) }), ...targetOf({ readiness: TIMED }) }).status).toBeUndefined();
    const waitingFor = { what: 'pods of podinfo.test', since: at(-3), until: at(57) };
    const started = { ...running({ dueAt: at(90), waitingFor }), ...targetOf({ readiness: BUSY }) };
    expect(decidedBy(started).status).toBeUndefined();
    expect(podsSince(started.canary, 'target')).toBe(NOW - 3000);
  });

  it('that were waited for at the start count anew when they fail at a gate days later', () => {
    const gate = { what: 'promotion approval of gate qa', since: at(-200_000), gate: 'qa' };
    const held = worldOf(canaryIn('WaitingPromotion', withStatus({ canaryWeight: 50, waitingFor: gate })), {
      ...primaryOf(),
      ...targetOf({ readiness: BUSY }),
    });
    expect(podsSince(held.canary, 'target')).toBeUndefined();
    expect(decidedBy(held).status).toMatchObject({ notReady: { target: at(0) }, waitingFor: gate });
  });

  it('of the primary have a time of their own, at rest only while something new waits for them', () => {
    const busy = { ...running({ dueAt: at(90) }), ...primaryOf({ readiness: BUSY }) };
    expect(decidedBy(busy).status?.notReady).toEqual({ primary: at(0) });
    const resting = worldOf(canaryIn('Succeeded'), primaryOf({ readiness: BUSY, runsTarget: true }));
    expect(decidedBy(resting).status).toBeUndefined();
    const waited = { ...resting, ...primaryOf({ readiness: BUSY }), ...targetOf({ revision: 'newer' }) };
    expect(decidedBy(waited).status).toMatchObject({ phase: 'Succeeded', notReady: { primary: at(0) } });
  });
});

const late: Modifier<Canary> = withStatus({
  waitingFor: { what: 'pods of podinfo-primary.test', since: at(-60), until: at(0) },
});

describe('pods that are not ready', () => {
  const starting = (since: number): World => {
    const waitingFor = { what: 'pods of podinfo.test', since: at(since), until: at(since + 60) };
    return { ...running({ canaryWeight: 0, waitingFor }), ...routed(0), ...targetOf({ readiness: TIMED }) };
  };

  it('are told of once they take longer than everybody expects', () => {
    const first = decidedBy(starting(-4));
    expect([first.events, first.dueAt]).toEqual([[], NOW + 6000]);
    const told = decidedBy(starting(-10));
    expect(told.events).toEqual(['Synced: canary deployment podinfo.test not ready: 1 of 2 available']);
    expect(told.dueAt).toBe(NOW + 7000);
  });
});

describe('a phase that only the world can end', () => {
  const deleted = withMeta({ deletionTimestamp: at(-1), finalizers: [FINALIZER] });

  it.each<[string, World, RegExp]>([
    [
      'Initializing, its primary not ready',
      worldOf(canaryIn('Initializing', late), primaryOf({ readiness: BUSY, runsTarget: true })),
      /^Initializing for longer .* pods of podinfo-primary.test; the target keeps its traffic/,
    ],
    [
      'Initializing, its target missing',
      worldOf(canaryIn('Initializing', late), { primary: undefined, target: { problem: 'not found' } }),
      /^Initializing for longer/,
    ],
    [
      'Terminating, its target not ready',
      worldOf(
        canaryIn('Terminating', late, withSpec({ revertOnDeletion: true }), deleted),
        targetOf({ readiness: BUSY }),
      ),
      /^Terminating for longer .*; the primary serves until the target is ready/,
    ],
  ])('%s, says so once when its time is over: a typed condition, an event, an alert', (_name, world, text) => {
    const { status, events, reports } = decidedBy(world);
    expect(stalled(status)).toMatchObject({ status: 'True', reason: 'ProgressDeadlineExceeded' });
    expect(stalled(status)?.message).toMatch(text);
    expect(events.at(-1)).toMatch(/^ProgressDeadlineExceeded: podinfo\.test is /);
    const alerts = reports.filter(({ tell }) => tell === 'alert');
    expect(alerts).toMatchObject([{ severity: 'error' }]);
    const again = decidedBy(later(world, 30, status));
    expect([again.status, again.reports.filter(({ tell }) => tell === 'alert')]).toEqual([undefined, []]);
  });

  it('has nothing more to say where it ends', () => {
    const gone = canaryIn('Terminating', late, withSpec({ revertOnDeletion: true }), deleted);
    const { status, reports } = decidedBy(worldOf(gone, { target: { problem: 'not found' } }));
    expect([status, reports.filter(({ tell }) => tell === 'alert')]).toEqual([undefined, []]);
  });

  it('looks at its deadline by itself', () => {
    const { dueAt } = decidedBy(
      worldOf(
        canaryIn(
          'Initializing',
          withStatus({ waitingFor: { what: 'pods of podinfo-primary.test', since: at(0), until: at(9) } }),
        ),
        primaryOf({ readiness: BUSY, runsTarget: true }),
      ),
    );
    expect(dueAt).toBe(NOW + 9000);
  });

  it('is over with its cause, and so is the condition', () => {
    const world = worldOf(canaryIn('Initializing', late), primaryOf({ readiness: BUSY, runsTarget: true }));
    const { status } = decidedBy({ ...later(world, 30), ...primaryOf({ runsTarget: true }) });
    expect(status).toMatchObject({ phase: 'Initialized' });
    expect(stalled(status)).toMatchObject({ status: 'False' });
    expect(status).not.toHaveProperty('waitingFor');
  });

  it('begins with its deadline', () => {
    expect(decidedBy(worldOf(aCanary(), { primary: undefined })).status?.waitingFor).toEqual({
      what: 'pods of podinfo-primary.test',
      since: at(0),
      until: at(60),
    });
  });
});

describe('what can not be read in the middle of a rollout', () => {
  const missing = { scaler: { problem: 'ScaledObject gone' } };
  const world = { ...running({ canaryWeight: 20 }), ...missing };

  it('has the progress deadline', () => {
    expect(decidedBy(world).status?.waitingFor).toEqual({
      what: 'what can not be read: ScaledObject gone',
      since: at(0),
      until: at(60),
    });
  });

  it('ends an analysis after it, with an alert', () => {
    const { status, actions, reports } = givenUpBy(later(world, 60));
    expect(status).toMatchObject({ phase: 'Failed', canaryWeight: 0 });
    expect(status?.history?.at(-1)).toMatchObject({ result: 'failed', reason: 'ProgressDeadlineExceeded' });
    expect(moves(actions)).toContain('route 0%');
    expect(reports).toContainEqual(
      expect.objectContaining({ tell: 'alert', message: 'Progress deadline exceeded ScaledObject gone' }),
    );
  });

  it('is told as a stall where traffic can not be moved', () => {
    const blind = { ...running(), routes: { problem: 'no routes' } };
    const { status } = decidedBy(later(blind, 60));
    expect(status?.phase).toBe('Progressing');
    expect(stalled(status)).toMatchObject({ status: 'True', reason: 'ProgressDeadlineExceeded' });
    const found = decidedBy({ ...later(blind, 61, status), ...routed(10) });
    expect(stalled(found.status)).toMatchObject({ status: 'False' });
    expect(found.status).not.toHaveProperty('waitingFor');
  });

  it('leaves a gate its own time', () => {
    const waitingFor = { what: 'traffic increase gate qa', since: at(-9), gate: 'qa' };
    expect(decidedBy({ ...running({ waitingFor }), ...missing }).status).toBeUndefined();
  });
});
