import type { KubeObject } from '../api/kube.ts';
import type { Readiness } from '../api/model.ts';
import type { ReadinessQuestion } from './target.ts';

interface DaemonSetStatus {
  observedGeneration?: number;
  desiredNumberScheduled?: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
}

/**
 * Ready when every node that shall have a pod has one of the newest template and enough of them are available. The
 * texts are the reference's. A DaemonSet keeps no clock of its own: the deadline counts from when the wait began.
 */
export const daemonSetReadiness = (object: KubeObject, question: ReadinessQuestion): Readiness => {
  const status = (object['status'] ?? {}) as DaemonSetStatus;
  const {
    desiredNumberScheduled: desired = 0,
    updatedNumberScheduled: updated = 0,
    numberAvailable: available = 0,
  } = status;
  const isServing = available > 0 || desired === 0;
  if ((object.metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    const message = 'waiting for rollout to finish: observed daemonset generation less than desired generation';
    return { ready: false, message, deadlineExceeded: false, isServing };
  }
  const { thresholdPercent: threshold } = question;
  const needed = Math.ceil((desired * threshold) / 100);
  const what =
    updated < desired
      ? `${updated} out of ${desired} new pods have been updated`
      : available < needed
        ? `${available} of ${needed} (readyThreshold ${threshold}%) updated pods are available`
        : undefined;
  return what === undefined ? { ready: true } : waiting(what, isServing, question);
};

const waiting = (what: string, isServing: boolean, { now, since, deadlineSeconds }: ReadinessQuestion): Readiness => {
  const deadlineAt = since === undefined ? undefined : since + deadlineSeconds * 1000;
  const deadlineExceeded = deadlineAt !== undefined && deadlineAt <= now;
  return {
    ready: false,
    message: deadlineExceeded
      ? `exceeded its progressDeadlineSeconds: ${deadlineSeconds}`
      : `waiting for rollout to finish: ${what}`,
    deadlineExceeded,
    isServing,
    ...(deadlineAt !== undefined && { deadlineAt }),
  };
};
