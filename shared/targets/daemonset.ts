import { KINDS } from '../api/kinds.ts';
import type { KubeObject, Ref } from '../api/kube.ts';
import type { Write } from '../api/model.ts';
import { REFERENCE_KEYS } from '../api/names.ts';
import { daemonSetReadiness } from './daemonset-readiness.ts';
import { controllerRevisions } from './past.ts';
import { type PodTemplate, podSpecOf, specOf, templateOf } from './pod-spec.ts';
import { imageOf, primaryTemplate, selectorOf } from './pod-template.ts';
import type { PrimaryContext, TargetCodec } from './target.ts';
import {
  copyIdOf,
  newCopy,
  promotedCopy,
  restarted,
  runsSame,
  type WorkloadShape,
  withoutClock,
} from './workload-copy.ts';

/** A node label that no node has. */
const PARKING = REFERENCE_KEYS.scaleToZero;

const isParked = (target: KubeObject): boolean => podSpecOf(target).nodeSelector?.[PARKING] !== undefined;

/** The pods as they are wanted on the nodes, whether or not the set is parked. */
const awake = (template: PodTemplate): PodTemplate => {
  const { nodeSelector, ...spec } = template.spec ?? {};
  const { [PARKING]: _, ...kept } = nodeSelector ?? {};
  return { ...template, spec: { ...spec, ...(Object.keys(kept).length > 0 && { nodeSelector: kept }) } };
};

const parked = (template: PodTemplate): PodTemplate => ({
  ...template,
  spec: { ...template.spec, nodeSelector: { ...template.spec?.nodeSelector, [PARKING]: 'true' } },
});

const SHAPE: WorkloadShape = {
  kind: KINDS.daemonSet,
  word: 'daemonset',
  copied: ['minReadySeconds', 'revisionHistoryLimit', 'updateStrategy'],
  isServerKey: (key) => key === 'deprecated.daemonset.template.generation',
  templateFor: (target, selector, context) => primaryTemplate(awake(templateOf(target)), selector, context),
};

/** With any other strategy the primary's pods would keep the old template for ever. */
const strategyProblem = (target: KubeObject): string | undefined => {
  const { type } = (specOf(target)['updateStrategy'] ?? {}) as { type?: string };
  if (!type || type === 'RollingUpdate') return undefined;
  return `daemonset ${target.metadata.name}.${target.metadata.namespace} must have RollingUpdate strategy but have ${type}`;
};

const createPrimary = (target: KubeObject, context: PrimaryContext): KubeObject | { problem: string } => {
  const problem = strategyProblem(target);
  return problem === undefined ? newCopy(SHAPE, target, context) : { problem };
};

const select = (ref: Ref, target: KubeObject, nodeSelector: Record<string, string | null> | null): Write => ({
  do: 'patch',
  ref,
  type: 'merge',
  patch: {
    metadata: { resourceVersion: target.metadata.resourceVersion },
    spec: { template: { spec: { nodeSelector } } },
  },
});

/** A selector of our making goes whole: an empty one would be left. */
const wake = (ref: Ref, target: KubeObject): Write | undefined => {
  if (!isParked(target)) return undefined;
  const isOurs = Object.keys(podSpecOf(target).nodeSelector ?? {}).length === 1;
  return select(ref, target, isOurs ? null : { [PARKING]: null });
};

/** DaemonSet: it has no number of pods; it rests by selecting nodes that do not exist. */
export const daemonSet: TargetCodec = {
  kind: SHAPE.kind,
  word: SHAPE.word,
  hasPods: true,
  isScalable: false,
  podSuffix: '-[0-9a-zA-Z]+',
  selectorOf: (target, labels) => selectorOf(SHAPE.word, target, labels),
  revisionSource: (target) => awake(withoutClock(templateOf(target))),
  imageOf,
  readiness: daemonSetReadiness,
  createPrimary,
  promotePrimary: (target, primary, context) => promotedCopy(SHAPE, { target, primary, context }),
  runsSame: (target, primary, context) => runsSame(SHAPE, target, primary, context),
  copyIdOf,
  restartPrimary: restarted,
  past: controllerRevisions((template, target) => (isParked(target) ? parked(awake(template)) : awake(template))),
  isParked,
  park: (ref, target) => (isParked(target) ? undefined : select(ref, target, { [PARKING]: 'true' })),
  wake,
  replicasOf: () => 1,
};
