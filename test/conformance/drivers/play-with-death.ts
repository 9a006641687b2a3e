import { describeMismatch } from '../../golden/runner/compare.ts';
import { playScenario } from '../../golden/runner/player.ts';
import { createJudge, traceOf } from '../../golden/runner/run.ts';
import type { Scenario, Trace } from '../../golden/runner/scenario.ts';
import { openVirtualWorld, passTime } from '../../golden/runner/virtual-stage.ts';
import type { Death } from './mortal-ports.ts';
import { createMortalPorts } from './mortal-ports.ts';

const QUIET_MS = 60_000;
/** Time until somebody starts the next driver. */
const GAP_MS = 3000;

/** How a scenario went on after its driver died. */
export interface Outcome {
  readonly writes: number;
  readonly died: boolean;
  /** What differs in the objects from the recording; reports may be lost with the process that owed them. */
  readonly mismatches: readonly string[];
  /** Every state of every object, as it was seen. */
  readonly objects: Trace['objects'];
}

/** Plays a scenario with a driver that dies around its write number `fatal`, and another that comes after it. */
export const playWithDeath = async (scenario: Scenario, fatal: number, death: Death): Promise<Outcome> => {
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
  const trace = traceOf(world, scenario.namespace);
  const wrong = createJudge(scenario)(trace).filter(({ subject }) => subject.includes('/'));
  await world.stop();
  const mismatches = wrong.map(describeMismatch);
  return {
    writes: ports.writes(),
    died: ports.isDead(),
    mismatches: stuck === undefined ? mismatches : [stuck, ...mismatches],
    objects: trace.objects,
  };
};
