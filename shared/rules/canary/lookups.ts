/** The other objects that several rules of the Canary ask for. */
import { KINDS } from '../../api/kinds.ts';
import type { Kind, KubeObject } from '../../api/kube.ts';
import type { Lookup } from '../input.ts';
import { recordOf } from '../raw.ts';
import type { Others } from '../rule.ts';
import { type Trigger, triggersOf } from '../scaled-object/triggers.ts';
import type { CanaryView } from '../view.ts';

const NONE: readonly Lookup[] = [];

/** The workloads that we can look up by the kind of a target. */
const WORKLOADS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['Deployment', KINDS.deployment],
  ['DaemonSet', KINDS.daemonSet],
]);

const SCALERS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['ScaledObject', KINDS.scaledObject],
  ['HorizontalPodAutoscaler', KINDS.hpa],
]);

export const workloadKindOf = ({ targetKind }: CanaryView): Kind | undefined => WORKLOADS.get(targetKind);

export const scalerKindOf = ({ scalerKind }: CanaryView): Kind | undefined => SCALERS.get(scalerKind);

export const targetLookups = (view: CanaryView): readonly Lookup[] => {
  const kind = workloadKindOf(view);
  return kind === undefined || view.targetName === ''
    ? NONE
    : [{ kind, namespace: view.namespace, name: view.targetName }];
};

/** The target workload; undefined: it is not there (yet). */
export const targetOf = (view: CanaryView, others: Others): KubeObject | undefined => {
  const kind = workloadKindOf(view);
  return kind === undefined ? undefined : others.one(kind, view.namespace, view.targetName);
};

/** The HorizontalPodAutoscaler or ScaledObject that the Canary names. */
export const scalerLookups = (view: CanaryView): readonly Lookup[] => {
  const kind = scalerKindOf(view);
  return kind === undefined || view.scalerName === ''
    ? NONE
    : [{ kind, namespace: view.namespace, name: view.scalerName }];
};

export const scalerOf = (view: CanaryView, others: Others): KubeObject | undefined => {
  const kind = scalerKindOf(view);
  return kind === undefined ? undefined : others.one(kind, view.namespace, view.scalerName);
};

/** The same, for rules about ScaledObjects alone. */
export const scaledObjectLookups = (view: CanaryView): readonly Lookup[] =>
  view.scalerKind === 'ScaledObject' ? scalerLookups(view) : NONE;

/** Triggers of the ScaledObject that the Canary names; undefined: it is not there (yet). */
export const scalerTriggers = (view: CanaryView, others: Others): readonly Trigger[] | undefined => {
  const scaler = scalerOf(view, others);
  return scaler === undefined ? undefined : triggersOf(recordOf(scaler['spec']));
};

export const bothScalerLookups = (view: CanaryView): readonly Lookup[] =>
  view.targetName === ''
    ? NONE
    : [
        { kind: KINDS.scaledObject, namespace: view.namespace },
        { kind: KINDS.hpa, namespace: view.namespace },
      ];

/** True when an owner of this kind, and by this name where one is given, is noted in the object. */
export const isOwnedBy = (object: KubeObject, kind: string, name?: string): boolean =>
  (Array.isArray(object.metadata.ownerReferences) ? object.metadata.ownerReferences : []).some(
    (owner) => owner?.kind === kind && (name === undefined || owner.name === name),
  );
