import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../../shared/api/canary.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withAnalysis, withSpec } from '../../../../make/canary.ts';
import { at, decidedBy, REVISION, targetOf } from '../command-world.ts';
import { linesOf } from '../report-lines.ts';
import { kept, moves, primaryOf, routed } from './phase-world.ts';
import { iterating, running } from './progress-world.ts';

/** As another controller leaves it: without our digest of the revision. */
const foreign = (world: World, more: Partial<World> = {}): World => {
  const { revision: _, ...status } = world.canary.status ?? {};
  return { ...world, ...more, canary: { ...world.canary, status } };
};

const AB_TEST = withAnalysis({ match: [{ headers: { a: { exact: '1' } } }] });

describe('an analysis that another controller began', () => {
  it.each<[string, World, Partial<CanaryStatus>]>([
    [
      'by weights has the weight that is counted, not the one found',
      foreign(running(), routed(20)),
      { canaryWeight: 10, iterations: 0, trafficSince: at(0), dueAt: at(10) },
    ],
    [
      'with mirrored requests has begun',
      foreign(running({ canaryWeight: 0 }), routed(0, true)),
      { canaryWeight: 0, trafficSince: at(0), dueAt: at(10) },
    ],
    [
      'by iterations has begun with the first of them',
      foreign(iterating({ iterations: 1 })),
      { canaryWeight: 0, iterations: 1, trafficSince: at(0), dueAt: at(10) },
    ],
    [
      'by weights, at its promotion gate, has the weight that is found: none is counted there',
      foreign(running({ phase: 'WaitingPromotion', canaryWeight: 0 }), routed(50)),
      { phase: 'WaitingPromotion', canaryWeight: 50, iterations: 0, trafficSince: at(0), dueAt: at(10) },
    ],
    [
      'by iterations, at its promotion gate, has all of them behind it: one is counted less there',
      foreign(iterating({ phase: 'WaitingPromotion', iterations: 1 }, AB_TEST), routed(100)),
      { phase: 'WaitingPromotion', canaryWeight: 0, iterations: 2, trafficSince: at(0), dueAt: at(10) },
    ],
    [
      'remembers what a scaler gave the primary',
      foreign(running(), primaryOf({ replicas: 3 })),
      { canaryWeight: 10, primaryReplicas: 3 },
    ],
  ])('%s', (_what, world, expected) => {
    const { status, actions, reports } = decidedBy(world);
    expect(status).toMatchObject({ revision: REVISION, ...expected });
    expect(moves(actions)).toEqual([]);
    expect(reports).toEqual([]);
  });

  it.each<[string, World]>([
    ['by weights', foreign(running({ canaryWeight: 0, dueAt: at(-100) }))],
    ['by iterations', foreign(iterating({ dueAt: at(-100) }))],
    ['without routes', foreign(running({ canaryWeight: 0, dueAt: at(-100) }), { routes: undefined })],
    [
      'without a primary',
      foreign(running({ canaryWeight: 0, dueAt: at(-100) }), {
        primary: undefined,
        ...targetOf({ canRestart: false }),
      }),
    ],
  ])('%s and without any traffic need not wait', (_what, world) => {
    const { status } = decidedBy(world);
    expect(status).toMatchObject({ revision: REVISION, canaryWeight: 0, iterations: 0 });
    expect(status).not.toHaveProperty('dueAt');
    expect(status).not.toHaveProperty('trafficSince');
  });

  it.each<[string, World, Partial<CanaryStatus>]>([
    [
      'goes on with the promotion',
      running({ canaryWeight: 50 }),
      { phase: 'Promoting', waitingFor: { what: 'pods of podinfo-primary.test', since: at(0), until: at(60) } },
    ],
    [
      'without analysis waits for the copied pods',
      running({ canaryWeight: 0 }, withSpec({ skipAnalysis: true })),
      {
        phase: 'Progressing',
        waitingFor: { what: 'promoted pods of podinfo-primary.test', since: at(0), until: at(60) },
      },
    ],
  ])('whose copy it made already %s, and nothing is copied twice', (_what, world, expected) => {
    const { status, actions } = decidedBy(foreign(world, primaryOf({ hasCopy: true, runsTarget: true })));
    const { canaryWeight } = world.canary.status ?? {};
    expect(status).toMatchObject({ ...expected, revision: REVISION, canaryWeight });
    expect(status).not.toHaveProperty('dueAt');
    expect(moves(actions)).toEqual([]);
    expect(kept(actions)).toContain('ensure-routes');
  });
});

describe('a new revision in an analysis', () => {
  it('has time until the progress deadline for its pods', () => {
    const decision = decidedBy({ ...running(), ...targetOf({ revision: 'newer' }) });
    expect(decision.status?.waitingFor).toEqual({ what: 'pods of podinfo.test', since: at(0), until: at(60) });
    expect(linesOf(decision)).toEqual([
      'Normal Synced to Progressing: New revision detected! Restarting analysis for podinfo.test',
    ]);
  });
});
