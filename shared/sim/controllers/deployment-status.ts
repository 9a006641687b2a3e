/** The status of a Deployment: counts, and the conditions Available and Progressing with their reasons. */
import type { KubeObject } from '../../api/kube.ts';
import { timestamp } from '../context.ts';
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

const countsOf = ({ current, old }: Sets): Counts => {
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
  const percent = Number.parseInt(typeof share === 'string' ? share : '0', 10);
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
const deadlineLeftMs = (deployment: KubeObject, progressing: Fields, nowMs: number): number => {
  const seconds = numberAt(deployment, 'spec', 'progressDeadlineSeconds');
  return Date.parse(textAt(progressing, 'lastUpdateTime')) + seconds * 1000 - nowMs;
};

const renew = (before: Fields | undefined, wanted: Fields, now: string): Fields => {
  if (before !== undefined && before['status'] === wanted['status'] && before['reason'] === wanted['reason'])
    return before;
  const transition = before !== undefined && before['status'] === wanted['status'] ? before['lastTransitionTime'] : now;
  return { ...wanted, lastUpdateTime: now, lastTransitionTime: transition };
};

const ENOUGH = {
  type: 'Available',
  status: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'Deployment has minimum availability.',
};
const TOO_FEW = {
  type: 'Available',
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'Deployment does not have minimum availability.',
};

/** One look at a Deployment and its ReplicaSets. */
interface Look {
  readonly deployment: KubeObject;
  readonly counts: Counts;
  /** Name of the ReplicaSet of the present template. */
  readonly set: string;
  readonly nowMs: number;
  readonly now: string;
}

const available = ({ deployment, counts, now }: Look): Fields => {
  const minimum = numberAt(deployment, 'spec', 'replicas') - limitsOf(deployment).unavailable;
  return renew(conditionOf(deployment, 'Available'), counts.available >= minimum ? ENOUGH : TOO_FEW, now);
};

const told = ({ now }: Look, status: string, reason: string, message: string): Fields => ({
  type: 'Progressing',
  status,
  reason,
  message,
  lastUpdateTime: now,
});

/** Has the same generation been rolled out completely before? Then losing a pod is no new rollout. */
const isSettled = (deployment: KubeObject, before: Fields | undefined): before is Fields =>
  before?.['reason'] === 'NewReplicaSetAvailable' &&
  numberAt(deployment, 'status', 'observedGeneration') === deployment.metadata.generation;

/** The condition while the rollout is neither complete nor paused. */
const rolling = (look: Look, before: Fields): Fields => {
  const { deployment, counts, set, now, nowMs } = look;
  const resumed = before['reason'] === 'NewReplicaSetAvailable' || before['reason'] === 'DeploymentPaused';
  if (resumed || hasMoved(deployment, counts)) {
    const since = before['status'] === 'True' ? before['lastTransitionTime'] : now;
    return {
      ...told(look, 'True', 'ReplicaSetUpdated', `ReplicaSet "${set}" is progressing.`),
      lastTransitionTime: since,
    };
  }
  const isLate = deadlineLeftMs(deployment, before, nowMs) <= 0;
  if (!isLate || before['reason'] === 'ProgressDeadlineExceeded') return before;
  const late = told(look, 'False', 'ProgressDeadlineExceeded', `ReplicaSet "${set}" has timed out progressing.`);
  return { ...late, lastTransitionTime: now };
};

const progressing = (look: Look): Fields => {
  const { deployment, counts, set, now } = look;
  const before = conditionOf(deployment, 'Progressing');
  if (own(own(deployment, 'spec'), 'paused') === true) {
    return renew(before, told(look, 'Unknown', 'DeploymentPaused', 'Deployment is paused'), now);
  }
  if (isComplete(deployment, counts)) {
    return renew(
      before,
      told(look, 'True', 'NewReplicaSetAvailable', `ReplicaSet "${set}" has successfully progressed.`),
      now,
    );
  }
  if (isSettled(deployment, before)) return before;
  if (before === undefined || !textAt(before, 'message').includes(`"${set}"`)) {
    return {
      ...told(look, 'True', 'NewReplicaSetCreated', `Created new replica set "${set}"`),
      lastTransitionTime: now,
    };
  }
  return rolling(look, before);
};

const nonZero = (fields: Record<string, number>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0));

/** The status that these ReplicaSets give, and the milliseconds after which to look again for the deadline. */
export const deploymentStatus = (
  deployment: KubeObject,
  sets: Sets,
  nowMs: number,
): { status: Fields; againMs: number | undefined } => {
  const counts = countsOf(sets);
  const wanted = numberAt(deployment, 'spec', 'replicas');
  const look: Look = { deployment, counts, set: sets.current?.metadata.name ?? '', nowMs, now: timestamp(nowMs) };
  const progress = progressing(look);
  const status: Fields = {
    observedGeneration: deployment.metadata.generation,
    ...nonZero({
      replicas: counts.replicas,
      updatedReplicas: counts.updated,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      unavailableReplicas: Math.max(0, wanted + Math.max(0, counts.replicas - wanted) - counts.available),
    }),
    conditions: [available(look), progress],
  };
  const isRolling = progress['status'] === 'True' && progress['reason'] !== 'NewReplicaSetAvailable';
  const left = isRolling ? deadlineLeftMs(deployment, progress, nowMs) : 0;
  return { status, againMs: left > 0 ? left : undefined };
};
