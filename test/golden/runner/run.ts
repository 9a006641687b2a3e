import { sleep } from '../../../shared/engine/ports.ts';
import type { Mismatch } from './compare.ts';
import { compareTraces, describeMismatch } from './compare.ts';
import { grantDifferences } from './differences.ts';
import { normalise } from './normalise.ts';
import type { Stage } from './player.ts';
import { playScenario } from './player.ts';
import type { Scenario, Trace } from './scenario.ts';

/** Compares traces as they came with one recording, as equal as the recordings' rules ask. Empty means equal. */
export const createJudge = (scenario: Scenario): ((trace: Trace) => Mismatch[]) => {
  const recorded = normalise(scenario.expect);
  return (trace) => {
    const { expected, got } = grantDifferences(scenario.name, recorded, normalise(trace));
    return compareTraces(scenario.name, expected, got);
  };
};

/** What a stage recorded of one namespace, as it came. */
export const traceOf = ({ recorder, hooks, prometheus }: Stage, namespace: string): Trace => ({
  objects: recorder.objectsOf(namespace),
  events: recorder.eventsOf(namespace),
  hooks: hooks.hooksOf(namespace),
  alerts: hooks.alertsOf(namespace),
  queries: prometheus.queriesOf(namespace),
});

/** What comes after the last step: what is still on its way may arrive, and then nothing more may come. */
export interface Settling {
  readonly arriveSeconds: number;
  readonly quietSeconds: number;
}

const LOOK_AGAIN_MS = 500;

const settle = async (stage: Stage, settling: Settling, isComplete: () => boolean): Promise<void> => {
  const end = stage.clock.now() + settling.arriveSeconds * 1000;
  while (!isComplete() && stage.clock.now() < end) await sleep(stage.clock, LOOK_AGAIN_MS);
  await sleep(stage.clock, settling.quietSeconds * 1000);
};

/**
 * Plays a scenario on the stage and compares it with its recording. A step that could not be finished is told beside
 * all that differs, because that says why.
 */
export const runScenario = async (stage: Stage, scenario: Scenario, settling: Settling): Promise<string[]> => {
  const judge = createJudge(scenario);
  const look = (): Mismatch[] => judge(traceOf(stage, scenario.namespace));
  const stuck = await playScenario(stage, scenario).then(
    () => settle(stage, settling, () => look().length === 0),
    (error: unknown) => error as Error,
  );
  stage.recorder.check();
  const mismatches = look().map(describeMismatch);
  return stuck === undefined ? mismatches : [stuck.message, ...mismatches];
};
