import type { Canary } from '../api/canary.ts';
import type { Kind, KubeObject } from '../api/kube.ts';
import type { Capabilities } from '../api/model.ts';

export type JudgedKind = 'Canary' | 'MetricTemplate' | 'AlertProvider' | 'ScaledObject';

/** One question about other objects: one by name, or without a name all of a namespace. */
export interface Lookup {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name?: string;
}

/** `unknown`: asked and not answered, with the reason. `unseen`: nobody looks there, rules keep silent. */
type NoAnswer = { readonly unknown: string } | { readonly unseen: true };

export type Found = { readonly found: KubeObject } | { readonly missing: true } | NoAnswer;
export type Listed = { readonly items: readonly KubeObject[] } | NoAnswer;

/**
 * Other objects, as data: answers to what `Review.needs` asked. What was not asked is answered with `unseen`.
 * A kind that the cluster does not serve has no objects: `missing`, or an empty list.
 */
export interface Related {
  lookup(kind: Kind, namespace: string, name: string): Found;
  list(kind: Kind, namespace: string): Listed;
}

/** How strict the namespace wants the rules about other objects to be: its label `kubectl-canary/admission`. */
export type AdmissionMode = 'default' | 'warn' | 'strict';

/** The value of a namespace's label as a mode; anything unknown is the default. */
export const admissionModeOf = (label: string | undefined): AdmissionMode =>
  label === 'warn' || label === 'strict' ? label : 'default';

/** What rules know of the controller that will drive the Canary. */
export interface Settings {
  /** Provider of a Canary that names none. */
  readonly meshProvider: string;
  readonly selectorLabels: readonly string[];
  readonly noCrossNamespaceRefs: boolean;
  /** Every value that `spec.provider` may have. */
  readonly providers: readonly string[];
  /** What a provider can do, for this Canary where one is given; undefined: unknown here, rules about it keep silent. */
  capabilitiesOf(provider: string, canary?: Canary): Capabilities | undefined;
}

/**
 * Which rules are asked. `mutate`: what the schema would refuse in words that nobody understands.
 * `validate`: all the rest. `all`: both, for a file that no API server has seen.
 */
export type Stage = 'mutate' | 'validate' | 'all';

/** One object to judge. The objects are as they came: any JSON. */
export interface Input {
  readonly kind: JudgedKind;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly stage: Stage;
  /** Absent on DELETE. */
  readonly object?: unknown;
  /** Absent on CREATE. */
  readonly oldObject?: unknown;
  /** Namespace of the request, for an object that names none. */
  readonly namespace?: string;
  readonly subResource?: string;
  readonly fieldManager?: string;
  /** True when the request comes from a driver of rollouts: our controller, or one the chart names. */
  readonly byDriver?: boolean;
  readonly mode: AdmissionMode;
  readonly settings: Settings;
  /** Absent: rules about other objects are left out. */
  readonly related?: Related;
}
