import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from './law-runs.ts';
import { brokenLaws } from './laws.ts';
import { momentsOf } from './observed.ts';
import { plans } from './plan.ts';
import { openWorld, playPlan } from './world.ts';

describe('any rollout', () => {
  it('keeps the laws of traffic, pace and phases, and ends as it must', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const world = await openWorld(plan);
        const driver = await world.startDriver();
        await playPlan(world, plan);
        expect(brokenLaws(momentsOf(world, plan), plan)).toEqual([]);
        await driver.stop();
        world.stop();
      }),
      runs(40),
    );
  });
});
