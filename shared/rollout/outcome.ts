/** How a handler says what to do. */
import type { AnsweredCommand } from '../api/canary.ts';
import type { Command } from '../api/command.ts';
import type { Report } from '../api/model.ts';
import { pinned } from './affinity.ts';
import { withFloor } from './primary-floor.ts';
import { type Change, statusAfter } from './status.ts';
import { isoTime } from './times.ts';
import type { Action, Outcome, World } from './world.ts';

export interface Draft {
  actions?: readonly Action[];
  change?: Change | undefined;
  reports?: readonly Report[];
  /** Look again then, milliseconds since 1970. */
  dueAt?: number | undefined;
  /** `decision.drainMs`; sets the status's `dueAt`. */
  drainMs?: number | undefined;
}

/** The decision of a draft: the status is computed here, so that no handler writes fields by itself. */
export const decided = (world: World, draft: Draft): Outcome => {
  const { drainMs } = draft;
  const drained = drainMs === undefined ? draft.change : { ...draft.change, dueAt: world.now + drainMs };
  const { actions, change } = withFloor(world, { actions: draft.actions ?? [], change: drained });
  const routed = pinned(world, actions);
  return {
    decision: {
      actions: routed.actions,
      status: change === undefined ? undefined : statusAfter(world, { ...change, ...routed.change }),
      reports: draft.reports ?? [],
      dueAt: draft.dueAt,
      ...(drainMs !== undefined && { drainMs }),
    },
  };
};

const MOST_TEXT = 300;

/** What people wrote, cut to what a status may hold. */
export const short = (text: string, most = MOST_TEXT): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;

const YEAR_10000 = 253_402_300_800_000;

/** A time that people wrote in the one form that the status admits; undefined: it is none. */
const instantOf = (text: string): string | undefined => {
  const ms = Date.parse(text);
  return ms >= 0 && ms < YEAR_10000 ? isoTime(ms) : undefined;
};

/** Commands kept in status: enough to acknowledge and to explain, not a log. */
const KEPT_COMMANDS = 10;

/** The record that acknowledges a command; each id is obeyed once. */
export const acknowledged = (
  world: World,
  command: Command,
  result: 'obeyed' | 'refused',
  message: string,
): AnsweredCommand[] => {
  const at = instantOf(command.at);
  const record: AnsweredCommand = {
    id: command.id,
    verb: command.verb,
    ...(at !== undefined && { at }),
    ...(command.by !== undefined && { by: short(command.by) }),
    ...(command.revision !== undefined && { revision: short(command.revision) }),
    result,
    message: short(message),
    doneAt: isoTime(world.now),
  };
  return [...(world.canary.status?.commands ?? []), record].slice(-KEPT_COMMANDS);
};

/** What every phase with a primary keeps in place; each is nothing to do where it is already so. */
export const KEEP: readonly Action[] = [
  { do: 'ensure-services' },
  { do: 'ensure-primary' },
  { do: 'ensure-primary-scaler' },
  { do: 'hold-primary' },
  { do: 'ensure-apex' },
];

/** The same with the routes left as they are, drift corrected. */
export const KEEP_WITH_ROUTES: readonly Action[] = [...KEEP, { do: 'ensure-routes' }];
