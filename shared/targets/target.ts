/** The port of a workload kind: everything that the rollout needs to know of Deployments, DaemonSets and their like. */
import type { Kind, KubeObject, OwnerReference, Ref } from '../api/kube.ts';
import type { Readiness, Write } from '../api/model.ts';

export interface PrimaryContext {
  /** Name and namespace of the copy. */
  readonly ref: Ref;
  readonly owner: OwnerReference;
  /** Label keys that may tell the target's pods, in order of preference. */
  readonly selectorLabels: readonly string[];
  /** Prefixes of the labels and annotations that are copied; `*` copies all. */
  readonly includePrefixes: readonly string[];
  /** `configmap/name` and `secret/name` that the copy reads from its own copies. */
  readonly copiedConfigs: ReadonlySet<string>;
  /** Changes with every promotion, so that the copy's pods are replaced. */
  readonly rolloutId: string;
  /** The copy keeps its own number of replicas. */
  readonly hasScaler: boolean;
}

export interface Selector {
  label: string;
  value: string;
}

export interface ReadinessQuestion {
  now: number;
  /** Percent of the pods that must be available. */
  thresholdPercent: number;
  deadlineSeconds: number;
  /** When the present wait began, milliseconds since 1970; for kinds that keep no clock of their own. */
  since: number | undefined;
}

export interface TargetCodec {
  readonly kind: Kind;
  /** `deployment`, as the reference's messages name it. */
  readonly word: string;
  /** Its pods are found by labels, so that Services can be made for it. */
  readonly hasPods: boolean;
  /** Its number of pods can be set, and so scaled automatically. */
  readonly isScalable: boolean;
  selectorOf(target: KubeObject, selectorLabels: readonly string[]): Selector | { problem: string };
  /** The part of the object whose change is a new revision. */
  revisionSource(target: KubeObject): unknown;
  imageOf(target: KubeObject): string;
  readiness(object: KubeObject, question: ReadinessQuestion): Readiness;
  createPrimary(target: KubeObject, context: PrimaryContext): KubeObject | { problem: string };
  /** The live primary with the target's revision put in. */
  promotePrimary(target: KubeObject, primary: KubeObject, context: PrimaryContext): KubeObject;
  /** True when a promotion would change nothing that pods see. */
  runsSame(target: KubeObject, primary: KubeObject, context: PrimaryContext): boolean;
  /** The `rolloutId` that the last copy was made with; undefined: its kind keeps none. */
  copyIdOf(primary: KubeObject): string | undefined;
  isParked(target: KubeObject): boolean;
  /** Undefined: nothing to do. */
  park(ref: Ref, target: KubeObject): Write | undefined;
  /** `replicas` counts only where `isScalable`. */
  wake(ref: Ref, target: KubeObject, replicas: number): Write | undefined;
  replicasOf(object: KubeObject): number;
}
