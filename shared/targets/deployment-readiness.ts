import type { KubeObject } from '../api/kube.ts';
import type { Readiness } from '../api/model.ts';
import { specOf } from './pod-spec.ts';
import type { ReadinessQuestion } from './target.ts';

interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  conditions?: { type: string; status: string; reason?: string; lastUpdateTime?: string }[];
}

/** What Kubernetes takes for no deadline. */
const ENDLESS = 2_147_483_647;

/**
 * Ready when the newest template runs in all replicas and enough of them are available. The texts are the reference's.
 * A percentage is rounded up, and one updated pod is always needed: rounding down would accept none.
 */
export const deploymentReadiness = (object: KubeObject, question: ReadinessQuestion): Readiness => {
  const status = (object['status'] ?? {}) as DeploymentStatus;
  const wanted = (specOf(object)['replicas'] as number | undefined) ?? 1;
  const { updatedReplicas: updated = 0, replicas = 0, availableReplicas: available = 0 } = status;
  const isServing = available > 0 || wanted === 0;
  const clock = isTimed(object) ? undefined : noted(question).deadlineAt;
  const deadlineAt = deadlineOf(status, question) ?? clock;
  const waiting = (what: string): Readiness => ({
    ready: false,
    message: `waiting for rollout to finish: ${what}`,
    deadlineExceeded: deadlineAt !== undefined && deadlineAt <= question.now,
    isServing,
    ...(deadlineAt !== undefined && { deadlineAt }),
  });
  if ((object.metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    const message = 'waiting for rollout to finish: observed deployment generation less than desired generation';
    return { ready: false, message, isServing, ...noted(question) };
  }
  if (conditionOf(status, 'Progressing')?.reason === 'ProgressDeadlineExceeded') {
    const message = `deployment "${object.metadata.name}" exceeded its progress deadline`;
    return { ready: false, message, deadlineExceeded: true, isServing };
  }
  if (updated < wanted) return waiting(`${updated} out of ${wanted} new replicas have been updated`);
  if (replicas > updated) return waiting(`${replicas - updated} old replicas are pending termination`);
  const threshold = question.thresholdPercent;
  const needed = Math.ceil((updated * threshold) / 100);
  const floor = updated > 0 && threshold > 0 ? Math.max(1, needed) : needed;
  if (available < floor) {
    return waiting(`${available} of ${floor} (readyThreshold ${threshold}%) updated replicas are available`);
  }
  return { ready: true };
};

/** Kubernetes keeps a clock of its own for it; for a paused one, or one without end, only ours runs. */
const isTimed = (object: KubeObject): boolean => {
  const { paused, progressDeadlineSeconds = 600 } = specOf(object) as Record<string, unknown> & {
    progressDeadlineSeconds?: number;
  };
  return paused !== true && progressDeadlineSeconds < ENDLESS;
};

/** The deadline by the clock of whoever waits. */
const noted = ({
  now,
  since,
  deadlineSeconds,
}: ReadinessQuestion): { deadlineExceeded: boolean; deadlineAt?: number } =>
  since === undefined
    ? { deadlineExceeded: false }
    : {
        deadlineExceeded: since + deadlineSeconds * 1000 <= now,
        deadlineAt: since + deadlineSeconds * 1000,
      };

const conditionOf = (status: DeploymentStatus, type: string) =>
  status.conditions?.find((condition) => condition.type === type);

/**
 * When too few pods have been available for too long, and not by the clock of a wait before this one: Kubernetes keeps
 * the time of pods that a new template replaces. The Deployment's own deadline may be longer, or none.
 */
const deadlineOf = (status: DeploymentStatus, { deadlineSeconds, since }: ReadinessQuestion): number | undefined => {
  const available = conditionOf(status, 'Available');
  if (available?.status !== 'False' || available.reason !== 'MinimumReplicasUnavailable') return undefined;
  const lacking = Date.parse(available.lastUpdateTime ?? '');
  return Number.isFinite(lacking) ? Math.max(lacking, since ?? lacking) + deadlineSeconds * 1000 : undefined;
};
