/** Giving up a revision, trying it again, going back to a former one; and new pods for the one that serves. */
import type { HistoryEntry } from '../../api/canary.ts';
import { digestOf } from '../../api/digest.ts';
import { type Probe, probeKey } from '../../api/model.ts';
import { isRestPhase } from '../../api/phase.ts';
import { decided, KEEP_WITH_ROUTES, short } from '../outcome.ts';
import type { ReadableWorld } from '../phases/handler.ts';
import { idle } from '../phases/idle.ts';
import { phaseOf } from '../status.ts';
import { canaryText, primaryText, targetText } from '../texts.ts';
import { isProblem } from '../world.ts';
import { busyPrimary, copiedAlready, giveUp, nothingRuns, RUNNING, type VerbHandler } from './verb.ts';

export const rollback: VerbHandler = (world, _answers, command) => {
  const copied = copiedAlready(world);
  if (copied !== undefined) return { refuse: copied };
  if (RUNNING[phaseOf(world.canary)] === undefined) return { refuse: nothingRuns(world) };
  const reason = 'RolledBackByHand';
  const obey = giveUp(world, command, { reason, done: 'rolled back' });
  return { obey, say: `Rolling back ${canaryText(world.canary)}`, reason };
};

export const retry: VerbHandler = (world, answers) => {
  if (phaseOf(world.canary) !== 'Failed')
    return { refuse: `only a failed rollout can be tried again (phase ${phaseOf(world.canary)})` };
  const busy = busyPrimary(world);
  if (busy !== undefined) return { refuse: busy };
  return { obey: idle(world, answers, true), say: `Trying ${canaryText(world.canary)} again`, reason: 'Retried' };
};

const isMoving = ({ canary }: ReadableWorld): string | undefined =>
  isRestPhase(phaseOf(canary)) ? undefined : `only a Canary at rest can do that (phase ${phaseOf(canary)})`;

const SERVED: readonly HistoryEntry['result'][] = ['initialized', 'promoted', 'skipped'];

/**
 * The entry that is meant; without a word the last one that served before the revision of the status, which says the
 * same to a driver that comes after the target was put back.
 */
const entryOf = ({ canary }: ReadableWorld, wanted: string | undefined): HistoryEntry | { problem: string } => {
  const { history = [], revision: present } = canary.status ?? {};
  const isMeant = ({ revision, number }: HistoryEntry): boolean => wanted === revision || wanted === String(number);
  if (wanted !== undefined)
    return history.findLast(isMeant) ?? { problem: `revision ${short(wanted)} is not in the history` };
  const served = history.filter(({ result }) => SERVED.includes(result));
  const before = served.at(served.at(-1)?.revision === present ? -2 : -1);
  if (before === undefined) return { problem: 'no other revision in the history has served' };
  if (before.revision !== present) return before;
  return {
    problem: `revision ${before.number} differs from the present one in ConfigMaps or Secrets alone, whose content is not kept; put them back by hand, or name another revision`,
  };
};

/** What does not come back with the pod template; empty: nothing that is tracked. */
const leftBehind = ({ configs }: ReadableWorld, entry: HistoryEntry): string => {
  if (configs === undefined || isProblem(configs) || Object.keys(configs).length === 0) return '';
  if (entry.configs === digestOf(configs)) return '';
  return entry.configs === undefined
    ? '; its ConfigMaps and Secrets stay as they are now'
    : '; its ConfigMaps and Secrets have changed since and stay as they are now, their content is not kept';
};

/** The target's pod template becomes what it was: to everybody a new revision, and rolled out as one. Nothing else is kept. */
export const undo: VerbHandler = (world, answers, command) => {
  const moving = isMoving(world);
  if (moving !== undefined) return { refuse: moving };
  const entry = entryOf(world, command.toRevision);
  if ('problem' in entry) return { refuse: entry.problem };
  const { revision, number } = entry;
  const say = `${targetText(world.canary)} gets the pod template of revision ${number}, ${revision}, again${leftBehind(world, entry)}`;
  // A driver that ended before it could answer has put it there, or nobody had to.
  if (world.target.revision === revision) return { obey: decided(world, {}), say, reason: 'Undone' };
  const probe: Probe = { ask: 'kept', revision };
  const answer = answers.get(probeKey(probe));
  if (answer === undefined) return { first: { ask: probe, reports: [] } };
  if (answer.kind === 'kept' && answer.error !== undefined) return { refuse: short(answer.error) };
  if (answer.kind !== 'kept' || !answer.isKept) {
    return {
      refuse: `the cluster no longer keeps revision ${number}, ${revision}, of ${world.target.kind} ${targetText(world.canary)}`,
    };
  }
  return { obey: decided(world, { actions: [{ do: 'restore-target', revision }] }), say, reason: 'Undone' };
};

/** By the command's id: a driver that comes after a crash starts no second round. */
export const restart: VerbHandler = (world, _answers, command) => {
  const moving = isMoving(world);
  if (moving !== undefined) return { refuse: moving };
  if (!world.target.canRestart) return { refuse: `a ${world.target.kind} has no pods of its own` };
  if (world.primary === undefined) return { refuse: `${primaryText(world.canary)} does not exist yet` };
  const obey = decided(world, { actions: [...KEEP_WITH_ROUTES, { do: 'restart-primary', mark: command.id }] });
  return { obey, say: `Restarting the pods of ${primaryText(world.canary)}`, reason: 'Restarted' };
};
