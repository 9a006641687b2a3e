/** The last revisions in status: what `history` shows and `undo` returns to. */
import type { HistoryEntry } from '../api/canary.ts';
import { gatesOf } from '../api/gates.ts';
import { isoTime, phaseOf } from './status.ts';
import { isProblem, type World } from './world.ts';

const KEPT_REVISIONS = 10;

const historyOf = (world: World): readonly HistoryEntry[] => world.canary.status?.history ?? [];

/** A new entry for the target's present revision; one that still ran is ended as failed. */
export const startEntry = (world: World, result: 'running' | 'initialized'): HistoryEntry[] => {
  if (isProblem(world.target)) return [...historyOf(world)];
  const before = endEntry(world, 'failed');
  const now = isoTime(world.now);
  const entry: HistoryEntry = {
    number: (before.at(-1)?.number ?? 0) + 1,
    revision: world.target.revision,
    image: world.target.image,
    started: now,
    ...(result === 'initialized' && { ended: now }),
    result,
  };
  return [...before, entry].slice(-KEPT_REVISIONS);
};

/** The running entry ended; the list as it is where none runs. `by`: whose word it was; without one the promotion's approver. */
export const endEntry = (world: World, result: 'promoted' | 'failed' | 'skipped', by?: string): HistoryEntry[] =>
  ended(world, historyOf(world), result, by ?? (result === 'promoted' ? approver(world) : undefined));

/** A revision that was turned away before its rollout began leaves an entry all the same. */
export const turnedAway = (world: World, by?: string): HistoryEntry[] =>
  ended(world, startEntry(world, 'running'), 'failed', by);

const ended = (
  world: World,
  history: readonly HistoryEntry[],
  result: 'promoted' | 'failed' | 'skipped',
  by?: string,
): HistoryEntry[] =>
  history.map((entry) => {
    if (entry.result !== 'running') return entry;
    // What was judged before is not about a revision that was never looked at.
    const worst = phaseOf(world.canary) === 'Waiting' ? undefined : worstCheck(world);
    return {
      ...entry,
      result,
      ended: isoTime(world.now),
      ...(worst !== undefined && { worstCheck: worst }),
      ...(by !== undefined && { by }),
    };
  });

/** Who let it through its promotion gate. */
const approver = ({ canary }: World): string | undefined => {
  const isPromotion = (name: string): boolean =>
    gatesOf(canary).some((gate) => gate.name === name && gate.type === 'confirm-promotion');
  return canary.status?.approvals?.findLast(
    ({ gate, revision }) => isPromotion(gate) && revision === canary.status?.revision,
  )?.by;
};

const worstCheck = (world: World): string | undefined => {
  const check = world.canary.status?.checks?.find((one) => one.verdict !== 'passed');
  return check === undefined ? undefined : (check.message ?? check.name);
};
