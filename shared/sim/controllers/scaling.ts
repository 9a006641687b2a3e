/** What both autoscalers do: find their target, scale it, write their status. */
import type { KubeObject } from '../../api/kube.ts';
import { timestamp } from '../context.ts';
import type { Fields } from '../json.ts';
import { equal, fieldsAt, listAt, numberAt, own, textAt } from '../json.ts';
import type { ServedKind } from '../kinds.ts';
import type { Workshop } from './runner.ts';

/** What a trigger's or a metric's query answers now; undefined: nothing is known, so nothing is scaled by it. */
export type LoadSource = (query: string, scaler: KubeObject) => number | undefined;

/** Knows of no load: scalers then only keep their bounds. */
export const noLoad: LoadSource = () => undefined;

export interface ScaleTarget {
  readonly kind: ServedKind;
  readonly object: KubeObject;
}

/** The workload that a scaler's `scaleTargetRef` names; a Deployment unless it says otherwise. */
export const targetOf = (workshop: Workshop, scaler: KubeObject): ScaleTarget | undefined => {
  const { registry, store } = workshop.server;
  const ref = fieldsAt(scaler, 'spec', 'scaleTargetRef');
  const kind = registry.findKind(textAt(ref, 'apiVersion') || 'apps/v1', textAt(ref, 'kind') || 'Deployment');
  if (kind === undefined) return undefined;
  const object = store.get(kind.storage, scaler.metadata.namespace ?? '', textAt(ref, 'name'));
  return object === undefined ? undefined : { kind, object };
};

export const replicasOf = (target: ScaleTarget): number => numberAt(target.object, 'spec', 'replicas');

/** Writes through the scale subresource, and only when the number differs. */
export const scaleTo = async (workshop: Workshop, target: ScaleTarget, replicas: number): Promise<void> => {
  if (replicasOf(target) === replicas) return;
  const { namespace = '', name } = target.object.metadata;
  const at = { kind: target.kind, namespace, name, subresource: 'scale' };
  await workshop.rest.patch(at, { type: 'merge', body: { spec: { replicas } } }, workshop.caller);
};

export const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/** Writes a status, and what else a status write carries, when that says something new. */
export const writeStatus = async (
  workshop: Workshop,
  kind: ServedKind,
  object: KubeObject,
  status: Fields,
): Promise<void> => {
  const { namespace = '', name } = object.metadata;
  const stored = workshop.server.store.get(kind.storage, namespace, name);
  if (equal(stored?.['status'], status) && equal(stored?.metadata.annotations, object.metadata.annotations)) return;
  await workshop.rest.replace({ kind, namespace, name, subresource: 'status' }, { ...object, status }, workshop.caller);
};

export interface Finding {
  readonly type: string;
  readonly isTrue: boolean;
  readonly reason: string;
  readonly message: string;
}

/** A condition whose transition time moves only with its status. */
export const conditionOf = (object: KubeObject, finding: Finding, nowMs: number): Fields => {
  const status = finding.isTrue ? 'True' : 'False';
  const before = listAt(object, 'status', 'conditions').find((one) => own(one, 'type') === finding.type);
  const since = own(before, 'status') === status ? own(before, 'lastTransitionTime') : timestamp(nowMs);
  return { type: finding.type, status, reason: finding.reason, message: finding.message, lastTransitionTime: since };
};
