import type { FailureReason, Rollback } from '../api/canary.ts';
import type { Report } from '../api/model.ts';
import { strategyOf } from '../api/names.ts';
import { isAnalysisPhase } from '../api/phase.ts';
import { endEntry, turnedAway } from './history.ts';
import { decided, KEEP, KEEP_WITH_ROUTES, short } from './outcome.ts';
import { waitForDue } from './phases/due.ts';
import type { RoutedWorld } from './phases/handler.ts';
import { phaseOf } from './status.ts';
import { alert, canaryText, ownEvent, primaryText, targetText, warning } from './texts.ts';
import { DRAIN_MS, isoTime } from './times.ts';
import { type Action, isProblem, type Outcome, type World } from './world.ts';

const COUNTERS_CLEARED = { canaryWeight: 0, failedChecks: 0, iterations: 0 } as const;

/** What no rollout that has ended waits for, or remembers. */
export const WAITS_CLEARED = {
  dueAt: null,
  waitingFor: null,
  paused: null,
  pauseAt: null,
  rollback: null,
  trafficSince: null,
} as const;

export const rolloutEnded = (
  world: World,
  result: 'successes' | 'failures',
  analysis: 'completed' | 'skipped',
): Report => ({
  tell: 'metric',
  op: 'add',
  name: `flagger_canary_${result}_total`,
  labels: {
    name: world.canary.spec.targetRef.name,
    namespace: world.canary.metadata.namespace ?? '',
    deployment_strategy: strategyOf(world.canary),
    analysis_status: analysis,
  },
  value: 1,
});

/** Percent that the new revision really answers; nothing where no provider splits traffic. */
export const liveWeight = (world: RoutedWorld): number =>
  world.capabilities.iterationsOnly ? 0 : (world.routes?.canary ?? 0);

const isPrimaryServing = ({ primary }: World): boolean =>
  primary !== undefined && (primary.readiness.ready || primary.readiness.isServing);

const isTargetServing = ({ target }: World): boolean =>
  !isProblem(target) && !target.isParked && (target.readiness.ready || target.readiness.isServing);

/** All traffic to the primary, unless it has no pod that could answer: then it stays where it is. `weight`: what the canary keeps. */
export const backToPrimary = (world: RoutedWorld): { actions: readonly Action[]; weight: number } => {
  const weight = isPrimaryServing(world) ? 0 : liveWeight(world);
  if (weight > 0) return { actions: KEEP_WITH_ROUTES, weight };
  return { actions: [...KEEP, { do: 'route', routes: { primary: 100, canary: 0, mirrored: false } }], weight: 0 };
};

/** A running analysis has synced its revision already; what came since then is not what failed. */
const isUnsynced = ({ canary }: World): boolean =>
  phaseOf(canary) === 'Waiting' || canary.status?.revision === undefined;

const stays = (world: RoutedWorld): Report =>
  ownEvent(
    'Warning',
    'PrimaryUnavailable',
    `Traffic stays on ${targetText(world.canary)}: ${primaryText(world.canary)} has no pod that could take it`,
  );

/** Why a rollout is given up. */
export interface Cause {
  reason: FailureReason;
  /** One line. */
  message: string;
  /** The person who asked. */
  by?: string | undefined;
  /** What is told of it, before anything moves. */
  told?: readonly Report[];
}

const isRecorded = ({ canary }: World): boolean => isAnalysisPhase(phaseOf(canary));

/**
 * Gives the rollout up. In the middle of an analysis that is first written down and told, so that whoever drives next
 * goes on with it, whatever the hooks, gates and pods say by then.
 */
export const rollBack = (world: RoutedWorld, cause: Cause): Outcome => {
  const { reason, message, by, told = [] } = cause;
  const rollback: Rollback = {
    reason,
    message: short(message),
    since: isoTime(world.now),
    ...(by !== undefined && { by: short(by) }),
  };
  if (isRecorded(world)) return decided(world, { change: { rollback, dueAt: null }, reports: told });
  return carryOut(world, rollback, told);
};

/** Goes on with the rollback that the status knows of. Undefined: there is none. */
export const goOnRollingBack = (world: RoutedWorld): Outcome | undefined => {
  const { rollback } = world.canary.status ?? {};
  return rollback === undefined || !isRecorded(world) ? undefined : (drain(world) ?? carryOut(world, rollback, []));
};

/** Takes the traffic from the canary and leaves its pods to answer what is under way. Undefined: nothing is. */
const drain = (world: RoutedWorld): Outcome | undefined => {
  const { actions, weight } = backToPrimary(world);
  if (weight > 0 || (!isProblem(world.target) && world.target.isParked)) return undefined;
  if (liveWeight(world) === 0) return waitForDue(world);
  const dueAt = world.now + DRAIN_MS;
  return decided(world, { actions, dueAt, drainMs: DRAIN_MS });
};

/** Traffic back to the primary, the new revision put to rest. */
const carryOut = (world: RoutedWorld, { reason, message, by }: Rollback, told: readonly Report[]): Outcome => {
  const phase = 'Failed';
  const { actions, weight } = backToPrimary(world);
  const end = { by, reason };
  return decided(world, {
    actions: weight > 0 ? actions : [...actions, { do: 'pause-scaler' }, { do: 'park-target' }],
    change: {
      phase,
      ...COUNTERS_CLEARED,
      ...WAITS_CLEARED,
      canaryWeight: weight,
      sync: isUnsynced(world),
      stalled: { reason, message },
      history: phaseOf(world.canary) === 'Waiting' ? turnedAway(world, end) : endEntry(world, 'failed', end),
    },
    reports: [
      ...told,
      warning(world, `Canary failed! Scaling down ${canaryText(world.canary)}`, { phase }),
      ...(weight > 0 ? [stays(world)] : []),
      rolloutEnded(world, 'failures', 'completed'),
      { tell: 'post-rollout', phase },
    ],
  });
};

/** A rollback that had to leave the traffic where it was ends as soon as the primary can take it. Undefined: there is none. */
export const finishRollback = (world: RoutedWorld): Outcome | undefined => {
  const { status } = world.canary;
  const isUnfinished =
    phaseOf(world.canary) === 'Failed' && (status?.canaryWeight ?? 0) > 0 && world.primary?.runsTarget === false;
  if (!isUnfinished || !world.primary?.readiness.ready) return undefined;
  const draining = drain(world);
  if (draining !== undefined) return draining;
  return decided(world, {
    actions: [...backToPrimary(world).actions, { do: 'pause-scaler' }, { do: 'park-target' }],
    change: { canaryWeight: 0, dueAt: null },
    reports: [ownEvent('Normal', 'RolledBack', `${primaryText(world.canary)} is ready again and has all traffic`)],
  });
};

/** The primary does not come up with the promoted revision: the canary, which runs it, keeps all traffic. */
export const failPromotion = (world: RoutedWorld, message: string): Outcome => {
  const phase = 'Failed';
  const reason = 'PromotionFailed';
  const isServing = isTargetServing(world);
  return decided(world, {
    actions: isServing
      ? [...KEEP, { do: 'route', routes: { primary: 0, canary: 100, mirrored: false } }]
      : KEEP_WITH_ROUTES,
    change: {
      phase,
      ...COUNTERS_CLEARED,
      ...WAITS_CLEARED,
      canaryWeight: isServing ? 100 : liveWeight(world),
      sync: isUnsynced(world),
      stalled: {
        reason,
        message: short(`${primaryText(world.canary)} is not ready: ${message}`),
      },
      history: endEntry(world, 'failed', { reason }),
    },
    reports: [
      warning(world, `Promotion of ${targetText(world.canary)} failed, primary not ready: ${message}`),
      alert(world, 'error', `Promotion failed, primary not ready: ${message}`),
      rolloutEnded(world, 'failures', 'completed'),
      { tell: 'post-rollout', phase },
    ],
  });
};
