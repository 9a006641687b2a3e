/** Pods whose ConfigMaps and Secrets are gone would not start: the primary gets no copy until they are back. */
import { intervalMsOf } from '../api/defaults.ts';
import type { Report } from '../api/model.ts';
import { waitFor } from './deadlines.ts';
import { decided, KEEP_WITH_ROUTES } from './outcome.ts';
import type { ReadableWorld } from './phases/handler.ts';
import { rollBack } from './rollback.ts';
import type { Change } from './status.ts';
import { alert, warning } from './texts.ts';
import { timeOf } from './times.ts';
import { isProblem, type Outcome } from './world.ts';

const CONFIGS = 'ConfigMaps and Secrets that the copy needs';

/**
 * Holds the copy until its progress deadline, then gives the rollout up. `change` goes into each write, `told` comes
 * first. Undefined: all that the copy needs is there.
 */
export const waitForConfigs = (
  world: ReadableWorld,
  change: Change | undefined,
  told: readonly Report[] = [],
): Outcome | undefined => {
  if (!isProblem(world.configs)) return undefined;
  const { problem } = world.configs;
  const reports = [...told, warning(world, problem, { once: problem })];
  const { waitingFor } = world.canary.status ?? {};
  const isKnown = waitingFor?.what === CONFIGS;
  if (isKnown && timeOf(waitingFor.until) <= world.now)
    return rollBack(world, {
      reason: 'ProgressDeadlineExceeded',
      message: problem,
      told: [...reports, alert(world, 'error', `Progress deadline exceeded ${problem}`)],
    });
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: isKnown ? change : { ...change, waitingFor: waitFor(world, CONFIGS) },
    reports,
    dueAt: world.now + intervalMsOf(world.canary),
  });
};
