import { skipsAnalysis } from '../api/defaults.ts';
import { waitForConfigs } from './copied-configs.ts';
import { waitFor } from './deadlines.ts';
import { endEntry } from './history.ts';
import { decided, KEEP, KEEP_WITH_ROUTES } from './outcome.ts';
import type { ReadableWorld } from './phases/handler.ts';
import { backToPrimary, failPromotion, rolloutEnded, WAITS_CLEARED } from './rollback.ts';
import type { Change } from './status.ts';
import { alert, normal, primaryText, targetText } from './texts.ts';
import type { Outcome } from './world.ts';

/** Marks in status that the copy was made, so that a driver that comes later does not make it again. */
const COPIED = 'promoted pods of ';

const markOf = (world: ReadableWorld): string => `${COPIED}${primaryText(world.canary)}`;

/** The copy was made without an analysis: from here on the target's readiness does not matter. */
export const isCopiedUnchecked = (world: ReadableWorld): boolean =>
  skipsAnalysis(world.canary) && (world.primary?.hasCopy === true || isMarked(world));

const isMarked = (world: ReadableWorld): boolean => {
  const { waitingFor } = world.canary.status ?? {};
  return waitingFor?.what === markOf(world);
};

/** Remembers that the copy was made, in a status that does not say so. */
export const copiedUnchecked = (world: ReadableWorld): Pick<Change, 'waitingFor' | 'dueAt' | 'notReady'> => ({
  waitingFor: waitFor(world, markOf(world)),
  dueAt: null,
  notReady: null,
});

/** The target is ready and nobody wants it analysed: copy it, wait until the primary is ready, done. */
export const skipAnalysis = (world: ReadableWorld): Outcome => {
  const { canary, primary } = world;
  if (!isMarked(world)) {
    const waiting = waitForConfigs(world, undefined);
    if (waiting !== undefined) return waiting;
    const { actions, weight } = backToPrimary(world);
    return decided(world, {
      actions: [...actions, { do: 'promote' }],
      change: { canaryWeight: weight, ...copiedUnchecked(world) },
      reports: [normal(world, `Copying ${targetText(canary)} template spec to ${primaryText(canary)}`)],
    });
  }
  const readiness = primary?.readiness;
  if (readiness === undefined) return decided(world, { actions: KEEP_WITH_ROUTES });
  if (!readiness.ready) {
    if (readiness.deadlineExceeded) return failPromotion(world, readiness.message);
    return decided(world, { actions: KEEP_WITH_ROUTES, dueAt: readiness.deadlineAt });
  }
  const phase = 'Succeeded';
  return decided(world, {
    actions: [
      ...KEEP,
      { do: 'route', routes: { primary: 100, canary: 0, mirrored: false } },
      { do: 'sync-primary-scaler' },
      { do: 'pause-scaler' },
      { do: 'park-target' },
    ],
    change: {
      phase,
      canaryWeight: 0,
      iterations: 0,
      promoted: true,
      ...WAITS_CLEARED,
      history: endEntry(world, 'skipped'),
    },
    reports: [
      rolloutEnded(world, 'successes', 'skipped'),
      { tell: 'post-rollout', phase },
      normal(world, `Promotion completed! Canary analysis was skipped for ${targetText(canary)}`, { phase }),
      alert(world, 'info', 'Canary analysis was skipped, promotion finished.'),
    ],
  });
};
