/** Holding a rollout, now or further on, and letting it go. */
import type { Pause, PauseAt } from '../../api/canary.ts';
import type { Command } from '../../api/command.ts';
import { maxWeightOf } from '../../api/defaults.ts';
import { parseGoDuration } from '../../api/duration.ts';
import { afterPause } from '../native-gates.ts';
import { decided, KEEP_WITH_ROUTES, short } from '../outcome.ts';
import type { ReadableWorld } from '../phases/handler.ts';
import { hasReached, iterationsFor, stepCount, stepsTaken, weightsOf } from '../steps.ts';
import { canaryText } from '../texts.ts';
import { isoTime } from '../times.ts';
import { isAnalysing, nothingRuns, type VerbHandler } from './verb.ts';

const whoAndWhy = ({ by, reason }: Command): { by?: string; reason?: string } => ({
  ...(by !== undefined && { by: short(by) }),
  ...(reason !== undefined && { reason: short(reason) }),
});

/** The pause that begins now; `forMs`: and ends by itself. */
export const pausedBy = ({ now }: ReadableWorld, command: Command, forMs?: number): Pause => ({
  since: isoTime(now),
  ...whoAndWhy(command),
  ...(forMs !== undefined && { until: isoTime(now + forMs) }),
});

/** Where it shall hold; `problem`: it will never get there, or is past it. Undefined: at once. */
const placeOf = (world: ReadableWorld, { step, weight }: Command): { at: string } | { problem: string } | undefined => {
  const { canary, capabilities } = world;
  if (step !== undefined && weight !== undefined)
    return { problem: 'a pause begins at a step or at a weight, not at both' };
  if (step !== undefined) {
    const [taken, all] = [stepsTaken(canary, capabilities), stepCount(canary, capabilities)];
    if (taken > step) return { problem: `it is already past step ${step}` };
    return step > all ? { problem: `its analysis has only ${all} steps` } : { at: `step=${step}` };
  }
  if (weight === undefined) return undefined;
  if (iterationsFor(canary, capabilities) > 0) return { problem: 'its analysis counts iterations, it has no weights' };
  const { canaryWeight: present = 0 } = canary.status ?? {};
  if (present > weight) return { problem: `it is already past weight ${weight}` };
  const most = Math.max(maxWeightOf(canary), ...weightsOf(canary));
  return weight > most ? { problem: `its analysis ends at weight ${most}` } : { at: `weight=${weight}` };
};

export const pause: VerbHandler = (world, _answers, command) => {
  if (!isAnalysing(world)) return { refuse: nothingRuns(world) };
  const forMs = command.for === undefined ? undefined : parseGoDuration(command.for);
  if (command.for !== undefined && (forMs === undefined || forMs <= 0))
    return { refuse: `"${short(command.for)}" is not a duration such as 30m` };
  const place = placeOf(world, command);
  if (place !== undefined && 'problem' in place) return { refuse: place.problem };
  const name = canaryText(world.canary);
  // A rollout that is there already is held at once.
  if (place === undefined || hasReached(world.canary, world.capabilities, place.at)) {
    const change = { paused: pausedBy(world, command, forMs), pauseAt: null };
    return { obey: decided(world, { actions: KEEP_WITH_ROUTES, change }), say: `Paused ${name}`, reason: 'Paused' };
  }
  const pauseAt: PauseAt = {
    at: place.at,
    since: isoTime(world.now),
    ...whoAndWhy(command),
    ...(command.for !== undefined && { for: command.for }),
  };
  return {
    obey: decided(world, { change: { pauseAt } }),
    say: `${name} will be paused at ${place.at}`,
    reason: 'PausePlanned',
  };
};

/** Nothing is touched here: what goes on is the next pass's to decide. */
export const resume: VerbHandler = (world) => {
  const { paused, pauseAt } = world.canary.status ?? {};
  const obey = decided(world, { change: { ...afterPause(world), pauseAt: null } });
  const say =
    paused !== undefined || pauseAt !== undefined ? `Resumed ${canaryText(world.canary)}` : 'It was not paused';
  return { obey, say, reason: 'Resumed' };
};
