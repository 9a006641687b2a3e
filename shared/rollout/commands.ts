/** A person's word, obeyed once: what it does in which phase, and why it is refused in others. */

import { type Command, isInvalidCommand, parseCommand, pendingCommand, type Verb } from '../api/command.ts';
import type { Answers, Report } from '../api/model.ts';
import { ANNOTATIONS } from '../api/names.ts';
import { signed } from './history.ts';
import { acknowledged, decided, short } from './outcome.ts';
import type { ReadableWorld } from './phases/handler.ts';
import { canaryText, ownEvent } from './texts.ts';
import { kubeTime } from './times.ts';
import { approve, reject } from './verbs/gate.ts';
import { pause, resume } from './verbs/pause.ts';
import { restart, retry, rollback, undo } from './verbs/revise.ts';
import { promote, setWeightTo, skipStep } from './verbs/step.ts';
import type { VerbAnswer, VerbHandler } from './verbs/verb.ts';
import type { Outcome, World } from './world.ts';

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
  const history = answer.decides === true ? signed(status.history, command.by) : status.history;
  const written = { ...status, ...(history !== undefined && { history }), commands };
  return { decision: { ...decision, status: written, reports: [told, ...decision.reports] } };
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
  const invalid = isInvalidCommand(read)
    ? read.invalid
    : read.id.length > LONGEST_ID
      ? `${ANNOTATIONS.command}: id is too long`
      : undefined;
  return invalid === undefined ? undefined : ownEvent('Warning', 'CommandUnreadable', short(invalid), short(invalid));
};

const answerOf = (world: ReadableWorld, answers: Answers, command: Command): VerbAnswer => {
  const present = presentRevision(world);
  if (command.revision !== undefined && present !== undefined && command.revision !== present) {
    return { refuse: `it was meant for revision ${short(command.revision)}, the present one is ${present}` };
  }
  return VERBS[command.verb](world, answers, command);
};

/** What is being judged; while it waits to be rolled out, what the target runs. */
const presentRevision = ({ canary, target }: ReadableWorld): string | undefined => {
  const { revision, waitingFor } = canary.status ?? {};
  return waitingFor?.revision === undefined ? revision : target.revision;
};

const VERBS: Readonly<Record<Verb, VerbHandler>> = {
  promote,
  rollback,
  pause,
  resume,
  approve,
  reject,
  retry,
  'set-weight': setWeightTo,
  'skip-step': skipStep,
  undo,
  restart,
};
