/** The last revisions in status: what `history` shows and `undo` returns to. */
import type { HistoryEntry } from '../api/canary.ts';
import { isoTime } from './status.ts';
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

/** The running entry ended; the list as it is where none runs. */
export const endEntry = (world: World, result: 'promoted' | 'failed' | 'skipped', by?: string): HistoryEntry[] =>
  historyOf(world).map((entry) => {
    if (entry.result !== 'running') return entry;
    const worst = worstCheck(world);
    return {
      ...entry,
      result,
      ended: isoTime(world.now),
      ...(worst !== undefined && { worstCheck: worst }),
      ...(by !== undefined && { by }),
    };
  });

const worstCheck = (world: World): string | undefined => {
  const check = world.canary.status?.checks?.find((one) => one.verdict !== 'passed');
  return check === undefined ? undefined : (check.message ?? check.name);
};
