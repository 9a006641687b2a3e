/** What a verb answers, and the reasons that several verbs refuse for. */
import type { FailureReason } from '../../api/canary.ts';
import type { Command } from '../../api/command.ts';
import type { Answers } from '../../api/model.ts';
import { isAnalysisPhase } from '../../api/phase.ts';
import { short } from '../outcome.ts';
import type { Handler, ReadableWorld } from '../phases/handler.ts';
import { wait } from '../phases/idle.ts';
import { progress } from '../phases/progress.ts';
import { finishPromotion } from '../phases/promote.ts';
import { rollBack } from '../rollback.ts';
import { phaseOf } from '../status.ts';
import { alert, primaryText } from '../texts.ts';
import type { Outcome } from '../world.ts';

export type VerbAnswer =
  /** `say` and `reason` make the event; `decides`: what becomes of the revision is this person's word. */
  | { obey: Outcome; say: string; reason: string; decides?: true }
  /** Why not, in one line. */
  | { refuse: string }
  /** Something else comes first; the command is looked at again after it. */
  | { first: Outcome };

export type VerbHandler = (world: ReadableWorld, answers: Answers, command: Command) => VerbAnswer;

/** A person's no: the rollout is given up, and everybody hears of it. `done`: what the person did, such as `rolled back`. */
export const giveUp = (
  world: ReadableWorld,
  { by, reason: why }: Command,
  { reason, done }: { reason: FailureReason; done: string },
): Outcome => {
  const message = short(`${done} by ${by ?? 'somebody'}${why === undefined ? '' : `: ${why}`}`);
  return rollBack(world, { reason, message, by, told: [alert(world, 'warn', `Canary ${message}`)] });
};

/** The phases in which a rollout can be moved by hand. */
export const RUNNING: Readonly<Record<string, Handler>> = {
  Waiting: wait,
  Progressing: progress,
  WaitingPromotion: progress,
  Promoting: finishPromotion,
};

export const isAnalysing = ({ canary }: ReadableWorld): boolean => isAnalysisPhase(phaseOf(canary));

const NOTHING_RUNS = 'nothing is being rolled out';

export const nothingRuns = ({ canary }: ReadableWorld): string => `${NOTHING_RUNS} (phase ${phaseOf(canary)})`;

/** The primary has the new revision, or is about to: there is no way back but through the promotion. Undefined: it has not. */
export const copiedAlready = (world: ReadableWorld): string | undefined => {
  const phase = phaseOf(world.canary);
  const isCopied = isAnalysing(world) && world.primary?.hasCopy === true;
  return isCopied || phase === 'Promoting' || phase === 'Finalising'
    ? `the primary already takes over the new revision (phase ${phase})`
    : undefined;
};

/** The primary is only busy: waiting helps. */
export const busyPrimary = ({ canary, primary }: ReadableWorld): string | undefined => {
  if (primary === undefined) return `${primaryText(canary)} does not exist yet`;
  const { readiness } = primary;
  return readiness.ready || readiness.deadlineExceeded
    ? undefined
    : `${primaryText(canary)} is not ready: ${readiness.message}`;
};
