/** Names that a Canary gives to what it owns, and the annotations, labels and finalizers that everyone shares. */
import type { Canary } from './canary.ts';

/** Annotations of our own. */
export const ANNOTATIONS = {
  /** A person's command, JSON. */
  command: 'kubectl-canary/command',
  /** Native gates where the spec cannot be changed. */
  gates: 'kubectl-canary/gates',
  /** Rule ids that admission leaves out for this object, comma separated. */
  ignoreRules: 'kubectl-canary/ignore-rules',
  adopt: 'kubectl-canary/adopt',
  /** On a provider's object: name of the session cookie in it that is ours. */
  affinity: 'kubectl-canary/affinity',
  /** On a primary's autoscaler: its minimum is that of a running rollout. */
  held: 'kubectl-canary/held',
} as const;

/** Label of a namespace: `warn` or `strict`. */
export const ADMISSION_LABEL = 'kubectl-canary/admission';

/** Finalizer of a Canary with `revertOnDeletion`. */
export const FINALIZER = 'finalizer.flagger.app';

/** Annotations and labels of the reference's own, on objects that it reads or writes. */
export const REFERENCE_KEYS = {
  /** On a ConfigMap or Secret; a value that starts with `disable` leaves it untracked. */
  configTracking: 'flagger.app/config-tracking',
  /** On a Knative Service: the revision that is the primary. */
  primaryRevision: 'flagger.app/primary-revision',
  /** Node selector key that parks a DaemonSet. */
  scaleToZero: 'flagger.app/scale-to-zero',
  /** On the pod template of a primary: fresh at each promotion. */
  podId: 'flagger-id',
} as const;

/** Annotations that keep Flux from correcting a generated Service. */
export const DRIFT_ANNOTATIONS: Readonly<Record<string, string>> = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
};

/** Keys that contain this belong to Flux and are never copied. */
export const TOOLKIT_MARK = 'toolkit.fluxcd.io';

export const FIELD_MANAGERS = {
  plugin: 'kubectl-canary',
  controller: 'canary-controller',
  install: 'canary-install',
} as const;

/** Name of the target; empty where the object lacks one. */
export const targetNameOf = (canary: Canary): string => canary.spec?.targetRef?.name ?? '';

/** Name of the apex Service: `spec.service.name`, else the target's. */
export const apexNameOf = (canary: Canary): string => canary.spec?.service?.name || targetNameOf(canary);

/** Name of the Service of the stable copy. */
export const primaryNameOf = (canary: Canary): string => `${apexNameOf(canary)}-primary`;

/** Name of the Service of the new revision. */
export const canaryNameOf = (canary: Canary): string => `${apexNameOf(canary)}-canary`;

/** Name of the stable copy of the target. */
export const primaryWorkloadNameOf = (canary: Canary): string => `${targetNameOf(canary)}-primary`;

/** Name of the stable copy's HorizontalPodAutoscaler or ScaledObject; undefined without an autoscaler. */
export const primaryScalerNameOf = (canary: Canary): string | undefined => {
  const name = canary.spec?.autoscalerRef?.name;
  return name === undefined ? undefined : `${name}-primary`;
};

/** Name of the copy of a ConfigMap or Secret that the primary uses. */
export const primaryConfigNameOf = (name: string): string => `${name}-primary`;

export type Strategy = 'canary' | 'blue-green' | 'ab-testing';

/** The strategy as metrics and alerts name it: iterations mean A/B testing where requests match, else blue/green. */
export const strategyOf = (canary: Canary): Strategy => {
  const analysis = canary.spec?.analysis;
  if (Math.trunc(analysis?.iterations ?? 0) <= 0) return 'canary';
  return (analysis?.match?.length ?? 0) > 0 ? 'ab-testing' : 'blue-green';
};
