import { KINDS } from '../api/kinds.ts';
import type { KubeObject, Ref } from '../api/kube.ts';
import type { Write } from '../api/model.ts';
import { deploymentReadiness } from './deployment-readiness.ts';
import { replicaSets } from './past.ts';
import { type PodTemplate, specOf, templateOf } from './pod-spec.ts';
import { imageOf, PRIMARY_SUFFIX, primaryTemplate, selectorOf } from './pod-template.ts';
import { rewriteSelectors } from './selector-rewrite.ts';
import type { PrimaryContext, Selector, TargetCodec } from './target.ts';
import {
  copyIdOf,
  newCopy,
  promotedCopy,
  restarted,
  runsSame,
  type WorkloadShape,
  withoutClock,
} from './workload-copy.ts';

const replicasOf = (object: KubeObject): number => (specOf(object)['replicas'] as number | undefined) ?? 1;

const templateFor = (target: KubeObject, selector: Selector, context: PrimaryContext): PodTemplate => {
  const template = primaryTemplate(templateOf(target), selector, context);
  const { name } = target.metadata;
  const rewrite = { keys: context.selectorLabels, from: name, to: `${name}${PRIMARY_SUFFIX}` };
  return { ...template, spec: rewriteSelectors(template.spec ?? {}, rewrite) };
};

const SHAPE: WorkloadShape = {
  kind: KINDS.deployment,
  word: 'deployment',
  copied: ['progressDeadlineSeconds', 'minReadySeconds', 'revisionHistoryLimit', 'strategy'],
  isServerKey: (key) => key.startsWith('deployment.kubernetes.io/'),
  templateFor,
};

/** A scaler keeps its own count, but a primary at zero must not take the traffic: it starts with what the target has. */
const promotedReplicas = (
  target: KubeObject,
  primary: KubeObject,
  { hasScaler }: PrimaryContext,
): { replicas?: number } => {
  const wanted = replicasOf(target);
  if (hasScaler) return replicasOf(primary) > 0 ? {} : { replicas: Math.max(1, wanted) };
  return wanted === 0 ? {} : { replicas: wanted };
};

const scaleTo = (ref: Ref, target: KubeObject, replicas: number): Write | undefined =>
  replicasOf(target) === replicas
    ? undefined
    : {
        do: 'patch',
        ref,
        type: 'merge',
        patch: { metadata: { resourceVersion: target.metadata.resourceVersion }, spec: { replicas } },
      };

export const deployment: TargetCodec = {
  kind: SHAPE.kind,
  word: SHAPE.word,
  hasPods: true,
  isScalable: true,
  podSuffix: '-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)',
  selectorOf: (target, labels) => selectorOf(SHAPE.word, target, labels),
  revisionSource: (target) => withoutClock(templateOf(target)),
  imageOf,
  readiness: deploymentReadiness,
  createPrimary: (target, context) => newCopy(SHAPE, target, context, { replicas: Math.max(1, replicasOf(target)) }),
  promotePrimary: (target, primary, context) =>
    promotedCopy(SHAPE, { target, primary, context, more: promotedReplicas(target, primary, context) }),
  runsSame: (target, primary, context) => runsSame(SHAPE, target, primary, context),
  copyIdOf,
  restartPrimary: restarted,
  past: replicaSets,
  isParked: (target) => replicasOf(target) === 0,
  park: (ref, target) => scaleTo(ref, target, 0),
  wake: (ref, target, replicas) => (replicasOf(target) > 0 ? undefined : scaleTo(ref, target, replicas)),
  replicasOf,
};
