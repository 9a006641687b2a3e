/** The port of an autoscaler kind: the copy for the primary, and how the target's own is held at zero. */
import type { AutoscalerRef } from '../api/canary.ts';
import type { Kind, KubeObject, OwnerReference, Ref } from '../api/kube.ts';
import type { Write } from '../api/model.ts';

export interface ScalerContext {
  readonly autoscalerRef: AutoscalerRef;
  /** Name of the target and of its copy. */
  readonly target: string;
  readonly primaryTarget: string;
  readonly source: Ref;
  readonly primary: Ref;
  readonly owner: OwnerReference;
}

export interface ScalerCodec {
  readonly kind: Kind;
  /** `HorizontalPodAutoscaler`, `Keda ScaledObject`: as the reference's messages name it. */
  readonly word: string;
  createPrimary(source: KubeObject, context: ScalerContext): KubeObject;
  /** The live copy brought up to the source; the same object when it is. */
  syncPrimary(source: KubeObject, primary: KubeObject, context: ScalerContext): KubeObject;
  /** Held at zero, so that it does not wake a parked target. */
  isPaused(source: KubeObject): boolean;
  /** Undefined: nothing to do. */
  pause(ref: Ref, source: KubeObject): Write | undefined;
  resume(ref: Ref, source: KubeObject): Write | undefined;
  /** What the primary may have at most, as its live scaler says. */
  mostReplicas(primary: KubeObject): number;
  /** The live copy with a minimum of its own, never lower than it is; the same object when there is nothing to raise. */
  withMinimum(primary: KubeObject, replicas: number): KubeObject;
  /** The live copy with the minimum that the source and the Canary give it; the same object when it has that. */
  withoutMinimum(source: KubeObject, primary: KubeObject, context: ScalerContext): KubeObject;
  /** It takes the last pod away while nothing is to be done, and brings it back. */
  mayRestAtZero?(primary: KubeObject): boolean;
  /** What a waking target starts with. */
  minReplicas(source: KubeObject): number;
}
