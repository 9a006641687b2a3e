/** The status of a Deployment: counts, and the conditions Available and Progressing with their reasons. */
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { isFields, listAt, numberAt, own, textAt } from '../json.ts';

export interface Sets {
  /** The ReplicaSet of the present template. */
  current: KubeObject | undefined;
  old: readonly KubeObject[];
}

export interface Counts {
  replicas: number;
  updated: number;
  ready: number;
  available: number;
}

const sum = (sets: readonly KubeObject[], field: string): number =>
  sets.reduce((total, set) => total + numberAt(set, 'status', field), 0);

export const countsOf = ({ current, old }: Sets): Counts => {
  const all = current === undefined ? old : [current, ...old];
  return {
    replicas: sum(all, 'replicas'),
    updated: current === undefined ? 0 : sum([current], 'replicas'),
    ready: sum(all, 'readyReplicas'),
    available: sum(all, 'availableReplicas'),
  };
};

/** A number of pods from `25%` or `1`; surge rounds up, unavailability down. */
export const resolveShare = (share: unknown, replicas: number, roundUp: boolean): number => {
  if (typeof share === 'number') return share;
  const percent = Number.parseInt(String(share ?? '0'), 10);
  const exact = (replicas * percent) / 100;
  return roundUp ? Math.ceil(exact) : Math.floor(exact);
};

/** How many pods may be added, and how many may be missing, while a Deployment rolls. */
export const limitsOf = (deployment: KubeObject): { surge: number; unavailable: number } => {
  const replicas = numberAt(deployment, 'spec', 'replicas');
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') return { surge: 0, unavailable: replicas };
  const rolling = own(own(own(deployment, 'spec'), 'strategy'), 'rollingUpdate');
  const surge = resolveShare(own(rolling, 'maxSurge'), replicas, true);
  const unavailable = resolveShare(own(rolling, 'maxUnavailable'), replicas, false);
  // Both zero would never move.
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
};

interface Found extends Fields {
  type: string;
}

const conditionOf = (deployment: KubeObject, type: string): Found | undefined =>
  listAt(deployment, 'status', 'conditions').find((one): one is Found => isFields(one) && one['type'] === type);

const isComplete = (deployment: KubeObject, counts: Counts): boolean => {
  const wanted = numberAt(deployment, 'spec', 'replicas');
  return counts.updated === wanted && counts.replicas === wanted && counts.available === wanted;
};

const hasMoved = (deployment: KubeObject, counts: Counts): boolean => {
  const before = (field: string): number => numberAt(deployment, 'status', field);
  const gone = before('replicas') - before('updatedReplicas') - (counts.replicas - counts.updated);
  return (
    counts.updated > before('updatedReplicas') ||
    gone > 0 ||
    counts.ready > before('readyReplicas') ||
    counts.available > before('availableReplicas')
  );
};

/** Milliseconds until the progress deadline of a Deployment that is still rolling; below zero: exceeded. */
export const deadlineLeftMs = (deployment: KubeObject, progressing: Fields, nowMs: number): number => {
  const seconds = numberAt(deployment, 'spec', 'progressDeadlineSeconds');
  return Date.parse(textAt(progressing, 'lastUpdateTime')) + seconds * 1000 - nowMs;
};

const renew = (before: Fields | undefined, wanted: Fields, now: string): Fields => {
  if (before !== undefined && before['status'] === wanted['status'] && before['reason'] === wanted['reason'])
    return before;
  const transition = before !== undefined && before['status'] === wanted['status'] ? before['lastTransitionTime'] : now;
  return { ...wanted, lastUpdateTime: now, lastTransitionTime: transition };
};

const available = (deployment: KubeObject, counts: Counts, now: string): Fields => {
  const enough = counts.available >= numberAt(deployment, 'spec', 'replicas') - limitsOf(deployment).unavailable;
  const wanted = enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  return renew(conditionOf(deployment, 'Available'), wanted, now);
};

const progressing = (
  deployment: KubeObject,
  counts: Counts,
  current: KubeObject | undefined,
  nowMs: number,
  now: string,
): Fields => {
  const before = conditionOf(deployment, 'Progressing');
  if (own(own(deployment, 'spec'), 'paused') === true) {
    return renew(
      before,
      { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' },
      now,
    );
  }
  const name = current?.metadata.name ?? '';
  const told = (status: string, reason: string, message: string): Fields => ({
    type: 'Progressing',
    status,
    reason,
    message,
    lastUpdateTime: now,
  });
  const settledBefore =
    before?.['reason'] === 'NewReplicaSetAvailable' &&
    numberAt(deployment, 'status', 'observedGeneration') === deployment.metadata.generation;
  if (isComplete(deployment, counts)) {
    return renew(
      before,
      told('True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`),
      now,
    );
  }
  if (settledBefore && before !== undefined) return before;
  const sameSet = before !== undefined && textAt(before, 'message').includes(`"${name}"`);
  if (before === undefined || !sameSet) {
    return { ...told('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`), lastTransitionTime: now };
  }
  if (
    hasMoved(deployment, counts) ||
    before['reason'] === 'NewReplicaSetAvailable' ||
    before['reason'] === 'DeploymentPaused'
  ) {
    const transition = before['status'] === 'True' ? before['lastTransitionTime'] : now;
    return {
      ...told('True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`),
      lastTransitionTime: transition,
    };
  }
  if (before['reason'] !== 'ProgressDeadlineExceeded' && deadlineLeftMs(deployment, before, nowMs) <= 0) {
    return {
      ...told('False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`),
      lastTransitionTime: now,
    };
  }
  return before;
};

const nonZero = (fields: Record<string, number>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0));

/** The status that these ReplicaSets give, and the milliseconds after which to look again for the deadline. */
export const deploymentStatus = (
  deployment: KubeObject,
  sets: Sets,
  nowMs: number,
  now: string,
): { status: Fields; againMs: number | undefined } => {
  const counts = countsOf(sets);
  const wanted = numberAt(deployment, 'spec', 'replicas');
  const progress = progressing(deployment, counts, sets.current, nowMs, now);
  const status: Fields = {
    observedGeneration: deployment.metadata.generation,
    ...nonZero({
      replicas: counts.replicas,
      updatedReplicas: counts.updated,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      unavailableReplicas: Math.max(0, wanted + Math.max(0, counts.replicas - wanted) - counts.available),
    }),
    conditions: [available(deployment, counts, now), progress],
  };
  const rolling = progress['status'] === 'True' && progress['reason'] !== 'NewReplicaSetAvailable';
  const left = rolling ? deadlineLeftMs(deployment, progress, nowMs) : 0;
  return { status, againMs: left > 0 ? left : undefined };
};
