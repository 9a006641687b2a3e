/** The decision core: what to do next, from what is known. Pure; called again with each answer it asked for. */
import type { Phase } from '../api/canary.ts';
import type { Answers } from '../api/model.ts';
import { obeyCommand } from './commands.ts';
import { guard, isReadable } from './guards.ts';
import { decided } from './outcome.ts';
import { finalise } from './phases/finalise.ts';
import type { Handler } from './phases/handler.ts';
import { idle, wait } from './phases/idle.ts';
import { initialise } from './phases/initialise.ts';
import { progress } from './phases/progress.ts';
import { finishPromotion } from './phases/promote.ts';
import { phaseOf } from './status.ts';
import type { Outcome, World } from './world.ts';

const nothing: Handler = (world) => decided(world, {});

/** One handler per phase; leaving one out does not compile. */
const HANDLERS = {
  '': nothing,
  Initializing: initialise,
  Initialized: idle,
  Waiting: wait,
  Progressing: progress,
  WaitingPromotion: progress,
  Promoting: finishPromotion,
  Finalising: finalise,
  Succeeded: idle,
  Failed: idle,
  Terminating: nothing,
  Terminated: nothing,
} as const satisfies Record<Phase, Handler>;

/** A question that has to be asked first, or the decision. */
export const decide = (world: World, answers: Answers): Outcome => {
  const stopped = guard(world);
  if (stopped !== undefined || !isReadable(world)) return stopped ?? decided(world, {});
  return obeyCommand(world, answers) ?? HANDLERS[phaseOf(world.canary)](world, answers, false);
};
