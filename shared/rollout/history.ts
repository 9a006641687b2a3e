/** The last revisions in status: what `history` shows and `undo` returns to. */
import type { FailureReason, HistoryEntry } from '../api/canary.ts';
import { digestOf } from '../api/digest.ts';
import { gatesOf } from '../api/gates.ts';
import type { Check } from '../api/model.ts';
import { short } from './outcome.ts';
import { phaseOf } from './status.ts';
import { isoTime } from './times.ts';
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
    ...configsOf(world),
    started: now,
    ...(result === 'initialized' && { ended: now }),
    result,
  };
  return [...before, entry].slice(-KEPT_REVISIONS);
};

/** ConfigMaps and Secrets are not kept; that they changed since can be told. */
const configsOf = ({ configs }: World): { configs?: string } =>
  configs === undefined || isProblem(configs) ? {} : { configs: digestOf(configs) };

/** What more is known of an end: whose word it was, and why it failed. */
export interface End {
  by?: string | undefined;
  reason?: FailureReason;
}

/** The running entry ended; the list as it is where none runs. Without a person's word a promotion is its approver's. */
export const endEntry = (world: World, result: 'promoted' | 'failed' | 'skipped', end: End = {}): HistoryEntry[] =>
  ended(world, historyOf(world), result, {
    ...end,
    by: end.by ?? (result === 'promoted' ? approver(world) : undefined),
  });

/** The running entry with who decided on it; whoever ends it otherwise takes that place. */
export const signed = (history: HistoryEntry[] | undefined, by: string | undefined): HistoryEntry[] | undefined =>
  by === undefined
    ? history
    : history?.map((entry) => (entry.result === 'running' ? { ...entry, by: short(by) } : entry));

/** A revision that was turned away before its rollout began leaves an entry all the same. */
export const turnedAway = (world: World, end: End): HistoryEntry[] =>
  ended(world, startEntry(world, 'running'), 'failed', end);

// eslint-disable-next-line max-params -- the list, and what its running entry becomes
const ended = (
  world: World,
  history: readonly HistoryEntry[],
  result: 'promoted' | 'failed' | 'skipped',
  { by, reason }: End,
): HistoryEntry[] =>
  history.map((entry) => {
    if (entry.result !== 'running') return entry;
    // What was judged before is not about a revision that was never looked at.
    const worst = phaseOf(world.canary) === 'Waiting' ? undefined : closestCheckOf(world);
    return {
      ...entry,
      result,
      ended: isoTime(world.now),
      ...(reason !== undefined && { reason }),
      ...(worst !== undefined && { worstCheck: worst }),
      ...(by !== undefined && { by }),
    };
  });

/** Who let it through its promotion gate. */
const approver = ({ canary }: World): string | undefined => {
  const isPromotion = (name: string): boolean =>
    gatesOf(canary).some((gate) => gate.name === name && gate.type === 'confirm-promotion');
  const { approvals, revision: present } = canary.status ?? {};
  return approvals?.findLast(({ gate, revision }) => isPromotion(gate) && revision === present)?.by;
};

const text = (value: number): string => String(Number(value.toPrecision(6)));

/** How much room a check left, as a share of its bound, and which bound that was. */
const roomOf = ({ name, value, min, max }: Check): { room: number; says: string }[] => {
  if (value === undefined) return [];
  const room = (bound: number): number => Math.abs(value - bound) / (Math.abs(bound) || 1);
  return [
    ...(min === undefined ? [] : [{ room: room(min), says: `${name} ${text(value)} >= ${text(min)}` }]),
    ...(max === undefined ? [] : [{ room: room(max), says: `${name} ${text(value)} <= ${text(max)}` }]),
  ];
};

/** The check that failed, else the one that came closest to its bound; undefined: none has one. */
const closestCheckOf = (world: World): string | undefined => {
  const rooms = (world.canary.status?.checks ?? []).flatMap(roomOf);
  return worstCheckOf(world) ?? rooms.toSorted((a, b) => a.room - b.room)[0]?.says;
};

/** What stood in the way last, in one line; undefined: all that was judged has passed. */
export const worstCheckOf = (world: World): string | undefined => {
  const check = world.canary.status?.checks?.find((one) => one.verdict !== 'passed');
  return check === undefined ? undefined : (check.message ?? check.name);
};
