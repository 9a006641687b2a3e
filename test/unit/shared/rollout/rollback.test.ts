import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../shared/api/canary.ts';
import type { Report } from '../../../../shared/api/model.ts';
import { liveWeight, rollBack, rolloutEnded } from '../../../../shared/rollout/rollback.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withAnalysis, withStatus } from '../../../make/canary.ts';
import { at, canaryIn, command, type Decided, decidedBy, NOW, targetOf, told, worldOf } from './command-world.ts';
import { BUSY, DOWN, moves, primaryOf, routed } from './phases/phase-world.ts';
import { iterating, running } from './phases/progress-world.ts';
import { linesOf } from './report-lines.ts';

const CAUSE = { reason: 'ChecksFailed', message: 'refused', since: at(-1) } as const;
/** A rollback that is written down; no traffic is left on the canary. */
const givenUp = (status: Partial<CanaryStatus> = {}, more: Partial<World> = {}): World => ({
  ...running({ canaryWeight: 10, rollback: CAUSE, ...status }),
  ...routed(0),
  ...more,
});

const METRIC = (result: 'successes' | 'failures', strategy: string): string =>
  `add flagger_canary_${result}_total 1 podinfo,test,${strategy},completed`;
const stalled = ({ status }: Decided) => {
  const found = status?.conditions?.find(({ type }) => type === 'Stalled');
  return [found?.status, found?.reason, found?.message];
};

describe('the end of a rollback', () => {
  it('is told: to events, to the metrics, to post-rollout hooks', () => {
    const decision = decidedBy(givenUp());
    expect(moves(decision.actions)).toEqual(['route 0%', 'pause-scaler', 'park-target']);
    expect(linesOf(decision)).toEqual([
      'Warning Synced to Failed: Canary failed! Scaling down podinfo.test',
      METRIC('failures', 'canary'),
      'post-rollout Failed',
    ]);
    expect(stalled(decision)).toEqual(['True', 'ChecksFailed', 'refused']);
  });

  it('tells where the traffic had to stay', () => {
    const world = givenUp({}, { ...routed(10), ...primaryOf({ readiness: DOWN }) });
    const decision = decidedBy(world);
    expect(moves(decision.actions)).toEqual([]);
    expect(decision.status).toMatchObject({ phase: 'Failed', canaryWeight: 10 });
    expect(linesOf(decision)).toEqual([
      'Warning Synced to Failed: Canary failed! Scaling down podinfo.test',
      'Warning PrimaryUnavailable: Traffic stays on podinfo.test: podinfo-primary.test has no pod that could take it',
      METRIC('failures', 'canary'),
      'post-rollout Failed',
    ]);
  });

  it('with no primary at all leaves the traffic, too', () => {
    const world = givenUp({}, { ...routed(10), primary: undefined, ...targetOf({ canRestart: false }) });
    expect(decidedBy(world).status).toMatchObject({ phase: 'Failed', canaryWeight: 10 });
  });

  it('ends the entry that ran, and begins none', () => {
    const before = givenUp().canary.status?.history ?? [];
    const after = decidedBy(givenUp()).status?.history;
    expect(after).toHaveLength(before.length);
    expect(after?.at(-1)).toMatchObject({ result: 'failed', reason: 'ChecksFailed' });
  });

  it('waits for nothing where the pods are gone', () => {
    const world = givenUp({ dueAt: at(9) }, targetOf({ isParked: true }));
    expect(decidedBy(world).status?.phase).toBe('Failed');
    const served = givenUp({ dueAt: at(9) });
    expect(decidedBy(served)).toMatchObject({ status: undefined, dueAt: NOW + 9000 });
  });

  it('looks at what a target that is gone leaves to answer', () => {
    const world = givenUp({ dueAt: at(9) }, { target: { problem: 'gone' } });
    expect(decidedBy(world)).toMatchObject({ reports: [], dueAt: NOW + 9000 });
  });

  it('ends without routes as well', () => {
    const decision = decidedBy(givenUp({}, { routes: undefined }));
    expect(decision.status).toMatchObject({ phase: 'Failed', canaryWeight: 0 });
  });

  it('takes over a revision that nobody has looked at', () => {
    const { revision: _, ...unknown } = givenUp().canary.status ?? {};
    const world = givenUp();
    expect(decidedBy({ ...world, canary: { ...world.canary, status: unknown } }).status?.revision).toBe('new');
    expect(decidedBy(givenUp({}, targetOf({ revision: 'newer' }))).status?.revision).toBe('new');
  });

  it('with nothing more to tell tells nothing more', () => {
    const world = worldOf(canaryIn('Waiting'), { ...primaryOf(), ...routed(0) });
    const outcome = rollBack({ ...world, routes: undefined }, { reason: 'ChecksFailed', message: 'no' });
    expect('decision' in outcome && linesOf(outcome.decision)).toEqual([
      'Warning Synced to Failed: Canary failed! Scaling down podinfo.test',
      METRIC('failures', 'canary'),
      'post-rollout Failed',
    ]);
  });
});

describe('a rollback that had to leave its traffic', () => {
  const left = (status: Partial<CanaryStatus> = {}, more: Partial<World> = {}): World =>
    worldOf(canaryIn('Failed', withStatus({ canaryWeight: 10, ...status })), {
      ...routed(0),
      ...primaryOf(),
      ...more,
    });

  it('ends as soon as the primary can take it', () => {
    const decision = decidedBy(left());
    expect(moves(decision.actions)).toEqual(['route 0%', 'pause-scaler', 'park-target']);
    expect(linesOf(decision)).toEqual(['Normal RolledBack: podinfo-primary.test is ready again and has all traffic']);
  });

  it.each<[string, World]>([
    ['while the primary is not ready', left({}, primaryOf({ readiness: BUSY }))],
    ['while there is no primary', left({}, { primary: undefined, ...targetOf({ canRestart: false }) })],
    ['where the primary runs the same: its promotion failed', left({}, primaryOf({ runsTarget: true }))],
    ['where nothing was left', left({ canaryWeight: 0 })],
  ])('is not taken up %s', (_what, world) => {
    const { actions, events } = decidedBy(world);
    expect(moves(actions)).not.toContain('park-target');
    expect(events.filter((text) => text.startsWith('RolledBack'))).toEqual([]);
  });
});

describe('a promotion that failed', () => {
  it('is told, and why', () => {
    const world = worldOf(canaryIn('Promoting'), { ...primaryOf({ readiness: DOWN, hasCopy: true }), ...routed(50) });
    const decision = decidedBy(world);
    expect(linesOf(decision)).toEqual([
      'Warning Synced to Promoting: Promotion of podinfo.test failed, primary not ready: 0 of 2 available',
      'alert error: Promotion failed, primary not ready: 0 of 2 available',
      METRIC('failures', 'canary'),
      'post-rollout Failed',
    ]);
    expect(stalled(decision)).toEqual([
      'True',
      'PromotionFailed',
      'podinfo-primary.test is not ready: 0 of 2 available',
    ]);
    expect(decision.status?.history?.at(-1)).toMatchObject({ result: 'failed', reason: 'PromotionFailed' });
  });
});

describe('the count of ended rollouts', () => {
  it.each<[string, World, Parameters<typeof rolloutEnded>[1], Parameters<typeof rolloutEnded>[2], object]>([
    [
      'by weights',
      running(),
      'successes',
      'completed',
      { deployment_strategy: 'canary', analysis_status: 'completed' },
    ],
    [
      'by iterations',
      iterating(),
      'failures',
      'completed',
      { deployment_strategy: 'blue-green', analysis_status: 'completed' },
    ],
    [
      'of users',
      iterating({}, withAnalysis({ match: [{ headers: { a: { exact: '1' } } }] })),
      'successes',
      'skipped',
      { deployment_strategy: 'ab-testing', analysis_status: 'skipped' },
    ],
  ])('%s has the names that dashboards know', (_what, world, result, analysis, labels) => {
    expect(rolloutEnded(world, result, analysis)).toEqual<Report>({
      tell: 'metric',
      op: 'add',
      name: `flagger_canary_${result}_total`,
      labels: { name: 'podinfo', namespace: 'test', ...labels },
      value: 1,
    });
  });
});

describe('the live weight', () => {
  it.each<[string, Partial<World>, boolean, number]>([
    ['is what the routes say', routed(30), false, 30],
    ['is nothing before there are routes', { routes: undefined }, false, 0],
    ['is nothing where no provider splits traffic', routed(30), true, 0],
  ])('%s', (_what, more, iterationsOnly, weight) => {
    const world = { ...running(), ...more };
    expect(liveWeight({ ...world, capabilities: { ...world.capabilities, iterationsOnly } } as never)).toBe(weight);
  });
});

describe('a rollout that a person gives up', () => {
  it('is written down with who did', () => {
    const { status } = decidedBy(running({}, told(command('rollback'))));
    expect(status?.rollback).toMatchObject({ by: 'bo' });
  });
});
