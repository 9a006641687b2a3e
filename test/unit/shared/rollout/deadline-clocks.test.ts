import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus, Phase } from '../../../../shared/api/canary.ts';
import type { Readiness, Report } from '../../../../shared/api/model.ts';
import { clocked, overdue, podsSince, toldOfPods, waitFor } from '../../../../shared/rollout/deadlines.ts';
import type { Decision, World } from '../../../../shared/rollout/world.ts';
import { aCanary, withSpec, withStatus } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, canaryIn, decidedBy, NOW, targetOf, worldOf } from './command-world.ts';
import { BUSY, DOWN, primaryOf, READY } from './phases/phase-world.ts';
import { linesOf } from './report-lines.ts';

const NOTHING: Decision = { actions: [], status: undefined, reports: [], dueAt: undefined };
const TIMED: Readiness = { ...BUSY, deadlineAt: NOW + 7000 } as Readiness;
const PODS = 'pods of podinfo.test';
const PRIMARY_PODS = 'pods of podinfo-primary.test';
const waiting = (what: string, since = -60, until = since + 60): Pick<CanaryStatus, 'waitingFor'> & object => ({
  waitingFor: { what, since: at(since), until: at(until) },
});

/** The decision to do nothing, with the clocks that run in this phase. */
const notedIn = (
  phase: Phase,
  more: Partial<World>,
  status: Partial<CanaryStatus> = {},
  ...modifiers: Modifier<Canary>[]
): CanaryStatus | undefined =>
  clocked(worldOf(canaryIn(phase, withStatus(status), ...modifiers), more), NOTHING).status;

describe('since when pods are waited for', () => {
  it.each<[string, Canary, number | undefined]>([
    ['is not known of a Canary without a status', aCanary(), undefined],
    ['is not known where something else is waited for', canaryIn('Progressing', withStatus(waiting('x'))), undefined],
    ['is when the wait for them began', canaryIn('Progressing', withStatus(waiting(PODS, -7))), NOW - 7000],
    [
      'is when the wait for what was copied to them began',
      canaryIn('Progressing', withStatus(waiting(`promoted ${PODS}`, -7))),
      NOW - 7000,
    ],
    [
      'is when they were first found unready, if that was noted',
      canaryIn('Progressing', withStatus({ ...waiting(PODS, -7), notReady: { target: at(-3) } })),
      NOW - 3000,
    ],
  ])('%s', (_what, canary, since) => {
    expect(podsSince(canary, 'target')).toBe(since);
  });
});

describe('what is told of pods that are not ready', () => {
  const told: Report = { tell: 'event', type: 'Warning', reason: 'Synced', message: 'not ready' };
  const since = (seconds: number): Canary => canaryIn('Progressing', withStatus({ notReady: { target: at(seconds) } }));

  it.each<[string, Canary, number | undefined, { reports: Report[]; dueAt?: number }]>([
    ['nothing in the first ten seconds', since(-9), undefined, { reports: [], dueAt: NOW + 1000 }],
    ['all after them, and nobody looks again without a deadline', since(-10), undefined, { reports: [told] }],
    ['all at once where nobody noted since when', canaryIn('Progressing'), undefined, { reports: [told] }],
    ['all until their deadline', since(-10), NOW + 50, { reports: [told], dueAt: NOW + 50 }],
    ['nothing before the deadline where that comes first', since(0), NOW + 50, { reports: [], dueAt: NOW + 50 }],
  ])('is %s', (_what, canary, deadlineAt, expected) => {
    expect(toldOfPods({ canary, now: NOW }, 'target', told, deadlineAt)).toStrictEqual(expected);
  });
});

describe('the clock of pods that keep no time themselves', () => {
  it.each<Phase>(['Initializing', 'Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'])(
    'runs for the primary in %s',
    (phase) => {
      expect(notedIn(phase, primaryOf({ readiness: BUSY, runsTarget: true }))?.notReady).toEqual({ primary: at(0) });
    },
  );

  it.each<[string, Phase, Partial<World>]>([
    ['while it is ready', 'Progressing', primaryOf({ readiness: READY })],
    ['while it is not there', 'Progressing', { primary: undefined }],
    ['once it is late', 'Progressing', primaryOf({ readiness: DOWN })],
    ['where it keeps its own time', 'Progressing', primaryOf({ readiness: TIMED })],
    ['at rest', 'Succeeded', primaryOf({ readiness: BUSY, runsTarget: true })],
  ])('does not run for the primary %s', (_what, phase, more) => {
    expect(notedIn(phase, more)).toBeUndefined();
  });

  it.each<[string, Phase, Partial<World>]>([
    ['while it is ready', 'Progressing', targetOf({})],
    ['while it sleeps', 'Progressing', targetOf({ readiness: BUSY, isParked: true })],
    ['once it is late', 'Progressing', targetOf({ readiness: DOWN })],
    ['that is gone', 'Progressing', { target: { problem: 'gone' } }],
    ['after the copy', 'Promoting', targetOf({ readiness: BUSY })],
  ])('does not run for a target %s', (_what, phase, more) => {
    expect(notedIn(phase, more)).toBeUndefined();
  });

  it.each<[string, Modifier<Canary>]>([
    ['suspended', withSpec({ suspend: true })],
    ['deleted', (canary) => ({ ...canary, metadata: { ...canary.metadata, deletionTimestamp: at(-1) } })],
  ])('stands still while the Canary is %s', (_what, aside) => {
    expect(notedIn('Progressing', targetOf({ readiness: BUSY }), {}, aside)).toBeUndefined();
    expect(notedIn('Progressing', targetOf({ readiness: BUSY }), {})?.notReady).toEqual({ target: at(0) });
  });

  it('keeps what it was started with, for each side', () => {
    const both = { ...targetOf({ readiness: BUSY }), ...primaryOf({ readiness: BUSY }) };
    expect(notedIn('Progressing', both, { notReady: { target: at(-4) } })?.notReady).toEqual({
      target: at(-4),
      primary: at(0),
    });
  });

  it('is put into the status that a decision writes, which keeps the rest', () => {
    const world = worldOf(canaryIn('Progressing'), targetOf({ readiness: BUSY }));
    const status: CanaryStatus = { phase: 'Progressing', canaryWeight: 10, ...waiting('a gate') };
    const decision = { ...NOTHING, status, dueAt: NOW + 5 };
    expect(clocked(world, decision)).toStrictEqual({ ...decision, status: { ...status, notReady: { target: at(0) } } });
    const ready = worldOf(canaryIn('Progressing'));
    const noted = { ...decision, status: { ...status, notReady: { target: at(-4) } } };
    expect(clocked(ready, noted)).toStrictEqual(decision);
  });
});

describe('a wait for the pods of a target', () => {
  const started = waiting(PODS, -7);

  it('is over once they are ready', () => {
    expect(notedIn('Progressing', {}, started)).not.toHaveProperty('waitingFor');
    expect(notedIn('Progressing', {}, started)).toBeDefined();
  });

  it('is taken from the status that a decision writes, too', () => {
    const world = worldOf(canaryIn('Progressing', withStatus(started)));
    const status: CanaryStatus = { phase: 'Progressing', failedChecks: 1, ...started };
    expect(clocked(world, { ...NOTHING, status }).status).toStrictEqual({ phase: 'Progressing', failedChecks: 1 });
  });

  it('that the same decision begins is not over with it', () => {
    const world = worldOf(canaryIn('Progressing', withStatus({ revision: 'older' })));
    const decision = { ...NOTHING, status: { phase: 'Progressing' as const, ...waiting(PODS, 0) } };
    expect(clocked(world, decision)).toBe(decision);
  });

  it.each<[string, Phase, Partial<World>, Partial<CanaryStatus>]>([
    ['while they are not ready', 'Progressing', targetOf({ readiness: TIMED }), started],
    ['while it sleeps', 'Progressing', targetOf({ isParked: true }), started],
    ['while it is gone', 'Progressing', { target: { problem: 'gone' } }, started],
    ['after the analysis', 'Promoting', {}, started],
    ['where the pods of the primary are meant', 'Progressing', {}, waiting(PRIMARY_PODS, -7)],
    ['where copied pods are meant', 'Progressing', {}, waiting(`promoted ${PODS}`, -7)],
  ])('is not over %s', (_what, phase, more, status) => {
    expect(notedIn(phase, more, status)).toBeUndefined();
  });
});

describe('a phase that is over its time', () => {
  const late = waiting(PRIMARY_PODS);
  const initializing = (status: Partial<CanaryStatus>, ...more: Modifier<Canary>[]): World =>
    worldOf(canaryIn('Initializing', withStatus(status), ...more), primaryOf({ readiness: TIMED, runsTarget: true }));

  it.each<[string, World, string]>([
    [
      'its primary not ready',
      initializing(late),
      'Initializing for longer than its deadline, waiting for pods of podinfo-primary.test; the target keeps its traffic until the primary is ready',
    ],
    [
      'its target not ready',
      worldOf(canaryIn('Terminating', withStatus(waiting(PODS)))),
      'Terminating for longer than its deadline, waiting for pods of podinfo.test; the primary serves until the target is ready; without revertOnDeletion the Canary goes at once',
    ],
    [
      'something unread, in a rollout',
      worldOf(canaryIn('Promoting', withStatus(waiting('what can not be read: routes gone')))),
      'Promoting for longer than its deadline, waiting for what can not be read: routes gone',
    ],
  ])('with %s says so, word for word, beside what was told', (_what, world, text) => {
    const before: Report = { tell: 'post-rollout', phase: 'x' };
    const decision = overdue(world, { ...NOTHING, reports: [before] });
    expect(linesOf(decision)).toEqual([
      'post-rollout x',
      `Warning ProgressDeadlineExceeded: podinfo.test is ${text}`,
      `alert error: Progress deadline exceeded ${text}`,
    ]);
    expect(decision.status).toMatchObject(world.canary.status ?? {});
    expect(decision.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', status: 'True', reason: 'ProgressDeadlineExceeded', message: text }),
    );
  });

  it.each<[string, World, Partial<Decision>]>([
    ['while the Canary is suspended', initializing(late, withSpec({ suspend: true })), {}],
    ['where the decision leads on', initializing(late), { status: { phase: 'Initialized', ...late } }],
    [
      'where it is rolled back',
      initializing({ ...late, rollback: { reason: 'ChecksFailed', message: 'x', since: at(-1) } }),
      {},
    ],
    ['where nothing is waited for', initializing({}), {}],
    ['where the wait has no end', initializing({ waitingFor: { what: PRIMARY_PODS, since: at(-90) } }), {}],
    [
      'where an analysis waits for pods, which rolls back',
      worldOf(canaryIn('Progressing', withStatus(waiting(PODS)))),
      {},
    ],
  ])('says nothing %s', (_what, world, more) => {
    const decision = { ...NOTHING, ...more };
    expect(overdue(world, decision)).toBe(decision);
  });

  it.each<[string, number | undefined, number]>([
    ['at its deadline', undefined, NOW + 9000],
    ['earlier where there is reason to', NOW + 5000, NOW + 5000],
    ['at its deadline rather than later', NOW + 50_000, NOW + 9000],
  ])('is looked at %s', (_what, dueAt, expected) => {
    expect(overdue(initializing(waiting(PRIMARY_PODS, 0, 9)), { ...NOTHING, dueAt }).dueAt).toBe(expected);
  });
});

describe('a wait', () => {
  it('lasts as long as the progress deadline', () => {
    const canary = aCanary(withSpec({ progressDeadlineSeconds: 90 }));
    expect(waitFor({ canary, now: NOW }, 'x')).toEqual({ what: 'x', since: at(0), until: at(90) });
  });

  it('of a Canary in its first pass has no clock of pods', () => {
    expect(decidedBy(worldOf(aCanary(), { primary: undefined })).status).not.toHaveProperty('notReady');
  });
});
