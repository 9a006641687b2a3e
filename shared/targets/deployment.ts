import { canonicalJson } from '../api/digest.ts';
import { KINDS } from '../api/kinds.ts';
import { REFERENCE_KEYS } from '../api/names.ts';
import type { KubeObject, Ref } from '../api/kube.ts';
import type { Write } from '../api/model.ts';
import { deploymentReadiness } from './deployment-readiness.ts';
import {
  filterKeys,
  hasPrefix,
  imageOf,
  PRIMARY_SUFFIX,
  type PodTemplate,
  primaryTemplate,
  selectorOf,
  specOf,
  templateOf,
} from './pod-template.ts';
import { rewriteSelectors } from './selector-rewrite.ts';
import type { PrimaryContext, Selector, TargetCodec } from './target.ts';

/** Spec fields that the primary takes from the target as they are. */
const COPIED = ['progressDeadlineSeconds', 'minReadySeconds', 'revisionHistoryLimit', 'strategy'] as const;

/** Kept on the primary by its own controller, never ours to remove. */
const isServerKey = (key: string): boolean => key.startsWith('deployment.kubernetes.io/');

const replicasOf = (object: KubeObject): number => (specOf(object)['replicas'] as number | undefined) ?? 1;

const copiedFields = (target: KubeObject): Record<string, unknown> => {
  const spec = specOf(target);
  return Object.fromEntries(COPIED.filter((field) => spec[field] !== undefined).map((field) => [field, spec[field]]));
};

const primaryTemplateOf = (target: KubeObject, selector: Selector, context: PrimaryContext): PodTemplate => {
  const template = primaryTemplate(templateOf(target), selector, context);
  const { name } = target.metadata;
  const rewrite = { keys: context.selectorLabels, from: name, to: `${name}${PRIMARY_SUFFIX}` };
  return { ...template, spec: rewriteSelectors(template.spec ?? {}, rewrite) };
};

const createPrimary = (target: KubeObject, context: PrimaryContext): KubeObject | { problem: string } => {
  const selector = selectorOf('deployment', target, context.selectorLabels);
  if ('problem' in selector) return selector;
  const ownLabel = { [selector.label]: `${selector.value}${PRIMARY_SUFFIX}` };
  const replicas = replicasOf(target);
  return {
    apiVersion: KINDS.deployment.apiVersion,
    kind: KINDS.deployment.kind,
    metadata: {
      name: context.ref.name,
      namespace: context.ref.namespace,
      labels: { ...filterKeys(target.metadata.labels, hasPrefix(context.includePrefixes)), ...ownLabel },
      annotations: filterKeys(target.metadata.annotations, (key) => !isServerKey(key) && key !== LAST_APPLIED),
      ownerReferences: [context.owner],
    },
    spec: {
      ...copiedFields(target),
      replicas: replicas > 0 ? replicas : 1,
      selector: { matchLabels: ownLabel },
      template: primaryTemplateOf(target, selector, context),
    },
  };
};

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A scaler keeps its own count, but a primary at zero must not take the traffic: it starts with what the target has. */
const promotedReplicas = (target: KubeObject, primary: KubeObject, { hasScaler }: PrimaryContext): { replicas?: number } => {
  const wanted = replicasOf(target);
  if (hasScaler) return replicasOf(primary) > 0 ? {} : { replicas: Math.max(1, wanted) };
  return wanted === 0 ? {} : { replicas: wanted };
};

const promotePrimary = (target: KubeObject, primary: KubeObject, context: PrimaryContext): KubeObject => {
  const selector = selectorOf('deployment', target, context.selectorLabels) as Selector;
  const spec = specOf(primary);
  const mayCopy = hasPrefix(context.includePrefixes);
  return {
    ...primary,
    metadata: {
      ...primary.metadata,
      labels: {
        ...filterKeys(target.metadata.labels, mayCopy),
        [selector.label]: `${selector.value}${PRIMARY_SUFFIX}`,
      },
      annotations: { ...filterKeys(primary.metadata.annotations, isServerKey), ...filterKeys(target.metadata.annotations, mayCopy) },
    },
    spec: {
      ...Object.fromEntries(Object.entries(spec).filter(([field]) => !(COPIED as readonly string[]).includes(field))),
      ...copiedFields(target),
      ...promotedReplicas(target, primary, context),
      template: primaryTemplateOf(target, selector, context),
    },
  };
};

const rolloutIdOf = (primary: KubeObject): string | undefined => templateOf(primary).metadata?.annotations?.[REFERENCE_KEYS.podId];

const runsSame = (target: KubeObject, primary: KubeObject, context: PrimaryContext): boolean => {
  const selector = selectorOf('deployment', target, context.selectorLabels);
  if ('problem' in selector) return false;
  const wanted = primaryTemplateOf(target, selector, { ...context, rolloutId: rolloutIdOf(primary) ?? '' });
  return canonicalJson(withoutClock(wanted)) === canonicalJson(withoutClock(templateOf(primary)));
};

/** The API server writes `creationTimestamp: null` into templates that some clients send. */
const withoutClock = (template: PodTemplate): PodTemplate => {
  const { creationTimestamp: _, ...metadata } = template.metadata ?? {};
  return { ...template, metadata };
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
  kind: KINDS.deployment,
  word: 'deployment',
  hasPods: true,
  isScalable: true,
  selectorOf: (target, labels) => selectorOf('deployment', target, labels),
  revisionSource: (target) => withoutClock(templateOf(target)),
  imageOf,
  readiness: deploymentReadiness,
  createPrimary,
  promotePrimary,
  runsSame,
  copyIdOf: rolloutIdOf,
  isParked: (target) => replicasOf(target) === 0,
  park: (ref, target) => scaleTo(ref, target, 0),
  wake: (ref, target, replicas) => (replicasOf(target) > 0 ? undefined : scaleTo(ref, target, replicas)),
  replicasOf,
};
