import { KINDS } from '../api/kinds.ts';
import { type Condition, type KubeObject, type Ref, refKey, refTo } from '../api/kube.ts';
import type { Readiness } from '../api/model.ts';
import { REFERENCE_KEYS } from '../api/names.ts';
import { imageOf } from './pod-template.ts';
import type { ReadinessQuestion, TargetCodec } from './target.ts';

interface KnativeStatus {
  latestCreatedRevisionName?: string;
  traffic?: { latestRevision?: boolean; revisionName?: string }[];
}

const statusOf = (target: KubeObject): KnativeStatus => target['status'] ?? {};
const latestOf = (target: KubeObject): string => statusOf(target).latestCreatedRevisionName ?? '';
const primaryOf = (target: KubeObject): string => target.metadata.annotations?.[REFERENCE_KEYS.primaryRevision] ?? '';

const revisionRef = (target: KubeObject, name: string): Ref =>
  refTo(KINDS.knativeRevision, target.metadata.namespace ?? '', name);

const relatedRefs = (target: KubeObject): readonly Ref[] =>
  [...new Set([latestOf(target), primaryOf(target)])]
    .filter((name) => name !== '')
    .map((name) => revisionRef(target, name));

/** A revision is ready when its pods are, and the target's traffic knows it. */
const readiness = (target: KubeObject, question: ReadinessQuestion): Readiness => {
  const isLatest = question.side === 'target';
  const name = isLatest ? latestOf(target) : primaryOf(target);
  const problem =
    revisionProblem(question.objects.get(refKey(revisionRef(target, name)))) ?? routeProblem(target, name, isLatest);
  if (problem === undefined) return { ready: true };
  const deadlineAt = question.since === undefined ? undefined : question.since + question.deadlineSeconds * 1000;
  return {
    ready: false,
    message: `revision ${name} ${problem}`,
    deadlineExceeded: deadlineAt !== undefined && deadlineAt <= question.now,
    isServing: false,
    ...(deadlineAt !== undefined && { deadlineAt }),
  };
};

const revisionProblem = (revision: KubeObject | undefined): string | undefined => {
  if (!revision) return 'does not exist yet';
  const { conditions = [] } = (revision['status'] ?? {}) as { conditions?: Condition[] };
  const ready = conditions.find((condition) => condition.type === 'Ready');
  if (ready?.status === 'True') return undefined;
  return `is not ready: ${ready?.message || ready?.reason || 'waiting for its pods'}`;
};

/** The latest revision gets its traffic by another entry than one that is named. */
const routeProblem = (target: KubeObject, name: string, isLatest: boolean): string | undefined => {
  const { traffic = [] } = statusOf(target);
  const isKnown = traffic.some((entry) => entry.revisionName === name && (!isLatest || entry.latestRevision === true));
  return isKnown ? undefined : 'has no route yet';
};

/** Knative Service: it keeps its revisions itself, and starts and stops their pods by their traffic. */
export const knativeService: TargetCodec = {
  kind: KINDS.knativeService,
  word: 'Knative Service',
  hasPods: false,
  isScalable: false,
  podSuffix: '-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)',
  holdsPrimary: (target) => primaryOf(target) !== '',
  relatedRefs,
  routeNameOf: (target) => latestOf(target) || undefined,
  selectorOf: () => ({ problem: 'the pods of a Knative Service are its own affair' }),
  revisionSource: latestOf,
  imageOf,
  readiness,
  createPrimary: () => ({ problem: 'a Knative Service keeps its primary itself' }),
  promotePrimary: (target) => {
    const annotations = { ...target.metadata.annotations, [REFERENCE_KEYS.primaryRevision]: latestOf(target) };
    return { ...target, metadata: { ...target.metadata, annotations } };
  },
  runsSame: (target) => primaryOf(target) === latestOf(target),
  copyIdOf: () => undefined,
  isParked: () => false,
  park: () => undefined,
  wake: () => undefined,
  replicasOf: () => 1,
};
