import { KINDS } from '../api/kinds.ts';
import type { KubeObject, Ref, StringMap } from '../api/kube.ts';
import type { Write } from '../api/model.ts';
import { rewriteQuery } from '../api/query-rewrite.ts';
import { isSameJson } from '../api/same-json.ts';
import type { ScalerCodec, ScalerContext } from './scaler.ts';

export const PAUSED_REPLICAS = 'autoscaling.keda.sh/paused-replicas';

/** Every annotation by which KEDA pauses; none of them may reach the primary, which serves the traffic. */
export const PAUSE_ANNOTATIONS: readonly string[] = [
  PAUSED_REPLICAS,
  'autoscaling.keda.sh/paused',
  'autoscaling.keda.sh/paused-scale-in',
  'autoscaling.keda.sh/paused-scale-out',
];

interface Trigger {
  type?: string;
  name?: string;
  metadata?: StringMap;
  [field: string]: unknown;
}

interface Spec {
  scaleTargetRef?: Record<string, unknown>;
  triggers?: Trigger[];
  advanced?: { horizontalPodAutoscalerConfig?: { name?: string; [field: string]: unknown }; [field: string]: unknown };
  minReplicaCount?: number;
  maxReplicaCount?: number;
  [field: string]: unknown;
}

const specOf = (object: KubeObject): Spec => (object['spec'] ?? {}) as Spec;

/** All of the source's spec, unknown fields included, pointed at the primary. */
const primarySpec = (source: KubeObject, context: ScalerContext): Spec => {
  const spec = specOf(source);
  const { minReplicas, maxReplicas } = context.autoscalerRef.primaryScalerReplicas ?? {};
  const hpaConfig = spec.advanced?.horizontalPodAutoscalerConfig ?? {};
  return {
    ...spec,
    scaleTargetRef: { ...spec.scaleTargetRef, name: context.primaryTarget },
    triggers: (spec.triggers ?? []).map((trigger) => primaryTrigger(trigger, context)),
    ...(minReplicas !== undefined && { minReplicaCount: minReplicas }),
    ...(maxReplicas !== undefined && { maxReplicaCount: maxReplicas }),
    // KEDA names the HPA after the object; a name of the user's own would be taken twice.
    advanced: {
      ...spec.advanced,
      horizontalPodAutoscalerConfig: { ...hpaConfig, ...(hpaConfig.name && { name: `${hpaConfig.name}-primary` }) },
    },
  };
};

/** The query given for a trigger of that name; else its own, speaking of the primary. */
const primaryTrigger = (trigger: Trigger, context: ScalerContext): Trigger => {
  const given = context.autoscalerRef.primaryScalerQueries ?? {};
  const name = trigger.name ?? '';
  const query = trigger.metadata?.['query'];
  if (name !== '' && Object.hasOwn(given, name)) {
    return { ...trigger, metadata: { ...trigger.metadata, query: given[name] as string } };
  }
  if (query === undefined) return trigger;
  const prometheus = trigger.type === 'prometheus';
  return { ...trigger, metadata: { ...trigger.metadata, query: rewriteQuery(query, context.target, { prometheus }) } };
};

const copiedKeys = (map: StringMap | undefined): StringMap =>
  Object.fromEntries(
    Object.entries(map ?? {}).filter(
      ([key]) =>
        !key.includes('toolkit.fluxcd.io') &&
        !PAUSE_ANNOTATIONS.includes(key) &&
        key !== 'kubectl.kubernetes.io/last-applied-configuration',
    ),
  );

const annotate = (ref: Ref, source: KubeObject, value: string | null): Write => ({
  do: 'patch',
  ref,
  type: 'merge',
  patch: { metadata: { resourceVersion: source.metadata.resourceVersion, annotations: { [PAUSED_REPLICAS]: value } } },
});

const pausedReplicas = (source: KubeObject): string | undefined => source.metadata.annotations?.[PAUSED_REPLICAS];

/** What KEDA takes where no maximum is given. */
const DEFAULT_MOST = 100;

const leastOf = (spec: Spec): number => spec.minReplicaCount ?? 0;

const withLeast = (object: KubeObject, least: number | undefined): KubeObject => {
  const { minReplicaCount: _, ...spec } = specOf(object);
  return { ...object, spec: { ...spec, ...(least !== undefined && { minReplicaCount: least }) } };
};

/** KEDA ScaledObject: told by an annotation to keep a parked target at zero. */
export const scaledObject: ScalerCodec = {
  kind: KINDS.scaledObject,
  word: 'Keda ScaledObject',
  createPrimary: (source, context) => ({
    apiVersion: KINDS.scaledObject.apiVersion,
    kind: KINDS.scaledObject.kind,
    metadata: {
      name: context.primary.name,
      namespace: context.primary.namespace,
      labels: copiedKeys(source.metadata.labels),
      annotations: copiedKeys(source.metadata.annotations),
      ownerReferences: [context.owner],
    },
    spec: primarySpec(source, context),
  }),
  syncPrimary: (source, primary, context) => {
    const spec = primarySpec(source, context);
    const annotations = copiedKeys(primary.metadata.annotations);
    const isSame = isSameJson(spec, specOf(primary)) && isSameJson(annotations, primary.metadata.annotations ?? {});
    return isSame ? primary : { ...primary, metadata: { ...primary.metadata, annotations }, spec };
  },
  isPaused: (source) => pausedReplicas(source) === '0',
  pause: (ref, source) => (pausedReplicas(source) === '0' ? undefined : annotate(ref, source, '0')),
  resume: (ref, source) => (pausedReplicas(source) === undefined ? undefined : annotate(ref, source, null)),
  mostReplicas: (primary) => specOf(primary).maxReplicaCount ?? DEFAULT_MOST,
  withMinimum: (primary, replicas) => (leastOf(specOf(primary)) >= replicas ? primary : withLeast(primary, replicas)),
  withoutMinimum: (source, primary, context) => {
    const { minReplicaCount } = primarySpec(source, context);
    return leastOf(specOf(primary)) === (minReplicaCount ?? 0) ? primary : withLeast(primary, minReplicaCount);
  },
  mayRestAtZero: (primary) => {
    const { minReplicaCount = 0, idleReplicaCount } = specOf(primary);
    return pausedReplicas(primary) === undefined && (minReplicaCount === 0 || idleReplicaCount === 0);
  },
  minReplicas: (source) => Math.max(1, specOf(source).minReplicaCount ?? 1),
};
