import { canonicalJson } from '../api/digest.ts';
import { KINDS } from '../api/kinds.ts';
import type { KubeObject, StringMap } from '../api/kube.ts';
import type { ScalerCodec, ScalerContext } from './scaler.ts';

type Spec = Record<string, unknown>;
const specOf = (object: KubeObject): Spec => (object['spec'] ?? {}) as Spec;

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

const withDefined = (fields: Spec): Spec => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const copiedLabels = (labels: StringMap | undefined): StringMap =>
  Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !key.includes('toolkit.fluxcd.io')));

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
    const wanted = primarySpec(source, context);
    const live = specOf(primary);
    const managed = Object.fromEntries(Object.keys(wanted).map((field) => [field, live[field]]));
    const isSame = canonicalJson(managed) === canonicalJson(wanted);
    return isSame ? primary : { ...primary, spec: { ...live, ...wanted } };
  },
  isPaused: () => false,
  pause: () => undefined,
  resume: () => undefined,
  minReplicas: (source) => Math.max(1, (specOf(source)['minReplicas'] as number | undefined) ?? 1),
};
