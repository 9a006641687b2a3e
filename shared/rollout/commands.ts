/** A person's word, obeyed once: what it does in which phase, and why it is refused in others. */
import { ANNOTATIONS } from '../api/names.ts';
import { type Command, pendingCommand } from '../api/command.ts';
import { parseGoDuration } from '../api/duration.ts';
import type { Answers } from '../api/model.ts';
import { acknowledged, decided, KEEP_WITH_ROUTES } from './outcome.ts';
import { promoteNow } from './phases/advance.ts';
import type { Handler, ReadableWorld } from './phases/handler.ts';
import { idle, wait } from './phases/idle.ts';
import { progress } from './phases/progress.ts';
import { finishPromotion } from './phases/promote.ts';
import { rollBack } from './rollback.ts';
import { type Change, isoTime, kubeTime, phaseOf } from './status.ts';
import { canaryText, ownEvent } from './texts.ts';
import type { Outcome } from './world.ts';

type Answer = { obey: Outcome; say: string; reason: string } | { refuse: string };
type Verb = (world: ReadableWorld, answers: Answers, command: Command) => Answer;

/** What the pending command leads to; undefined: there is none. */
export const obeyCommand = (world: ReadableWorld, answers: Answers): Outcome | undefined => {
  const command = pendingCommand(world.canary.metadata.annotations, world.canary.status);
  if (command === undefined) return undefined;
  const answer = answerOf(world, answers, command);
  const who = `${command.by ?? 'somebody'}${command.reason === undefined ? '' : `: ${command.reason}`}`;
  if ('refuse' in answer) {
    const told = ownEvent('Warning', 'CommandRefused', `${command.verb} of ${canaryText(world.canary)} refused: ${answer.refuse} (asked by ${who})`);
    const change: Change = { commands: acknowledged(world, command, 'refused', answer.refuse) };
    return decided(world, { change, reports: [told] });
  }
  if (!('decision' in answer.obey)) return answer.obey;
  const { decision } = answer.obey;
  const told = ownEvent('Normal', answer.reason, `${answer.say} (asked by ${who})`);
  const commands = acknowledged(world, command, 'obeyed', answer.say);
  const status = decision.status ?? { ...world.canary.status, lastTransitionTime: kubeTime(world.now) };
  return { decision: { ...decision, status: { ...status, commands }, reports: [told, ...decision.reports] } };
};

const answerOf = (world: ReadableWorld, answers: Answers, command: Command): Answer => {
  const present = world.canary.status?.revision;
  if (command.revision !== undefined && present !== undefined && command.revision !== present) {
    return { refuse: `it was meant for revision ${command.revision}, the present one is ${present}` };
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

const unready = (world: ReadableWorld): string | undefined => {
  if (!isAnalysing(world)) return undefined;
  if (world.target.isParked) return 'the new revision has no pods yet';
  return world.target.readiness.ready ? undefined : `the new revision is not ready: ${world.target.readiness.message}`;
};

const promote: Verb = (world, answers, command) => {
  const handler = RUNNING[phaseOf(world.canary)];
  if (handler === undefined) return { refuse: `${NOTHING_RUNS} (phase ${phaseOf(world.canary)})` };
  const problem = unready(world);
  if (problem !== undefined) return { refuse: problem };
  const name = canaryText(world.canary);
  if (command.full === true && isAnalysing(world)) {
    return { obey: promoteNow(world), say: `Promoting ${name} without the rest of its analysis`, reason: 'PromotedByHand' };
  }
  return { obey: handler(world, answers, true), say: `Promoting ${name} by one step`, reason: 'PromotedByHand' };
};

const rollback: Verb = (world, _answers, command) => {
  const phase = phaseOf(world.canary);
  if (phase === 'Promoting' || phase === 'Finalising') return { refuse: `the primary already takes over the new revision (phase ${phase})` };
  if (RUNNING[phase] === undefined) return { refuse: `${NOTHING_RUNS} (phase ${phase})` };
  return { obey: rollBack(world, [], command.by), say: `Rolling back ${canaryText(world.canary)}`, reason: 'RolledBackByHand' };
};

const pause: Verb = (world, _answers, command) => {
  if (!isAnalysing(world)) return { refuse: `${NOTHING_RUNS} (phase ${phaseOf(world.canary)})` };
  const forMs = command.for === undefined ? undefined : parseGoDuration(command.for);
  if (command.for !== undefined && (forMs === undefined || forMs <= 0)) return { refuse: `"${command.for}" is not a duration such as 30m` };
  const paused = {
    since: isoTime(world.now),
    ...(command.by !== undefined && { by: command.by }),
    ...(command.reason !== undefined && { reason: command.reason }),
    ...(forMs !== undefined && { until: isoTime(world.now + forMs) }),
  };
  const obey = decided(world, { actions: KEEP_WITH_ROUTES, change: { paused } });
  return { obey, say: `Paused ${canaryText(world.canary)}`, reason: 'Paused' };
};

const resume: Verb = (world) => {
  const obey = decided(world, { actions: KEEP_WITH_ROUTES, change: { paused: null } });
  const wasPaused = world.canary.status?.paused !== undefined;
  return { obey, say: wasPaused ? `Resumed ${canaryText(world.canary)}` : 'It was not paused', reason: 'Resumed' };
};

const retry: Verb = (world, answers) => {
  if (phaseOf(world.canary) !== 'Failed') return { refuse: `only a failed rollout can be tried again (phase ${phaseOf(world.canary)})` };
  return { obey: idle(world, answers, true), say: `Trying ${canaryText(world.canary)} again`, reason: 'Retried' };
};

const VERBS: Partial<Record<Command['verb'], Verb>> = { promote, rollback, pause, resume, retry, 'skip-step': promote };

/** The annotation that carries a command, for those who watch it. */
export const COMMAND_KEY = ANNOTATIONS.command;
