/** Every strategy as one list of steps. */

import type { Canary } from '../api/canary.ts';
import { analysisOf, iterationsOf, maxWeightOf, stepWeightOf, stepWeightsOf } from '../api/defaults.ts';
import type { Capabilities, Routes } from '../api/model.ts';

export type Step =
  | { kind: 'weight'; weight: number }
  /** Copies of requests go to the canary, answers come from the primary. */
  | { kind: 'mirror' }
  /** One more interval of analysis; the traffic stays or goes as `routes` says. */
  | { kind: 'iteration'; iteration: number; routes: Routes | undefined }
  /** Blue/green, after its last iteration: the new revision takes over while the old one is replaced. */
  | { kind: 'switch'; iteration: number; routes: Routes | undefined };

/** How many iterations plain Kubernetes runs where none are given: it can't do anything else. */
const DEFAULT_ITERATIONS = 10;
const ALL = 100;

const ALL_TO_CANARY: Routes = { primary: 0, canary: ALL, mirrored: false };
const MIRRORED: Routes = { primary: ALL, canary: 0, mirrored: true };

export const iterationsFor = (canary: Canary, capabilities: Capabilities): number =>
  capabilities.iterationsOnly && iterationsOf(canary) < 1 ? DEFAULT_ITERATIONS : iterationsOf(canary);

/** The steps of the canary's strategy, in order; what follows the last one is the promotion. Made as they are asked for. */
export const stepsOf = (canary: Canary, capabilities: Capabilities): Iterable<Step> =>
  iterationsFor(canary, capabilities) === 0 ? weightSteps(canary, capabilities) : iterationSteps(canary, capabilities);

const isMatching = (canary: Canary, { iterationsOnly }: Capabilities): boolean =>
  (analysisOf(canary).match?.length ?? 0) > 0 && !iterationsOnly;

/** Where the traffic goes while iterations are counted; undefined: it stays. */
export const iterationRoutes = (canary: Canary, capabilities: Capabilities): Routes | undefined => {
  if (isMatching(canary, capabilities)) return ALL_TO_CANARY;
  return analysisOf(canary).mirror === true && capabilities.mirror !== 'none' ? MIRRORED : undefined;
};

function* iterationSteps(canary: Canary, capabilities: Capabilities): Iterable<Step> {
  const iterations = iterationsFor(canary, capabilities);
  const routes = iterationRoutes(canary, capabilities);
  for (let iteration = 1; iteration <= iterations; iteration += 1) yield { kind: 'iteration', iteration, routes };
  if (!isMatching(canary, capabilities))
    yield {
      kind: 'switch',
      iteration: iterations + 1,
      routes: capabilities.iterationsOnly ? undefined : ALL_TO_CANARY,
    };
}

const weightSteps = (canary: Canary, capabilities: Capabilities): Step[] => {
  const isMirroring = analysisOf(canary).mirror === true && capabilities.mirror === 'always';
  const steps = weightsOf(canary).map((weight): Step => ({ kind: 'weight', weight }));
  return isMirroring ? [{ kind: 'mirror' }, ...steps] : steps;
};

/** Weights in the order they are taken; the last may pass maxWeight, never 100. */
export const weightsOf = (canary: Canary): number[] => {
  const step = stepWeightOf(canary);
  if (step <= 0) return stepWeightsOf(canary).map((weight) => Math.max(0, Math.min(weight, ALL)));
  const max = Math.min(maxWeightOf(canary), ALL);
  const weights: number[] = [];
  for (let weight = 0; weights.length === 0 || weight < max; ) {
    weight = Math.min(weight + step, ALL);
    weights.push(weight);
  }
  return weights;
};

export interface Position {
  /** Percent that the canary gets now, by the live routes. */
  weight: number;
  mirrored: boolean;
  iterations: number;
}

/** The step to take from here; undefined: all are done, promote. A weight that is no step goes on with the next larger one. */
export const nextStep = (canary: Canary, capabilities: Capabilities, position: Position): Step | undefined => {
  const isByWeight = iterationsFor(canary, capabilities) === 0;
  if (isByWeight && position.weight > 0 && position.weight >= maxWeightOf(canary)) return undefined;
  for (const step of stepsOf(canary, capabilities)) {
    if (isAhead(step, position)) return step;
  }
  return undefined;
};

const isAhead = (step: Step, position: Position): boolean => {
  if (step.kind === 'weight') return step.weight > position.weight;
  if (step.kind === 'mirror') return position.weight === 0 && !position.mirrored;
  return step.iteration > position.iterations;
};

/** How many steps the status has behind it, as commands count them. */
export const stepsTaken = (canary: Canary, capabilities: Capabilities): number => {
  const { canaryWeight = 0, iterations = 0 } = canary.status ?? {};
  const all = iterationsFor(canary, capabilities);
  if (all > 0) return Math.max(0, Math.min(iterations, all));
  return weightsOf(canary).filter((weight) => weight <= canaryWeight).length;
};

/** How many steps there are, as commands count them: mirroring and the switch at the end are none. */
export const stepCount = (canary: Canary, capabilities: Capabilities): number =>
  iterationsFor(canary, capabilities) || weightsOf(canary).length;

/** Is the rollout at `step=N` or `weight=N`, or past it? */
export const hasReached = (canary: Canary, capabilities: Capabilities, at: string): boolean => {
  const [what, number = ''] = at.split('=');
  const reached = what === 'step' ? stepsTaken(canary, capabilities) : (canary.status?.canaryWeight ?? 0);
  return reached >= Number(number);
};

/**
 * Where the status says that the rollout stands. A command is obeyed from here: a driver that ended after it moved the
 * traffic and before it said so is followed by one that moves it to the same place.
 */
const knownPosition = ({ status }: Canary, mirrored: boolean): Position => ({
  weight: status?.canaryWeight ?? 0,
  mirrored,
  iterations: status?.iterations ?? 0,
});

const MOST_AHEAD = 10_000;

/** The steps that are still to come, in order, at most `most`; the switch at the end is none. A spec may ask for a billion. */
export const stepsAhead = (
  canary: Canary,
  capabilities: Capabilities,
  { mirrored, most }: { mirrored: boolean; most: number },
): Step[] => {
  const position = knownPosition(canary, mirrored);
  const ahead: Step[] = [];
  for (const step of stepsOf(canary, capabilities)) {
    if (ahead.length >= Math.min(most, MOST_AHEAD)) break;
    if (step.kind !== 'switch' && isAhead(step, position)) ahead.push(step);
  }
  return ahead;
};
