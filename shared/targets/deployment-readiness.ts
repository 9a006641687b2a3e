import type { KubeObject } from '../api/kube.ts';
import type { Readiness } from '../api/model.ts';
import { specOf } from './pod-template.ts';
import type { ReadinessQuestion } from './target.ts';

interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  conditions?: { type: string; status: string; reason?: string; lastUpdateTime?: string }[];
}

/**
 * Ready when the newest template runs in all replicas and enough of them are available. The texts are the reference's.
 * A percentage is rounded up, and one updated pod is always needed: rounding down would accept none.
 */
export const deploymentReadiness = (object: KubeObject, question: ReadinessQuestion): Readiness => {
  const status = (object['status'] ?? {}) as DeploymentStatus;
  const waiting = (what: string, deadlineExceeded: boolean): Readiness => ({
    ready: false,
    message: `waiting for rollout to finish: ${what}`,
    deadlineExceeded,
  });
  if ((object.metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    return waiting('observed deployment generation less than desired generation', false);
  }
  const progressing = status.conditions?.find((condition) => condition.type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    const message = `deployment "${object.metadata.name}" exceeded its progress deadline`;
    return { ready: false, message, deadlineExceeded: true };
  }
  const isLate = progressing !== undefined && isUnavailableTooLong(status, question);
  const wanted = (specOf(object)['replicas'] as number | undefined) ?? 1;
  const { updatedReplicas: updated = 0, replicas = 0, availableReplicas: available = 0 } = status;
  if (updated < wanted) return waiting(`${updated} out of ${wanted} new replicas have been updated`, isLate);
  if (replicas > updated) return waiting(`${replicas - updated} old replicas are pending termination`, isLate);
  const threshold = question.thresholdPercent;
  const needed = Math.ceil((updated * threshold) / 100);
  const floor = updated > 0 && threshold > 0 ? Math.max(1, needed) : needed;
  if (available < floor) {
    return waiting(`${available} of ${floor} (readyThreshold ${threshold}%) updated replicas are available`, isLate);
  }
  return { ready: true };
};

const isUnavailableTooLong = (status: DeploymentStatus, { now, deadlineSeconds }: ReadinessQuestion): boolean => {
  const available = status.conditions?.find((condition) => condition.type === 'Available');
  if (available?.status !== 'False' || available.reason !== 'MinimumReplicasUnavailable') return false;
  const since = Date.parse(available.lastUpdateTime ?? '');
  return Number.isFinite(since) && since + deadlineSeconds * 1000 < now;
};
