/** Everything one pass knows, as data. Read once, never changed; a missing object is a value, not an exception. */
import type { Canary, CanaryStatus } from '../api/canary.ts';
import type { Capabilities, LiveRoutes, Probe, Readiness, Report, Routes } from '../api/model.ts';

/** A fact, or why it can't be had: the message for a Warning event. */
export type Fact<T> = T | { problem: string };

export const isProblem = <T>(fact: Fact<T>): fact is { problem: string } =>
  typeof fact === 'object' && fact !== null && 'problem' in fact;

export interface TargetFacts {
  /** `Deployment`, as messages name it. */
  kind: string;
  readiness: Readiness;
  /** Our digest of what it runs, tracked ConfigMaps and Secrets left out. */
  revision: string;
  /** The images it runs, for history. */
  image: string;
  /** Scaled to zero between releases. */
  isParked: boolean;
  /** Its autoscaler is held at zero. */
  isScalerPaused: boolean;
  /** The pods of its primary can be started anew. */
  canRestart: boolean;
}

export interface PrimaryFacts {
  readiness: Readiness;
  /** It runs what the target runs now. */
  runsTarget: boolean;
  /** Pods that it asks for; undefined where their number is not for a scaler to set. */
  replicas?: number | undefined;
  /** The present rollout has copied the target to it already. */
  hasCopy: boolean;
}

export interface Settings {
  /** The effective provider: `spec.provider`, else the controller's flag. */
  provider: string;
  clusterName: string;
  /** The name under which the built-in queries are known. */
  observer: string;
}

export interface World {
  /** Milliseconds since 1970. */
  now: number;
  /** Twenty random letters, fresh in each pass. */
  nonce: string;
  canary: Canary;
  settings: Settings;
  capabilities: Capabilities;
  /** What is wrong with the spec, in one line; nothing is done while it is set. */
  specProblem: string | undefined;
  target: Fact<TargetFacts>;
  /** Undefined: not created yet. */
  primary: PrimaryFacts | undefined;
  /** Undefined: the Canary has no autoscaler. */
  scaler: Fact<'present'> | undefined;
  /** Checksums of the tracked ConfigMaps and Secrets, `configmap/name` -> checksum. Undefined: tracking is off. */
  configs: Fact<Record<string, string>> | undefined;
  /** The same without binary data, which other controllers do not count. */
  textConfigs?: Record<string, string>;
  /** Where traffic goes now, as the live objects say. Undefined: they do not exist yet. */
  routes: Fact<LiveRoutes> | undefined;
}

/** One effect, by intention; the engine renders it to writes. Ordered and idempotent. */
export type Action =
  | { do: 'ensure-services' }
  /** What the traffic provider must know before the primary's pods start. */
  | { do: 'prepare-routes' }
  | { do: 'ensure-primary' }
  /** The primary anew, of a former revision that the cluster has been found to keep. */
  | { do: 'remake-primary'; revision: string }
  | { do: 'ensure-primary-scaler' }
  | { do: 'ensure-apex' }
  /** Correct drift; the weights stay as they are. */
  | { do: 'ensure-routes' }
  | { do: 'route'; routes: Routes }
  /** Copy the target's pod template and its configs to the primary. */
  | { do: 'promote' }
  | { do: 'sync-primary-scaler' }
  /** Replicas that the primary had when the rollout began, where its scaler went below. */
  | { do: 'hold-primary' }
  | { do: 'release-primary' }
  | { do: 'pause-scaler' }
  | { do: 'resume-scaler' }
  | { do: 'park-target' }
  /** Put the target back to a former revision, which the cluster has been found to keep. */
  | { do: 'restore-target'; revision: string }
  /** New pods for the primary, the same as now; once per mark. */
  | { do: 'restart-primary'; mark: string }
  | { do: 'wake-target' }
  | { do: 'add-finalizer' }
  | { do: 'remove-finalizer' }
  /** Give back what was taken over: the apex Service and the routes. */
  | { do: 'revert-routes' };

/** What one pass does: actions in order, then one status write, then the reports. */
export interface Decision {
  actions: readonly Action[];
  /** The whole new status; undefined: nothing to write. */
  status: CanaryStatus | undefined;
  reports: readonly Report[];
  /** When to look again by itself, milliseconds since 1970; undefined: an event will wake it. */
  dueAt: number | undefined;
  /**
   * Traffic is taken from pods that go so many milliseconds later. `status.dueAt` counts them from the moment in which
   * the actions are done: on a busy machine that may be long after the decision.
   */
  drainMs?: number;
}

/** A pass ends in a decision or in a question; what is reported before the question is told first. */
export type Outcome = { ask: Probe; reports: readonly Report[] } | { decision: Decision };
