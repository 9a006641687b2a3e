import { intervalMsOf } from '../../api/defaults.ts';
import { decided, KEEP_WITH_ROUTES } from '../outcome.ts';
import { timeOf } from '../times.ts';
import type { Outcome, World } from '../world.ts';

/**
 * Waits for the time in status. One further off than an interval is none of ours, since a clock was set back or the
 * interval was made shorter: it becomes one interval. Undefined: the time has come, or none is set.
 */
export const waitForDue = (world: World): Outcome | undefined => {
  const { status = {} } = world.canary;
  const due = timeOf(status.dueAt);
  if (!(due > world.now)) return undefined;
  const most = world.now + intervalMsOf(world.canary);
  if (due > most) return decided(world, { actions: KEEP_WITH_ROUTES, change: { dueAt: most }, dueAt: most });
  return decided(world, { actions: KEEP_WITH_ROUTES, dueAt: due });
};
