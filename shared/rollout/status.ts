/** The status that a pass leaves behind. Pure: the world's clock is the only one. */
import type { Canary, CanaryStatus, HistoryEntry, Phase, Rollback } from '../api/canary.ts';
import { canonicalJson, opaqueHash } from '../api/digest.ts';
import { isSameJson } from '../api/same-json.ts';
import type { CookieChange } from './affinity.ts';
import { conditionsAfter, type Stall } from './conditions.ts';
import { isoTime, kubeTime } from './times.ts';
import { isProblem, type World } from './world.ts';

/** What a transition changes; everything else stays. `sync` takes over the target's present revision. */
export interface Change extends CookieChange {
  phase?: Phase;
  canaryWeight?: number;
  failedChecks?: number;
  iterations?: number;
  sync?: boolean;
  /** Overrides the revision of a sync: what the primary runs is not what the target runs. */
  revision?: string;
  trackedConfigs?: Record<string, string>;
  /** The present revision is now the promoted one. */
  promoted?: boolean;
  /** When the next step may be taken, milliseconds since 1970; null: no step is planned. */
  dueAt?: number | null;
  checks?: NonNullable<CanaryStatus['checks']>;
  waitingFor?: NonNullable<CanaryStatus['waitingFor']> | null;
  paused?: NonNullable<CanaryStatus['paused']> | null;
  /** Where a pause will begin; null: nowhere. */
  pauseAt?: NonNullable<CanaryStatus['pauseAt']> | null;
  commands?: NonNullable<CanaryStatus['commands']>;
  approvals?: NonNullable<CanaryStatus['approvals']> | null;
  history?: HistoryEntry[];
  /** What the primary keeps at least until the rollout ended; null: it has. */
  primaryReplicas?: number | null;
  rollback?: Rollback | null;
  trafficSince?: string | null;
  notReady?: NonNullable<CanaryStatus['notReady']> | null;
  /** Why nothing moves until somebody does something; null: it does. */
  stalled?: Stall | null;
}

export const phaseOf = (canary: Canary): Phase => canary.status?.phase ?? '';

/** The whole status after `change`; undefined where nothing but the clock would differ. */
export const statusAfter = (world: World, change: Change): CanaryStatus | undefined => {
  const before: CanaryStatus = world.canary.status ?? {};
  const {
    dueAt,
    waitingFor,
    paused,
    pauseAt,
    approvals,
    primaryReplicas,
    sessionAffinityCookie,
    rollback,
    trafficSince,
    notReady,
    sync: _,
    promoted: __,
    stalled: ___,
    ...plain
  } = change;
  const phase = change.phase ?? before.phase ?? '';
  const next: CanaryStatus = {
    ...before,
    ...synced(world, change),
    ...plain,
    phase,
    canaryWeight: change.canaryWeight ?? before.canaryWeight ?? 0,
    failedChecks: change.failedChecks ?? before.failedChecks ?? 0,
    iterations: change.iterations ?? before.iterations ?? 0,
  };
  setOrDrop(next, 'dueAt', dueAt === null || dueAt === undefined ? dueAt : isoTime(dueAt));
  setOrDrop(next, 'waitingFor', waitingFor);
  setOrDrop(next, 'paused', paused);
  setOrDrop(next, 'pauseAt', pauseAt);
  setOrDrop(next, 'approvals', approvals);
  setOrDrop(next, 'primaryReplicas', primaryReplicas);
  setOrDrop(next, 'sessionAffinityCookie', sessionAffinityCookie);
  setOrDrop(next, 'rollback', rollback);
  setOrDrop(next, 'trafficSince', trafficSince);
  setOrDrop(next, 'notReady', notReady);
  if (change.promoted === true && next.lastAppliedSpec !== undefined) next.lastPromotedSpec = next.lastAppliedSpec;
  next.observedGeneration = world.canary.metadata.generation ?? 0;
  next.conditions = conditionsAfter(world, phase, change.stalled);
  const { lastTransitionTime: _old, ...compared } = next;
  const { lastTransitionTime: _was, ...previous } = before;
  if (isSameJson(compared, previous)) return undefined;
  return { ...next, lastTransitionTime: kubeTime(world.now) };
};

const setOrDrop = <K extends keyof CanaryStatus>(
  status: CanaryStatus,
  key: K,
  value: CanaryStatus[K] | null | undefined,
): void => {
  if (value === null) delete status[key];
  else if (value !== undefined) status[key] = value;
};

/**
 * The revision fields. The reference's opaque hash changes only with the revision, so that a reference that takes over
 * from us starts nothing; ours decides.
 */
const synced = (world: World, change: Change): Partial<CanaryStatus> => {
  if (change.sync !== true || isProblem(world.target)) return {};
  const { revision } = world.target;
  const before = world.canary.status ?? {};
  const configs = world.configs === undefined || isProblem(world.configs) ? undefined : world.configs;
  const isSame =
    before.lastAppliedSpec !== undefined && (before.revision ?? revision) === revision && !haveConfigsChanged(world);
  return {
    revision,
    ...(!isSame && { lastAppliedSpec: opaqueHash(`${revision}${canonicalJson(configs ?? null)}`) }),
    ...(configs && { trackedConfigs: configs }),
  };
};

/**
 * Do the tracked ConfigMaps and Secrets differ from those of the last sync? Unreadable ones, and ones that nobody tracked,
 * count as unchanged. What another controller tracked is compared as it did, without binary data.
 */
export const haveConfigsChanged = (world: World): boolean => {
  const { trackedConfigs: before, revision } = world.canary.status ?? {};
  if (before === undefined || world.configs === undefined || isProblem(world.configs)) return false;
  const keys = Object.keys(world.configs);
  const now = world.configs;
  const asBefore = revision === undefined ? world.textConfigs : undefined;
  const isSame = (key: string) => before[key] === now[key] || (asBefore !== undefined && before[key] === asBefore[key]);
  return keys.length !== Object.keys(before).length || !keys.every(isSame);
};
