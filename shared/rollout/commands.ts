/** A person's word, obeyed once: what it does in which phase, and why it is refused in others. */
import { ANNOTATIONS } from '../api/names.ts';
import { skipsAnalysis } from '../api/defaults.ts';
import { type Command, isInvalidCommand, parseCommand, pendingCommand } from '../api/command.ts';
import { parseGoDuration } from '../api/duration.ts';
import type { Answers, Report } from '../api/model.ts';
import { acknowledged, decided, KEEP_WITH_ROUTES, short } from './outcome.ts';
import { promoteNow } from './phases/advance.ts';
import type { Handler, ReadableWorld } from './phases/handler.ts';
import { idle, wait } from './phases/idle.ts';
import { prepare, progress } from './phases/progress.ts';
import { finishPromotion } from './phases/promote.ts';
import { rollBack } from './rollback.ts';
import { isoTime, kubeTime, phaseOf } from './status.ts';
import { stepsTaken } from './steps.ts';
import { canaryText, ownEvent, primaryText } from './texts.ts';
import type { Outcome, World } from './world.ts';

type Answer =
  | { obey: Outcome; say: string; reason: string }
  | { refuse: string }
  /** Something else comes first; the command is looked at again after it. */
  | { first: Outcome };
type Verb = (world: ReadableWorld, answers: Answers, command: Command) => Answer;

/** Longer ids are nobody's: they would have to be kept in status. */
const LONGEST_ID = 200;

const pendingIn = ({ canary }: World): Command | undefined => {
  const command = pendingCommand(canary.metadata.annotations, canary.status);
  return command !== undefined && command.id.length <= LONGEST_ID ? command : undefined;
};

const whoOf = (command: Command): string =>
  short(`${command.by ?? 'somebody'}${command.reason === undefined ? '' : `: ${command.reason}`}`);

/** What the pending command leads to; undefined: there is none. */
export const obeyCommand = (world: ReadableWorld, answers: Answers): Outcome | undefined => {
  const command = pendingIn(world);
  if (command === undefined) return undefined;
  const answer = answerOf(world, answers, command);
  if ('refuse' in answer) return refused(world, command, answer.refuse);
  if ('first' in answer) return answer.first;
  if (!('decision' in answer.obey)) return answer.obey;
  const { decision } = answer.obey;
  const told = ownEvent('Normal', answer.reason, `${answer.say} (asked by ${whoOf(command)})`);
  const commands = acknowledged(world, command, 'obeyed', answer.say);
  const status = decision.status ?? { ...world.canary.status, lastTransitionTime: kubeTime(world.now) };
  return { decision: { ...decision, status: { ...status, commands }, reports: [told, ...decision.reports] } };
};

/** The pending command, answered with a no while nothing can be done; undefined: there is none. */
export const refuseCommand = (world: World, why: string): Outcome | undefined => {
  const command = pendingIn(world);
  return command && refused(world, command, why);
};

const refused = (world: World, command: Command, why: string): Outcome => {
  const text = `${command.verb} of ${canaryText(world.canary)} refused: ${short(why)} (asked by ${whoOf(command)})`;
  const commands = acknowledged(world, command, 'refused', why);
  return decided(world, { change: { commands }, reports: [ownEvent('Warning', 'CommandRefused', text)] });
};

/** An annotation that is no command has no id to answer to: an event says what is wrong, once. Undefined: nothing is. */
export const complaint = ({ canary }: World): Report | undefined => {
  const read = parseCommand(canary.metadata.annotations?.[ANNOTATIONS.command]);
  if (read === undefined) return undefined;
  const invalid = isInvalidCommand(read) ? read.invalid : read.id.length > LONGEST_ID ? `${ANNOTATIONS.command}: id is too long` : undefined;
  return invalid === undefined ? undefined : ownEvent('Warning', 'CommandUnreadable', short(invalid), short(invalid));
};

const answerOf = (world: ReadableWorld, answers: Answers, command: Command): Answer => {
  const present = world.canary.status?.revision;
  if (command.revision !== undefined && present !== undefined && command.revision !== present) {
    return { refuse: `it was meant for revision ${short(command.revision)}, the present one is ${present}` };
  }
  const verb = VERBS[command.verb];
  return verb ? verb(world, answers, command) : { refuse: `${command.verb} is not known to this driver` };
};

const RUNNING: Readonly<Record<string, Handler>> = {
  Waiting: wait,
  Progressing: progress,
  WaitingPromotion: progress,
  Promoting: finishPromotion,
};

const isAnalysing = (world: ReadableWorld): boolean => ['Progressing', 'WaitingPromotion'].includes(phaseOf(world.canary));

const NOTHING_RUNS = 'nothing is being rolled out';
const IS_COPIED = 'the primary already takes over the new revision';

/** The primary is only busy: waiting helps. */
const busyPrimary = ({ canary, primary }: ReadableWorld): string | undefined => {
  if (primary === undefined) return `${primaryText(canary)} does not exist yet`;
  const { readiness } = primary;
  return readiness.ready || readiness.deadlineExceeded ? undefined : `${primaryText(canary)} is not ready: ${readiness.message}`;
};

/** Why no step can be taken now; undefined: one can. */
const noStep = (world: ReadableWorld, { full, step, count }: Command): string | undefined => {
  const { readiness } = world.target;
  if (skipsAnalysis(world.canary)) return 'its analysis is skipped, it is promoted as soon as it is ready';
  if (!readiness.ready) return `the new revision is not ready: ${readiness.message}`;
  if (step !== undefined && stepsTaken(world.canary) > step) return `it is already past step ${step}`;
  if ((count ?? 1) !== 1) return 'steps are taken one by one';
  return full === true ? undefined : busyPrimary(world);
};

const promote: Verb = (world, answers, command) => {
  const phase = phaseOf(world.canary);
  const handler = RUNNING[phase];
  if (handler === undefined) return { refuse: `${NOTHING_RUNS} (phase ${phase})` };
  const name = canaryText(world.canary);
  if (isAnalysing(world)) {
    const first = prepare(world);
    if (first !== undefined) return { first };
    const problem = noStep(world, command);
    if (problem !== undefined) return { refuse: problem };
    if (command.full === true) {
      return { obey: promoteNow(world), say: `Promoting ${name} without the rest of its analysis`, reason: 'PromotedByHand' };
    }
  }
  const busy = phase === 'Promoting' ? busyPrimary(world) : undefined;
  if (busy !== undefined) return { refuse: busy };
  return { obey: handler(world, answers, true), say: `Promoting ${name} by one step`, reason: 'PromotedByHand' };
};

const rollback: Verb = (world, _answers, command) => {
  const phase = phaseOf(world.canary);
  const isCopied = isAnalysing(world) && world.primary?.hasCopy === true;
  if (isCopied || phase === 'Promoting' || phase === 'Finalising') return { refuse: `${IS_COPIED} (phase ${phase})` };
  if (RUNNING[phase] === undefined) return { refuse: `${NOTHING_RUNS} (phase ${phase})` };
  const by = command.by === undefined ? undefined : short(command.by);
  return { obey: rollBack(world, [], by), say: `Rolling back ${canaryText(world.canary)}`, reason: 'RolledBackByHand' };
};

const pause: Verb = (world, _answers, command) => {
  if (!isAnalysing(world)) return { refuse: `${NOTHING_RUNS} (phase ${phaseOf(world.canary)})` };
  const forMs = command.for === undefined ? undefined : parseGoDuration(command.for);
  if (command.for !== undefined && (forMs === undefined || forMs <= 0)) return { refuse: `"${short(command.for)}" is not a duration such as 30m` };
  const paused = {
    since: isoTime(world.now),
    ...(command.by !== undefined && { by: short(command.by) }),
    ...(command.reason !== undefined && { reason: short(command.reason) }),
    ...(forMs !== undefined && { until: isoTime(world.now + forMs) }),
  };
  const obey = decided(world, { actions: KEEP_WITH_ROUTES, change: { paused } });
  return { obey, say: `Paused ${canaryText(world.canary)}`, reason: 'Paused' };
};

/** Nothing is touched here: what goes on is the next pass's to decide. */
const resume: Verb = (world) => {
  const obey = decided(world, { change: { paused: null } });
  const wasPaused = world.canary.status?.paused !== undefined;
  return { obey, say: wasPaused ? `Resumed ${canaryText(world.canary)}` : 'It was not paused', reason: 'Resumed' };
};

const retry: Verb = (world, answers) => {
  if (phaseOf(world.canary) !== 'Failed') return { refuse: `only a failed rollout can be tried again (phase ${phaseOf(world.canary)})` };
  const busy = busyPrimary(world);
  if (busy !== undefined) return { refuse: busy };
  return { obey: idle(world, answers, true), say: `Trying ${canaryText(world.canary)} again`, reason: 'Retried' };
};

const VERBS: Partial<Record<Command['verb'], Verb>> = { promote, rollback, pause, resume, retry, 'skip-step': promote };
