import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import { FINALIZER } from '../../../../shared/api/names.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withSpec, withStatus } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, canaryIn, decidedBy, givenUpBy, NOW, targetOf, told, worldOf } from './command-world.ts';
import { BUSY, DOWN, moves, primaryOf, routed } from './phases/phase-world.ts';

const withMeta =
  (metadata: Partial<Canary['metadata']>): Modifier<Canary> =>
  (canary) => ({ ...canary, metadata: { ...canary.metadata, ...metadata } });
const GONE: Partial<World> = { target: { problem: 'deployment podinfo.test get query error' } };

describe('a suspended Canary', () => {
  const suspended = worldOf(
    canaryIn(
      'Progressing',
      withSpec({ suspend: true }),
      withStatus({ waitingFor: { what: 'traffic increase gate x', since: at(-5) } }),
      withMeta({ generation: 4 }),
    ),
  );

  it('stands still, says so once for each spec, and keeps what it waited for', () => {
    const { actions, events, reports, status } = decidedBy(suspended);
    expect(actions).toEqual([]);
    expect(events).toEqual(['Synced: skipping canary run as object is suspended']);
    expect(reports[0]).toMatchObject({ once: 'skipping canary run as object is suspended 4' });
    expect(status?.waitingFor).toEqual({ what: 'traffic increase gate x', since: at(-5) });
  });
});

describe('a spec that cannot be carried out', () => {
  const unsound = (specProblem: string | undefined, status: Partial<CanaryStatus> = {}): World =>
    worldOf(canaryIn('Progressing', withStatus(status)), { specProblem });

  it('stalls with its reason, once', () => {
    const first = decidedBy(unsound('stepWeight is 0'));
    expect(first.actions).toEqual([]);
    expect(first.events).toEqual(['InvalidSpec: stepWeight is 0']);
    expect(first.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', status: 'True', reason: 'InvalidSpec', message: 'stepWeight is 0' }),
    );
    const again = decidedBy(unsound('stepWeight is 0', first.status));
    expect(again).toMatchObject({ status: undefined, events: [] });
  });

  it('goes on once it can', () => {
    const { status } = decidedBy(unsound(undefined, decidedBy(unsound('odd')).status));
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', status: 'False' }));
  });
});

describe('the finalizer', () => {
  it.each<[string, Modifier<Canary>[], string[]]>([
    ['comes with revertOnDeletion', [withSpec({ revertOnDeletion: true })], ['add-finalizer']],
    ['goes with it', [withMeta({ finalizers: [FINALIZER] })], ['remove-finalizer']],
    [
      'stays with it',
      [withSpec({ revertOnDeletion: true }), withMeta({ finalizers: ['other', FINALIZER] })],
      ['pause-scaler'],
    ],
  ])('%s', (_what, more, done) => {
    expect(moves(decidedBy(worldOf(canaryIn('Succeeded', ...more), primaryOf({ runsTarget: true }))).actions)).toEqual(
      done,
    );
  });
});

describe('what cannot be read', () => {
  it.each<[string, Partial<World>]>([
    ['the target', { target: { problem: 'x' } }],
    ['the scaler', { scaler: { problem: 'x' } }],
    ['the routes', { routes: { problem: 'x' } }],
    ['a ConfigMap', { configs: { problem: 'x' } }],
  ])('%s stops a resting Canary, and is looked at again', (_what, facts) => {
    const { status, actions, events, dueAt } = decidedBy(
      worldOf(canaryIn('Succeeded'), { ...primaryOf({ runsTarget: true }), ...facts }),
    );
    expect({ status, actions, events, dueAt }).toEqual({
      status: undefined,
      actions: [],
      events: ['Synced: x'],
      dueAt: NOW + 10_000,
    });
  });

  it.each<[string, Partial<World>]>([
    ['the scaler', { scaler: { problem: 'x' } }],
    ['a ConfigMap', { configs: { problem: 'x' } }],
  ])('%s does not keep a promotion from its end', (_what, facts) => {
    expect(
      decidedBy(worldOf(canaryIn('Promoting'), { ...primaryOf({ hasCopy: true, runsTarget: true }), ...facts })).status
        ?.phase,
    ).toBe('Finalising');
  });
});

describe('a target that is gone in the middle of its analysis', () => {
  const lost = (status: Partial<CanaryStatus> = {}, facts: Partial<World> = {}): World =>
    worldOf(canaryIn('Progressing', withStatus({ canaryWeight: 20, ...status })), {
      ...primaryOf(),
      ...routed(20),
      ...GONE,
      ...facts,
    });

  it('gives its traffic back at once, and has until the deadline to return', () => {
    const { status, actions, events, dueAt } = decidedBy(lost({ iterations: 1 }));
    expect(moves(actions)).toEqual(['route 0%']);
    expect(status).toMatchObject({
      phase: 'Progressing',
      canaryWeight: 0,
      iterations: 0,
      waitingFor: { what: 'the target, which is gone', until: at(60) },
    });
    expect(events).toEqual(['Synced: deployment podinfo.test get query error']);
    expect(dueAt).toBe(NOW + 60_000);
    expect(decidedBy(lost(status)).status).toBeUndefined();
  });

  it('fails after the deadline', () => {
    const waitingFor = { what: 'the target, which is gone', since: at(-60), until: at(0) };
    const { status, reports } = givenUpBy(lost({ waitingFor, canaryWeight: 0 }, routed(0)));
    expect(status?.phase).toBe('Failed');
    expect(reports).toContainEqual(expect.objectContaining({ tell: 'alert', severity: 'error' }));
  });

  it('fails nothing that waits for approval', () => {
    expect(decidedBy(worldOf(canaryIn('Waiting'), { ...primaryOf(), ...GONE })).status).toBeUndefined();
  });
});

describe('the deletion of a Canary', () => {
  const deleted = (
    phase: 'Succeeded' | 'Terminating',
    facts: Partial<World> = {},
    more: Modifier<Canary>[] = [],
  ): World =>
    worldOf(
      canaryIn(
        phase,
        withSpec({ revertOnDeletion: true }),
        withMeta({ deletionTimestamp: at(-1), finalizers: [FINALIZER] }),
        ...more,
      ),
      { ...primaryOf(), ...facts },
    );

  it("without our finalizer is nobody's business", () => {
    expect(decidedBy(deleted('Succeeded', {}, [withMeta({ finalizers: ['other'] })]))).toMatchObject({
      status: undefined,
      actions: [],
      events: [],
    });
  });

  it('is said first', () => {
    const { status, actions, events } = decidedBy(deleted('Succeeded'));
    expect({ phase: status?.phase, actions, events }).toEqual({
      phase: 'Terminating',
      actions: [],
      events: ['Synced: Terminating canary podinfo.test'],
    });
  });

  it('wakes the target, waits for it, then gives everything back', () => {
    expect(moves(decidedBy(deleted('Terminating', targetOf({ isParked: true }))).actions)).toEqual([
      'resume-scaler',
      'wake-target',
    ]);
    const waiting = decidedBy(deleted('Terminating', targetOf({ readiness: BUSY })));
    expect(waiting.actions).toEqual([]);
    expect(waiting.events).toEqual(['WaitingForTarget: Deletion waits until podinfo.test is ready: 1 of 2 available']);
    const reverted = decidedBy(deleted('Terminating'));
    expect(moves(reverted.actions)).toEqual(['revert-routes']);
    expect(reverted).toMatchObject({ status: { phase: 'Terminating', dueAt: at(2) }, events: [], dueAt: NOW + 2000 });
    const done = decidedBy(deleted('Terminating', {}, [withStatus({ dueAt: at(0) })]));
    expect(moves(done.actions)).toEqual(['remove-finalizer']);
    expect(done.events).toEqual(['Synced: Terminated canary podinfo.test']);
  });

  it('leaves the primary to answer what is under way', () => {
    const { status, actions, dueAt } = decidedBy(deleted('Terminating', {}, [withStatus({ dueAt: at(1) })]));
    expect({ status, actions, dueAt }).toEqual({ status: undefined, actions: [], dueAt: NOW + 1000 });
  });

  it('waits no longer than that, whatever a clock said', () => {
    expect(decidedBy(deleted('Terminating', {}, [withStatus({ dueAt: at(3600) })])).dueAt).toBe(NOW + 2000);
  });

  it('never leaves a serving primary for a target that is down', () => {
    expect(decidedBy(deleted('Terminating', targetOf({ readiness: DOWN }))).actions).toEqual([]);
  });

  it.each<[string, Partial<World>, Modifier<Canary>[]]>([
    ['of a target that is gone', GONE, []],
    ['of a spec that cannot be carried out', { specProblem: 'odd', target: { problem: 'odd' } }, []],
  ])('%s does not hang', (_what, facts, more) => {
    const { actions, status } = decidedBy(deleted('Terminating', facts, more));
    expect(moves(actions)).toEqual(['revert-routes', 'remove-finalizer']);
    // The server may refuse to write any status of a spec that it does not admit.
    expect(status).toBeUndefined();
  });

  it('reverts nothing where nobody wants it any more', () => {
    expect(moves(decidedBy(deleted('Succeeded', {}, [withSpec({ revertOnDeletion: false })])).actions)).toEqual([
      'remove-finalizer',
    ]);
  });
});

describe('a changed spec', () => {
  it('is noted where nothing else happens: health checks compare generations', () => {
    const world = worldOf(
      canaryIn('Succeeded', withMeta({ generation: 7 }), withStatus({ observedGeneration: 6 })),
      primaryOf({ runsTarget: true }),
    );
    expect(decidedBy(world).status).toMatchObject({ phase: 'Succeeded', observedGeneration: 7 });
    const noted = worldOf(
      { ...world.canary, status: decidedBy(world).status as CanaryStatus },
      primaryOf({ runsTarget: true }),
    );
    expect(decidedBy(noted).status).toBeUndefined();
  });
});

describe('a command that nobody can read', () => {
  it.each(['{', '[]', '{"id":"x"}', JSON.stringify({ id: 'x'.repeat(300), verb: 'promote', at: at(0) })])(
    '%s is told once and stops nothing',
    (text) => {
      const { status, events, reports } = decidedBy(
        worldOf(canaryIn('Progressing', withStatus({ dueAt: at(0) }), told(text)), primaryOf()),
      );
      expect(status?.canaryWeight).toBe(30);
      expect(events.at(-1)).toMatch(/^CommandUnreadable: kubectl-canary\/command/);
      expect(reports.at(-1)).toHaveProperty('once');
    },
  );
});
