/** The grace period: for a while after its first step the canary is asked, but not judged. */
import type { WaitingFor } from '../api/canary.ts';
import { gracePeriodMsOf, intervalMsOf } from '../api/defaults.ts';
import type { Change } from './status.ts';
import { isoTime, timeOf } from './times.ts';
import type { World } from './world.ts';

const GRACE = 'the end of the grace period';

const hasBegun = ({ canary: { status } }: World): boolean =>
  (status?.canaryWeight ?? 0) > 0 || (status?.iterations ?? 0) > 0;

/** Remembers when the first step was taken; nothing with any later step. */
export const firstStep = (world: World): Pick<Change, 'trafficSince'> =>
  world.canary.status?.trafficSince === undefined && !hasBegun(world) ? { trafficSince: isoTime(world.now) } : {};

/** What is waited for until then, from the first step on; undefined: nothing, or no longer than for the next step. */
export const graceAfter = (world: World): WaitingFor | undefined => {
  const ms = gracePeriodMsOf(world.canary);
  const isFirst = firstStep(world).trafficSince !== undefined;
  return isFirst && ms > intervalMsOf(world.canary) ? waitSince(world.now, ms) : undefined;
};

const waitSince = (since: number, ms: number): WaitingFor => ({
  what: GRACE,
  since: isoTime(since),
  until: isoTime(since + ms),
});

/** The grace period that runs now; undefined: none does. */
export const graceOf = ({ canary, now }: World): WaitingFor | undefined => {
  const since = timeOf(canary.status?.trafficSince);
  const ms = gracePeriodMsOf(canary);
  // A first step in the future is the mark of a clock that was set back.
  return since <= now && since + ms > now ? waitSince(since, ms) : undefined;
};

/** The status still says that it waits for the end of a grace period. */
export const saysGrace = ({ canary }: World): boolean => canary.status?.waitingFor?.what === GRACE;
