/** The port of a workload kind: everything that the rollout needs to know of Deployments, DaemonSets and their like. */
import type { Kind, KubeObject, OwnerReference, Ref } from '../api/kube.ts';
import type { Objects, Readiness, Write } from '../api/model.ts';
import type { PastCodec } from './past.ts';

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
  /** The Canary's word on Services; absent: it has none. */
  readonly trafficDistribution?: string | undefined;
}

/** What a route to the new revision leads to where no Service can select its pods: an object that follows the target on our word. */
export interface CandidateCodec {
  nameOf(target: string): string;
  create(target: KubeObject, context: CandidateContext): KubeObject;
  /** The live one brought up to the target; the same object when it is. */
  follow(target: KubeObject, live: KubeObject, context: CandidateContext): KubeObject;
}

export type CandidateContext = Pick<PrimaryContext, 'ref' | 'owner' | 'trafficDistribution'>;

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
  /** Which of the two is asked for; one object may hold both. */
  side: 'target' | 'primary';
  /** With the `relatedRefs` among them. */
  objects: Objects;
}

export interface TargetCodec {
  readonly kind: Kind;
  /** `deployment`, as the reference's messages name it. */
  readonly word: string;
  /** Its pods are found by labels, so that Services can be made for it. */
  readonly hasPods: boolean;
  /** Its number of pods can be set, and so scaled automatically. */
  readonly isScalable: boolean;
  /** Regular expression for what its pods' names have behind its own name. */
  readonly podSuffix: string;
  /** What messages about missing values put behind the provider's name. */
  readonly observerSuffix?: string;
  /** Has the target, which keeps the stable revision itself, chosen one? Absent: the primary is a copy beside it. */
  holdsPrimary?(target: KubeObject): boolean;
  /** Further objects that tell of the target's revisions. */
  relatedRefs?(target: KubeObject): readonly Ref[];
  readonly candidate?: CandidateCodec;
  /** What queries call the route to the new revision, where the kind has a name for it. */
  routeNameOf?(target: KubeObject): string | undefined;
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
  /** The live primary with a mark that makes its pods start anew; the same object when it has it. Absent: it has no pods of its own. */
  restartPrimary?(primary: KubeObject, mark: string): KubeObject;
  /** Where the cluster keeps former revisions that the target can go back to; absent: nowhere. */
  readonly past?: PastCodec;
  isParked(target: KubeObject): boolean;
  /** Undefined: nothing to do. */
  park(ref: Ref, target: KubeObject): Write | undefined;
  /** `replicas` counts only where `isScalable`. */
  wake(ref: Ref, target: KubeObject, replicas: number): Write | undefined;
  replicasOf(object: KubeObject): number;
}
