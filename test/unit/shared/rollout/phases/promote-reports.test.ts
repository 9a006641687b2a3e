import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../../shared/api/canary.ts';
import type { Readiness } from '../../../../../shared/api/model.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withAnalysis, withStatus } from '../../../../make/canary.ts';
import { at, canaryIn, decidedBy, NOW, worldOf } from '../command-world.ts';
import { linesOf } from '../report-lines.ts';
import { BUSY, moves, primaryOf, routed } from './phase-world.ts';

const COPIED = { hasCopy: true, runsTarget: true };
const TIMED: Readiness = { ...BUSY, deadlineAt: NOW + 30_000 } as Readiness;

const promoting = (status: Partial<CanaryStatus>, live: number, stepWeightPromotion?: number): World =>
  worldOf(canaryIn('Promoting', withStatus(status), withAnalysis({ stepWeightPromotion })), {
    ...primaryOf(COPIED),
    ...routed(live),
  });

const FINISHED = [
  'add flagger_canary_successes_total 1 podinfo,test,canary,completed',
  'post-rollout Succeeded',
  'Normal Synced to Succeeded: Promotion completed! Scaling down podinfo.test',
  'alert info: Canary analysis completed successfully, promotion finished.',
];

describe('what a promotion tells', () => {
  it.each<[string, World, string[]]>([
    [
      'while the primary comes up, once',
      { ...promoting({}, 50), ...primaryOf({ ...COPIED, readiness: TIMED }) },
      ['Warning Synced to Promoting once (promotion): podinfo-primary.test not ready: 1 of 2 available'],
    ],
    ['of all traffic', promoting({}, 50), ['Normal Synced to Promoting: Routing all traffic to primary']],
    [
      'of a part of it',
      promoting({ canaryWeight: 50 }, 50, 20),
      ['Normal Synced to Promoting: Advance podinfo.test primary weight 70'],
    ],
    ['where nothing is left to move: nothing', promoting({ canaryWeight: 0 }, 0, 20), []],
    ['at its end', worldOf(canaryIn('Finalising'), { ...primaryOf(COPIED), ...routed(0) }), FINISHED],
  ])('%s', (_what, world, lines) => {
    expect(linesOf(decidedBy(world))).toEqual(lines);
  });

  it('of a primary that just started comes ten seconds after', () => {
    const world = {
      ...promoting({ notReady: { primary: at(-3) } }, 50),
      ...primaryOf({ ...COPIED, readiness: TIMED }),
    };
    expect(decidedBy(world)).toMatchObject({ reports: [], dueAt: NOW + 7000 });
  });
});

describe('traffic that goes back by steps', () => {
  it('without any on the canary ends at once, with nothing to drain and no step', () => {
    for (const world of [
      promoting({ canaryWeight: 50 }, 0, 20),
      { ...promoting({ canaryWeight: 50 }, 0, 20), routes: undefined },
      { ...promoting({ canaryWeight: 0 }, 0, 20), routes: undefined },
    ]) {
      const { status, actions } = decidedBy(world);
      expect(status).toMatchObject({ phase: 'Finalising', canaryWeight: 0 });
      expect(status).not.toHaveProperty('dueAt');
      expect(moves(actions)).toEqual(['sync-primary-scaler']);
    }
  });

  it('goes by what the canary has, where weights tell of none', () => {
    const { status, actions } = decidedBy(promoting({ canaryWeight: 0 }, 50, 20));
    expect(moves(actions)).toEqual(['route 30%', 'sync-primary-scaler']);
    expect(status).toMatchObject({ phase: 'Promoting', canaryWeight: 30, dueAt: at(10) });
  });
});
