/** What is refused for good, such as for a right that is missing: a phase that it holds past its deadline stands still. */
import type { CanaryStatus } from '../api/canary.ts';
import { progressDeadlineSecondsOf } from '../api/defaults.ts';
import { isRestPhase } from '../api/phase.ts';
import { conditionsAfter, stallOf } from './conditions.ts';
import { short } from './outcome.ts';
import { phaseOf, statusAfter } from './status.ts';
import type { World } from './world.ts';

const REFUSED = 'what has to be done is refused: ';

const isRefused = ({ canary }: Pick<World, 'canary'>): boolean => stallOf(canary)?.message.startsWith(REFUSED) === true;

/** The status that says so; undefined: it does already, the deadline is still to come, or nothing is under way. `since` in milliseconds since 1970. */
export const refusedStatus = (
  world: World,
  { since, message }: { since: number; message: string },
): CanaryStatus | undefined => {
  const { canary, now } = world;
  const isLate = now - since >= progressDeadlineSecondsOf(canary) * 1000;
  if (!isLate || isRefused(world) || isRestPhase(phaseOf(canary)) || canary.spec.suspend === true) return undefined;
  return statusAfter(world, {
    stalled: { reason: 'ProgressDeadlineExceeded', message: short(`${REFUSED}${message}`) },
  });
};

/** The status of a pass that was refused nothing any more: `status` without that stall. Undefined: nothing to write. */
export const unrefused = (world: World, status: CanaryStatus | undefined): CanaryStatus | undefined => {
  if (!isRefused(world)) return status;
  if (status === undefined) return statusAfter(world, { stalled: null });
  const after = { ...world.canary, status };
  return isRefused({ canary: after })
    ? { ...status, conditions: conditionsAfter(world, phaseOf(after), null) }
    : status;
};
