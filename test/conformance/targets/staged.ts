/** A recorded scenario with something changed, played under the real controller in virtual time. */
import type { Canary } from '../../../shared/api/canary.ts';
import { playScenario } from '../../golden/runner/player.ts';
import type { Scenario, State } from '../../golden/runner/scenario.ts';
import { loadScenario } from '../../golden/runner/scenario.ts';
import { openVirtualWorld, passTime } from '../../golden/runner/virtual-stage.ts';

export type Loose = ReturnType<typeof JSON.parse>;

/** What happened, and what was left. */
export interface Played {
  states(key: string): Loose[];
  last(key: string): Loose;
  readonly events: readonly string[];
  readonly canary: Canary;
  /** Why the steps could not be played to their end. */
  readonly stuck: string | undefined;
}

/** `change` is given a scenario of its own. */
export const played = async (
  name: string,
  change: (scenario: { objects: Loose[]; steps: Loose[] }) => void,
): Promise<Played> => {
  const { steps, objects, ...rest } = structuredClone(loadScenario(name));
  const changed = { objects: [...objects], steps: [...steps] };
  change(changed);
  const scenario: Scenario = { ...rest, ...changed };
  const world = await openVirtualWorld(scenario);
  const driver = await world.startDriver();
  try {
    const stuck = await passTime(
      world.clock,
      playScenario(world, scenario).then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      ),
    );
    const states = (key: string): State[] => [...world.recorder.statesOf(scenario.namespace, key)];
    const last = (key: string): Loose => states(key).at(-1);
    const events = world.recorder.eventsOf(scenario.namespace).map(([, , , message]) => message);
    return { states, last, events, canary: last('flagger.app/canaries/podinfo') as Canary, stuck };
  } finally {
    await driver.stop();
    await world.stop();
  }
};
