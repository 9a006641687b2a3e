/** Moving a running rollout on by hand: promote, skip-step, set-weight. */

import type { Command } from '../../api/command.ts';
import { maxWeightOf, skipsAnalysis } from '../../api/defaults.ts';
import { decided } from '../outcome.ts';
import { promoteNow, setWeight, takeNow } from '../phases/advance.ts';
import type { ReadableWorld } from '../phases/handler.ts';
import { prepare } from '../phases/progress.ts';
import { phaseOf } from '../status.ts';
import { iterationsFor, type Step, stepsAhead, stepsTaken } from '../steps.ts';
import { canaryText } from '../texts.ts';
import { isProblem } from '../world.ts';
import { pausedBy } from './pause.ts';
import { busyPrimary, copiedAlready, isAnalysing, nothingRuns, RUNNING, type VerbHandler } from './verb.ts';

/** Why no step can be taken now; undefined: one can. */
const noStep = (world: ReadableWorld, { full, step }: Command): string | undefined => {
  const { readiness } = world.target;
  if (skipsAnalysis(world.canary)) return 'its analysis is skipped, it is promoted as soon as it is ready';
  if (!readiness.ready) return `the new revision is not ready: ${readiness.message}`;
  if (stepsTaken(world.canary, world.capabilities) > (step ?? Infinity)) return `it is already past step ${step}`;
  return full === true ? undefined : busyPrimary(world);
};

export const promote: VerbHandler = (world, answers, command) => {
  const phase = phaseOf(world.canary);
  const handler = RUNNING[phase];
  if (handler === undefined) return { refuse: nothingRuns(world) };
  const name = canaryText(world.canary);
  const byHand = { reason: 'PromotedByHand' };
  const whole = { ...byHand, say: `Promoting ${name} without the rest of its analysis`, decides: true } as const;
  if (isAnalysing(world)) {
    const first = prepare(world);
    if (first !== undefined) return { first };
    const problem = noStep(world, command);
    if (problem !== undefined) return { refuse: problem };
    if (command.full === true && isProblem(world.configs)) return { refuse: world.configs.problem };
    if (command.full === true) return { ...whole, obey: promoteNow(world) };
  }
  // The copy that it asks for is made: perhaps by a driver that ended before it could answer.
  if (phase === 'Promoting' && command.full === true) return { ...whole, obey: decided(world, {}) };
  const busy = phase === 'Promoting' ? busyPrimary(world) : undefined;
  if (busy !== undefined) return { refuse: busy };
  return { ...byHand, obey: handler(world, answers, true), say: `Promoting ${name} by one step` };
};

/** What both verbs need of a rollout; undefined: it has it. */
const notMovable = (
  world: ReadableWorld,
  command: Command,
): { refuse: string } | ReturnType<VerbHandler> | undefined => {
  const copied = copiedAlready(world);
  if (copied !== undefined) return { refuse: copied };
  if (!isAnalysing(world)) return { refuse: nothingRuns(world) };
  const first = prepare(world);
  if (first !== undefined) return { first };
  const problem = noStep(world, { ...command, full: false });
  return problem === undefined ? undefined : { refuse: problem };
};

const goalText = (step: Step): string => {
  if (step.kind === 'weight') return `weight ${step.weight}`;
  return step.kind === 'mirror' ? 'mirrored traffic' : `iteration ${step.iteration}`;
};

/** Neither checks nor gates of the steps between are asked. What moves all traffic for good is no step to be skipped. */
export const skipStep: VerbHandler = (world, _answers, command) => {
  const stopped = notMovable(world, command);
  if (stopped !== undefined) return stopped;
  const { count = 1 } = command;
  const mirrored = world.routes?.mirrored === true && world.canary.status?.trafficSince !== undefined;
  const left = stepsAhead(world.canary, world.capabilities, { mirrored, most: count });
  if (count < 1) return { refuse: 'count must be at least 1' };
  const step = left[count - 1];
  if (step === undefined) {
    const text =
      left.length === 0 ? 'no step is left' : `only ${left.length} ${left.length === 1 ? 'step is' : 'steps are'} left`;
    return { refuse: `${text}; promote with full ends the analysis` };
  }
  const say = `Skipping ${count} ${count === 1 ? 'step' : 'steps'} of ${canaryText(world.canary)}, to ${goalText(step)}`;
  return { obey: takeNow(world, step), say, reason: 'StepSkipped' };
};

const badWeight = (world: ReadableWorld, { weight, force }: Command): string | undefined => {
  const { canary, capabilities, settings } = world;
  if (!capabilities.weights || capabilities.iterationsOnly)
    return `provider ${settings.provider} cannot split traffic by weight`;
  if (iterationsFor(canary, capabilities) > 0) return 'its analysis counts iterations, it has no weights';
  if (weight === undefined) return 'weight is missing';
  if (weight > 100) return `weight ${weight} is more than 100`;
  const most = maxWeightOf(canary);
  return weight > most && force !== true
    ? `weight ${weight} is above the largest of its analysis, ${most}; force goes beyond it`
    : undefined;
};

/** The steps go on from the new weight, one interval later. */
export const setWeightTo: VerbHandler = (world, _answers, command) => {
  const stopped = notMovable(world, command);
  if (stopped !== undefined) return stopped;
  const problem = badWeight(world, command);
  if (problem !== undefined) return { refuse: problem };
  const { weight = 0, hold } = command;
  const obey = setWeight(world, weight, hold === true ? { paused: pausedBy(world, command), pauseAt: null } : {});
  const say = `Set the weight of ${canaryText(world.canary)} to ${weight}${hold === true ? ', held until it is resumed' : ''}`;
  return { obey, say, reason: 'WeightSet' };
};
