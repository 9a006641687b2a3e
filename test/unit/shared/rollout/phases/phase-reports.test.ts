import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus, Phase } from '../../../../../shared/api/canary.ts';
import type { Readiness, Report } from '../../../../../shared/api/model.ts';
import { FINALIZER } from '../../../../../shared/api/names.ts';
import { decide } from '../../../../../shared/rollout/decide.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { aCanary, withHooks, withMetrics, withSpec, withStatus } from '../../../../make/canary.ts';
import type { Modifier } from '../../../../make/modify.ts';
import { at, canaryIn, decidedBy, givenUpBy, NOW, REVISION, targetOf, worldOf } from '../command-world.ts';
import { linesOf } from '../report-lines.ts';
import { BUSY, DOWN, moves, primaryOf, READY, routed } from './phase-world.ts';

const GONE: Partial<World> = { target: { problem: 'no target' } };
const OLD = primaryOf();
const alertsOf = (reports: readonly Report[]): Report[] => reports.filter(({ tell }) => tell === 'alert');

describe('at rest', () => {
  const idle = (phase: Phase, status: Partial<CanaryStatus>, facts: Partial<World>, ...more: Modifier<Canary>[]) =>
    worldOf(canaryIn(phase, withStatus({ canaryWeight: 0, revision: 'old', ...status }), ...more), facts);

  it('a rollout that begins is told with the shape of what is to come', () => {
    const { reports, status } = decidedBy(idle('Succeeded', {}, OLD));
    expect(linesOf({ reports })).toEqual([
      'Normal Synced to Progressing: New revision detected! Scaling up podinfo.test',
      'alert info: New revision detected, progressing canary analysis.',
    ]);
    expect(alertsOf(reports)[0]).toHaveProperty('fields.length', 4);
    expect(status).not.toHaveProperty('approvals');
  });

  it('the hook before it is asked first', () => {
    const asks = withHooks({ name: 'ask', type: 'confirm-rollout', url: 'http://h' });
    expect(decide(idle('Succeeded', {}, OLD, asks), new Map())).toEqual({
      ask: { ask: 'hook', index: 0, phase: 'Succeeded' },
      reports: [],
    });
  });

  it('a busy primary is told once, and not before it had time to be ready', () => {
    const busy = primaryOf({ readiness: BUSY });
    expect(linesOf(decidedBy(idle('Succeeded', {}, busy)))).toEqual([
      'Warning Synced to Succeeded once (primary not ready): podinfo-primary.test not ready: 1 of 2 available',
    ]);
    const early = decidedBy(idle('Succeeded', { notReady: { primary: at(-5) } }, busy));
    expect([linesOf(early), early.dueAt]).toEqual([[], NOW + 5000]);
  });

  it('after a failed promotion on plain Kubernetes the scaler of the serving target is not held', () => {
    const world = idle('Failed', { canaryWeight: 100, revision: REVISION }, primaryOf({ readiness: DOWN }));
    const { actions } = decidedBy({ ...world, capabilities: { ...world.capabilities, iterationsOnly: true } });
    expect(moves(actions)).toEqual([]);
  });
});

describe('the first start', () => {
  const starting = (status: Partial<CanaryStatus>, facts: Partial<World> = {}): World =>
    worldOf(aCanary(withMetrics(), withStatus({ phase: 'Initializing', ...status })), {
      primary: undefined,
      routes: undefined,
      ...facts,
    });
  const wait = { what: 'pods of podinfo-primary.test', since: at(-50), until: at(10) };
  const running = primaryOf({ readiness: READY, runsTarget: true });

  it('waits for the pods of the primary from the first look on', () => {
    const { status } = decidedBy(worldOf(aCanary(), { primary: undefined }));
    expect(status?.waitingFor).toEqual({ ...wait, since: at(0), until: at(60) });
  });

  it('is told to everybody', () => {
    const { reports, status } = decidedBy(starting({ revision: REVISION }, running));
    expect(linesOf({ reports })).toEqual([
      'Normal Synced to Initializing: all the metrics providers are available!',
      'Normal Synced to Initialized: Initialization done! podinfo.test',
      'alert info: New Deployment detected, initialization completed.',
    ]);
    expect(alertsOf(reports)[0]).toHaveProperty('fields.length', 4);
    expect(status?.lastAppliedSpec).toBeDefined();
  });

  it('asks the metric providers without a word before it', () => {
    const asking = worldOf(aCanary(withStatus({ phase: 'Initializing', revision: REVISION })), running);
    expect(decide(asking, new Map())).toEqual({ ask: { ask: 'online' }, reports: [] });
  });

  it('knows the revision of a primary that runs it, whatever the status says', () => {
    expect(decidedBy(starting({ revision: 'other' }, running)).status?.revision).toBe(REVISION);
    expect(decidedBy(starting({}, primaryOf({ readiness: DOWN, runsTarget: true }))).status?.revision).toBe(REVISION);
  });

  it('gives each revision the whole deadline, and does not begin it anew', () => {
    const down = primaryOf({ readiness: DOWN });
    const next = decidedBy(starting({ revision: 'broken', waitingFor: wait }, down));
    expect(moves(next.actions)).toEqual(['prepare-routes', 'promote']);
    expect(next.status?.waitingFor).toEqual({ ...wait, since: at(0), until: at(60) });
    const same = decidedBy(starting({ revision: REVISION, waitingFor: wait }, down));
    expect(same.status?.waitingFor ?? wait).toEqual(wait);
  });

  it.each<[string, Partial<World>]>([
    ['that is not there', { primary: undefined }],
    ['that runs the target already', primaryOf({ readiness: DOWN, runsTarget: true })],
  ])('makes a primary %s without a copy', (_which, facts) => {
    const { actions } = decidedBy(starting({ revision: 'broken', waitingFor: wait }, facts));
    expect(actions.map((action) => action.do)).toEqual(['ensure-services', 'prepare-routes', 'ensure-primary']);
  });

  it('tells once of a primary that is not ready, and not before it had time', () => {
    const busy = primaryOf({ readiness: BUSY, runsTarget: true });
    expect(linesOf(decidedBy(starting({ revision: REVISION }, busy)))).toEqual([
      'Warning Synced to Initializing once (primary not ready): podinfo-primary.test not ready: 1 of 2 available',
    ]);
    const early = starting({ revision: REVISION, waitingFor: { ...wait, since: at(-5) } }, busy);
    expect([linesOf(decidedBy(early)), decidedBy(early).dueAt]).toEqual([[], NOW + 5000]);
  });
});

describe('a target that is gone in the middle of its analysis', () => {
  const LOST = 'the target, which is gone';
  const lost = (phase: Phase, status: Partial<CanaryStatus>): World =>
    worldOf(canaryIn(phase, withStatus(status)), { ...OLD, ...routed(20), ...GONE });
  const told = (phase: string): string => `Warning Synced to ${phase} once (no target): no target`;

  it.each(['Progressing', 'WaitingPromotion'] as const)('in %s loses its traffic, whatever it waited for', (phase) => {
    const pods = { what: 'pods of podinfo.test', since: at(-5), until: at(40) };
    const decision = decidedBy(lost(phase, { waitingFor: pods }));
    expect(moves(decision.actions)).toEqual(['route 0%']);
    expect(decision.status?.waitingFor).toEqual({ what: LOST, since: at(0), until: at(60) });
    expect(linesOf(decision)).toEqual([told(phase)]);
  });

  it('is waited for until its deadline without a change', () => {
    const waiting = decidedBy(lost('Progressing', { waitingFor: { what: LOST, since: at(-5), until: at(55) } }));
    expect([linesOf(waiting), waiting.actions, waiting.dueAt]).toEqual([[told('Progressing')], [], NOW + 55_000]);
  });

  it('fails the rollout after it, with its reason', () => {
    const failed = givenUpBy(lost('Progressing', { waitingFor: { what: LOST, since: at(-60), until: at(0) } }));
    expect(linesOf(failed).slice(0, 2)).toEqual([
      told('Progressing'),
      `alert error: Progress deadline exceeded ${LOST}`,
    ]);
    expect(failed.status?.history?.at(-1)).toMatchObject({ result: 'failed', reason: 'TargetLost' });
    expect(failed.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', reason: 'TargetLost', message: 'podinfo.test was deleted' }),
    );
  });
});

describe('the deletion of a Canary', () => {
  const deleted = (status: Partial<CanaryStatus>, facts: Partial<World> = {}, finalizers?: string[]): World => {
    const canary = canaryIn('Terminating', withSpec({ revertOnDeletion: true }), withStatus(status));
    const metadata = { ...canary.metadata, deletionTimestamp: at(-1), ...(finalizers && { finalizers }) };
    return worldOf({ ...canary, metadata }, { ...OLD, ...facts });
  };

  it('without any finalizer is left to others', () => {
    expect(decidedBy(deleted({ phase: 'Succeeded' }))).toMatchObject({ status: undefined, actions: [], reports: [] });
  });

  it('waits for the pods of the target, and says so once', () => {
    expect(decidedBy(deleted({ phase: 'Succeeded' }, {}, [FINALIZER])).status?.waitingFor).toEqual({
      what: 'pods of podinfo.test',
      since: at(0),
      until: at(60),
    });
    expect(linesOf(decidedBy(deleted({}, targetOf({ readiness: BUSY }), [FINALIZER])))).toEqual([
      'Warning WaitingForTarget once (deletion waits): Deletion waits until podinfo.test is ready: 1 of 2 available',
    ]);
  });

  it('that has just given the routes back does not do it again', () => {
    const { actions, dueAt } = decidedBy(deleted({ dueAt: at(2) }, {}, [FINALIZER]));
    expect([actions, dueAt]).toEqual([[], NOW + 2000]);
  });
});

describe('a rollout whose analysis is skipped', () => {
  const MARK = { what: 'promoted pods of podinfo-primary.test', since: at(-5), until: at(55) };
  const skipping = (status: Partial<CanaryStatus>, facts: Partial<World>): World =>
    worldOf(canaryIn('Progressing', withSpec({ skipAnalysis: true }), withStatus({ canaryWeight: 0, ...status })), {
      ...routed(0),
      ...facts,
    });
  const slow: Readiness = { ...BUSY, deadlineAt: NOW + 7000 } as Readiness;

  it('ends with everything that a promotion tells', () => {
    const applied = { lastAppliedSpec: 'a', lastPromotedSpec: 'b' };
    const done = decidedBy(skipping({ waitingFor: MARK, ...applied }, primaryOf({ hasCopy: true, runsTarget: true })));
    expect(linesOf(done)).toEqual([
      'add flagger_canary_successes_total 1 podinfo,test,canary,skipped',
      'post-rollout Succeeded',
      'Normal Synced to Succeeded: Promotion completed! Canary analysis was skipped for podinfo.test',
      'alert info: Canary analysis was skipped, promotion finished.',
    ]);
    expect(done.status).toMatchObject({ phase: 'Succeeded', lastPromotedSpec: 'a' });
  });

  it('does not wait for the target once its copy is made, with or without a word of it in the status', () => {
    const down = targetOf({ readiness: DOWN });
    const unsaid = decidedBy(skipping({}, { ...down, ...primaryOf({ hasCopy: true, runsTarget: true }) }));
    expect([moves(unsaid.actions), unsaid.status?.waitingFor?.what]).toEqual([['route 0%', 'promote'], MARK.what]);
    const said = decidedBy(skipping({ waitingFor: MARK }, { ...down, ...OLD }));
    expect(said.status?.phase).toBe('Succeeded');
  });

  it('waits for the primary, until its deadline where that is known, and keeps things in place', () => {
    const waiting = (readiness: Readiness) => decidedBy(skipping({ waitingFor: MARK }, primaryOf({ readiness })));
    expect(waiting(slow).dueAt).toBe(NOW + 7000);
    expect(waiting(BUSY).dueAt).toBeUndefined();
    const lost = decidedBy(skipping({ waitingFor: MARK }, { primary: undefined }));
    expect(lost.actions.map((action) => action.do)).toContain('ensure-primary');
  });
});
