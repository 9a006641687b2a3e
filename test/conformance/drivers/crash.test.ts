import { describe, expect, it } from 'vitest';
import { describeMismatch } from '../../golden/runner/compare.ts';
import { playScenario } from '../../golden/runner/player.ts';
import { createJudge, traceOf } from '../../golden/runner/run.ts';
import type { Scenario } from '../../golden/runner/scenario.ts';
import { loadScenario } from '../../golden/runner/scenario.ts';
import { openVirtualWorld, passTime } from '../../golden/runner/virtual-stage.ts';
import type { Death } from './mortal-ports.ts';
import { createMortalPorts } from './mortal-ports.ts';

const QUIET_MS = 60_000;
/** Time until somebody starts the next driver. */
const GAP_MS = 3000;

interface Outcome {
  readonly writes: number;
  readonly died: boolean;
  /** What differs in the objects from the recording; reports may be lost with the process that owed them. */
  readonly mismatches: readonly string[];
}

/** Plays a scenario with a driver that dies around its write number `fatal`, and another that comes after it. */
const playWithDeath = async (scenario: Scenario, fatal: number, death: Death): Promise<Outcome> => {
  const world = await openVirtualWorld(scenario);
  const ports = createMortalPorts(world, fatal, death);
  await world.startDriver(ports);
  const successor = async (): Promise<void> => {
    while (!ports.isDead()) await new Promise<void>((resolve) => void world.clock.after(100, resolve));
    await new Promise<void>((resolve) => void world.clock.after(GAP_MS, resolve));
    await world.startDriver();
  };
  if (fatal > 0) void successor();
  const stuck = await passTime(world.clock, playScenario(world, scenario)).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  await world.clock.advance(QUIET_MS);
  world.recorder.check();
  const objects = createJudge(scenario)(traceOf(world, scenario.namespace)).filter(({ subject }) =>
    subject.includes('/'),
  );
  await world.stop();
  const mismatches = objects.map(describeMismatch);
  return {
    writes: ports.writes(),
    died: ports.isDead(),
    mismatches: stuck === undefined ? mismatches : [stuck, ...mismatches],
  };
};

describe.each(['bluegreen-keda', 'nginx-canary', 'traefik-rollback'].map(loadScenario))(
  'a driver killed in $name',
  (scenario) => {
    it.each(['before', 'after'] as const)(
      '%s any of its writes is followed by one that goes on correctly',
      async (death) => {
        const whole = await playWithDeath(scenario, 0, death);
        expect(whole.mismatches).toEqual([]);
        const wrong: Record<number, readonly string[]> = {};
        for (let fatal = 1; fatal <= whole.writes; fatal += 1) {
          const { died, mismatches } = await playWithDeath(scenario, fatal, death);
          expect(died).toBe(true);
          if (mismatches.length > 0) wrong[fatal] = mismatches;
        }
        expect(wrong).toEqual({});
      },
    );
  },
);
