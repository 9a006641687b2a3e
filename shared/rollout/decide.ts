/** The decision core: what to do next, from what is known. Pure; called again with each answer it asked for. */
import type { Phase } from '../api/canary.ts';
import type { Answers } from '../api/model.ts';
import { complaint, obeyCommand, refuseCommand } from './commands.ts';
import { clocked, overdue } from './deadlines.ts';
import { guard, isReadable, isRouted, standstill } from './guards.ts';
import { decided } from './outcome.ts';
import { finalise } from './phases/finalise.ts';
import type { Handler, RoutedWorld } from './phases/handler.ts';
import { idle, wait } from './phases/idle.ts';
import { initialise } from './phases/initialise.ts';
import { progress } from './phases/progress.ts';
import { finishPromotion } from './phases/promote.ts';
import { remakePrimary } from './remake-primary.ts';
import { phaseOf, statusAfter } from './status.ts';
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

/** Phases that go on although the target is gone: the primary has its copy. */
const WITHOUT_TARGET: Partial<Record<Phase, Handler<RoutedWorld>>> = {
  Promoting: finishPromotion,
  Finalising: finalise,
};

/** A question that has to be asked first, or the decision. */
export const decide = (world: World, answers: Answers): Outcome =>
  complained(world, timed(world, observed(world, choose(world, answers))));

/** With the clocks of what it waits for, and a word where a phase lasts too long. */
const timed = (world: World, outcome: Outcome): Outcome =>
  'ask' in outcome ? outcome : { decision: overdue(world, clocked(world, outcome.decision)) };

const choose = (world: World, answers: Answers): Outcome => {
  const why = standstill(world);
  const refused = why === undefined ? undefined : refuseCommand(world, why);
  const stopped = refused ?? guard(world);
  if (stopped !== undefined) return stopped;
  if (isReadable(world)) {
    const first = remakePrimary(world, answers) ?? obeyCommand(world, answers);
    return first ?? HANDLERS[phaseOf(world.canary)](world, answers, false);
  }
  const handler = isRouted(world) ? WITHOUT_TARGET[phaseOf(world.canary)] : undefined;
  return handler ? handler(world as RoutedWorld, answers, false) : decided(world, {});
};

const complained = (world: World, outcome: Outcome): Outcome => {
  const report = complaint(world);
  if (report === undefined || 'ask' in outcome) return outcome;
  return { decision: { ...outcome.decision, reports: [...outcome.decision.reports, report] } };
};

/** Health checks of other tools compare `observedGeneration`: a change of the spec is noted even where it changes nothing. */
const observed = (world: World, outcome: Outcome): Outcome => {
  const { metadata, status } = world.canary;
  const isOld = status?.observedGeneration !== metadata.generation;
  if ('ask' in outcome || outcome.decision.status !== undefined || metadata.deletionTimestamp !== undefined || !isOld)
    return outcome;
  return { decision: { ...outcome.decision, status: statusAfter(world, {}) } };
};
