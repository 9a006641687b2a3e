/** Every strategy as one list of steps. */
import { iterationsOf, maxWeightOf, stepWeightOf, stepWeightsOf } from '../api/defaults.ts';
import type { Canary } from '../api/canary.ts';
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

const ALL_TO_CANARY: Routes = { primary: 0, canary: 100, mirrored: false };
const MIRRORED: Routes = { primary: 100, canary: 0, mirrored: true };

export const iterationsFor = (canary: Canary, capabilities: Capabilities): number =>
  capabilities.iterationsOnly && iterationsOf(canary) < 1 ? DEFAULT_ITERATIONS : iterationsOf(canary);

/** The steps of the canary's strategy, in order; what follows the last one is the promotion. */
export const stepsOf = (canary: Canary, capabilities: Capabilities): Step[] => {
  const iterations = iterationsFor(canary, capabilities);
  if (iterations === 0) return weightSteps(canary, capabilities);
  const isMatching = (canary.spec.analysis.match?.length ?? 0) > 0 && !capabilities.iterationsOnly;
  const isMirroring = canary.spec.analysis.mirror === true && capabilities.mirror !== 'none';
  const during = isMatching ? ALL_TO_CANARY : isMirroring ? MIRRORED : undefined;
  const steps = Array.from({ length: iterations }, (_, index): Step => ({ kind: 'iteration', iteration: index + 1, routes: during }));
  if (isMatching) return steps;
  return [...steps, { kind: 'switch', iteration: iterations + 1, routes: capabilities.iterationsOnly ? undefined : ALL_TO_CANARY }];
};

const weightSteps = (canary: Canary, capabilities: Capabilities): Step[] => {
  const isMirroring = canary.spec.analysis.mirror === true && capabilities.mirror === 'always';
  const steps = weightsOf(canary).map((weight): Step => ({ kind: 'weight', weight }));
  return isMirroring ? [{ kind: 'mirror' }, ...steps] : steps;
};

/** Weights in the order they are taken; the last may pass maxWeight, never 100. */
const weightsOf = (canary: Canary): number[] => {
  const step = stepWeightOf(canary);
  const max = maxWeightOf(canary);
  if (step <= 0) return stepWeightsOf(canary).map((weight) => Math.min(weight, 100));
  const weights: number[] = [];
  for (let weight = step; weights.length === 0 || (weights.at(-1) as number) < max; weight += step) weights.push(Math.min(weight, 100));
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
  const steps = stepsOf(canary, capabilities);
  if (iterationsFor(canary, capabilities) > 0) {
    return steps.find((step) => (step.kind === 'iteration' || step.kind === 'switch') && step.iteration > position.iterations);
  }
  if (position.weight === 0 && !position.mirrored && steps[0]?.kind === 'mirror') return steps[0];
  if (position.weight >= maxWeightOf(canary)) return undefined;
  return steps.find((step) => step.kind === 'weight' && step.weight > position.weight);
};

/** Why no step can ever be taken, in one line; undefined: there are steps. */
export const stepsProblem = (canary: Canary, capabilities: Capabilities): string | undefined => {
  if (iterationsFor(canary, capabilities) > 0) return undefined;
  if (!weightsOf(canary).some((weight) => weight > 0)) {
    return 'spec.analysis sets neither iterations nor a step above 0: traffic would never move. Set stepWeight, stepWeights or iterations.';
  }
  return undefined;
};
