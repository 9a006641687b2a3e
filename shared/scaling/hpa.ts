import { KINDS } from '../api/kinds.ts';
import type { KubeObject, StringMap } from '../api/kube.ts';
import { isSameJson } from '../api/same-json.ts';
import type { ScalerCodec, ScalerContext } from './scaler.ts';

type Spec = Record<string, unknown>;
const specOf = (object: KubeObject): Spec => (object['spec'] ?? {}) as Spec;

/** What the primary takes from the source, and loses with it. */
const MANAGED: readonly string[] = ['scaleTargetRef', 'minReplicas', 'maxReplicas', 'metrics', 'behavior'];
const OVERRIDABLE = ['minReplicas', 'maxReplicas'] as const;

const primarySpec = (source: KubeObject, context: ScalerContext): Spec => {
  const { scaleTargetRef, minReplicas, maxReplicas, metrics, behavior } = specOf(source);
  const overrides = context.autoscalerRef.primaryScalerReplicas ?? {};
  const given = OVERRIDABLE.filter((field) => overrides[field] !== undefined).map((field) => [field, overrides[field]]);
  return {
    scaleTargetRef: { ...(scaleTargetRef as object), name: context.primaryTarget },
    ...withDefined({ minReplicas, maxReplicas, metrics, behavior }),
    ...Object.fromEntries(given),
  };
};

const withDefined = (fields: Spec): Spec =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const copiedLabels = (labels: StringMap | undefined): StringMap =>
  Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !key.includes('toolkit.fluxcd.io')));

const leastOf = (spec: Spec): number => (spec['minReplicas'] as number | undefined) ?? 1;

const withLeast = (object: KubeObject, minReplicas: unknown): KubeObject => ({
  ...object,
  spec: { ...specOf(object), minReplicas: minReplicas ?? 1 },
});

/** HorizontalPodAutoscaler: inert while its target has no replicas, so it needs no pausing. */
export const hpa: ScalerCodec = {
  kind: KINDS.hpa,
  word: 'HorizontalPodAutoscaler',
  createPrimary: (source, context) => ({
    apiVersion: KINDS.hpa.apiVersion,
    kind: KINDS.hpa.kind,
    metadata: {
      name: context.primary.name,
      namespace: context.primary.namespace,
      labels: copiedLabels(source.metadata.labels),
      ownerReferences: [context.owner],
    },
    spec: primarySpec(source, context),
  }),
  syncPrimary: (source, primary, context) => {
    const live = specOf(primary);
    const foreign = Object.fromEntries(Object.entries(live).filter(([field]) => !MANAGED.includes(field)));
    const spec = { ...foreign, ...primarySpec(source, context) };
    return isSameJson(spec, live) ? primary : { ...primary, spec };
  },
  isPaused: () => false,
  pause: () => undefined,
  resume: () => undefined,
  mostReplicas: (primary) => (specOf(primary)['maxReplicas'] as number | undefined) ?? Infinity,
  withMinimum: (primary, replicas) => (leastOf(specOf(primary)) >= replicas ? primary : withLeast(primary, replicas)),
  withoutMinimum: (source, primary, context) => {
    const { minReplicas } = primarySpec(source, context);
    return leastOf(specOf(primary)) === leastOf({ minReplicas }) ? primary : withLeast(primary, minReplicas);
  },
  minReplicas: (source) => Math.max(1, (specOf(source)['minReplicas'] as number | undefined) ?? 1),
};
