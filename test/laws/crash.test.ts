import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../shared/platform/random.ts';
import { createMortalPorts } from '../conformance/drivers/mortal-ports.ts';
import { createFaultyPorts } from './faulty-ports.ts';
import { runs } from './law-runs.ts';
import { brokenLaws, finalState } from './laws.ts';
import { momentsOf } from './observed.ts';
import { type Plan, plans } from './plan.ts';
import { openWorld, playPlan, type World } from './world.ts';

/** Plans whose end does not hang on when somebody looks: hooks that count failures answer the same at all times. */
const steadyPlans = plans.filter(
  ({ hooks, nextAfterMs }) =>
    nextAfterMs === undefined &&
    hooks.every(({ type, opensAfterMs }) => opensAfterMs === 0 || type.startsWith('confirm')),
);

interface Played {
  readonly broken: readonly string[];
  readonly final: unknown;
  readonly writes: number;
}

/** Time until somebody starts the next driver. */
const GAP_MS = 3000;

/** Plays the plan with drivers that die around their write number `fatal`, `deaths` times; the last one lives. */
const play = async (plan: Plan, drive: (world: World) => Promise<() => number>): Promise<Played> => {
  const world = await openWorld(plan);
  const writes = await drive(world);
  await playPlan(world, plan);
  const moments = momentsOf(world, plan);
  world.stop();
  return { broken: brokenLaws(moments, plan), final: finalState(moments), writes: writes() };
};

const undisturbed = (plan: Plan): Promise<Played> =>
  play(plan, async (world) => {
    const ports = createMortalPorts(world, 0, 'after');
    await world.startDriver(ports);
    return ports.writes;
  });

const mortal = (
  plan: Plan,
  { fatal, deaths, death }: { fatal: number; deaths: number; death: 'before' | 'after' },
): Promise<Played> =>
  play(plan, async (world) => {
    let lives = 0;
    const next = async (): Promise<void> => {
      lives += 1;
      const ports = createMortalPorts(world, lives > deaths ? 0 : fatal, death);
      await world.startDriver(ports);
      const look = (): void => {
        if (ports.isDead()) world.clock.after(GAP_MS, () => void next());
        else world.clock.after(100, look);
      };
      if (lives <= deaths) world.clock.after(100, look);
    };
    await next();
    return () => lives;
  });

describe('a driver that dies', () => {
  it('once, around any of its writes, is followed by one that brings the rollout to the same end', async () => {
    const draws = fc.tuple(
      steadyPlans,
      fc.integer({ min: 0, max: 999 }),
      fc.constantFrom('before' as const, 'after' as const),
    );
    await fc.assert(
      fc.asyncProperty(draws, async ([plan, draw, death]) => {
        const whole = await undisturbed(plan);
        expect(whole.broken).toEqual([]);
        const { broken, final } = await mortal(plan, { fatal: 1 + (draw % whole.writes), deaths: 1, death });
        expect(broken).toEqual([]);
        expect(final).toEqual(whole.final);
      }),
      runs(20),
    );
  });

  it('after each of its writes, again and again, changes nothing of the end', async () => {
    await fc.assert(
      fc.asyncProperty(steadyPlans, fc.integer({ min: 1, max: 3 }), async (plan, fatal) => {
        const whole = await undisturbed(plan);
        const { broken, final } = await mortal(plan, { fatal, deaths: 40, death: 'after' });
        expect(broken).toEqual([]);
        expect(final).toEqual(whole.final);
      }),
      runs(8),
    );
  });
});

describe('a driver on a bad day', () => {
  it('of conflicts, 429, 500, lost answers, timeouts, cut and stale watches brings the rollout to the same end', async () => {
    await fc.assert(
      fc.asyncProperty(steadyPlans, fc.integer(), fc.constantFrom(0.05, 0.2), async (plan, seed, rate) => {
        const whole = await undisturbed(plan);
        const { broken, final } = await play(plan, async (world) => {
          const ports = createFaultyPorts(
            world,
            { rate, untilMs: 600_000 },
            { clock: world.clock, random: seededRandom(seed) },
          );
          // The first list may fail like everything else; a process manager starts the controller again.
          void world
            .startDriver(ports)
            .catch(() => world.startDriver(ports))
            .catch(() => world.startDriver());
          return ports.faults;
        });
        expect(broken).toEqual([]);
        expect(final).toEqual(whole.final);
      }),
      runs(20),
    );
  });
});
