import type { Canary } from '../../../shared/api/canary.ts';
import type { KubeObject } from '../../../shared/api/kube.ts';
import type { MatchForm } from '../../../shared/api/model.ts';
import type { Modifier } from '../../make/modify.ts';
import type { Loose } from '../../unit/shared/routing/board.ts';

/** What every router must do; a provider that can't names the reason. */
export const PROMISES = [
  'gives back the weights that it was given',
  'writes nothing twice',
  'corrects drift without moving weights',
  'leaves what others wrote where it is',
  "takes over a user's object",
  "gives a user's object back",
  'leaves its own objects to their owner',
  'writes the same whatever order headers come in',
] as const;

export type Promised = (typeof PROMISES)[number];

/** What a provider may be able to do beside dividing traffic. */
export const FEATURES = ['A/B testing', 'mirroring', 'session affinity', 'preview'] as const;

export type Feature = (typeof FEATURES)[number];

/** A public Go module with a provider's own definitions. */
export interface DefinitionSource {
  readonly module: string;
  readonly version: string;
  /** The module's checksum, as `go.sum` would have it. */
  readonly sum: string;
  /** A file in it, or a folder of files. */
  readonly path: string;
  /** Definitions of a form that API servers take no longer, in today's. */
  adapted?(definition: KubeObject): KubeObject;
}

/** What a provider, or several that differ in nothing here, brings to the suite. */
export interface RouterFixture {
  /** Values of `spec.provider`; the suite runs for each. */
  readonly providers: readonly string[];
  /** What its Canaries need beside the provider. */
  readonly needs: readonly Modifier<Canary>[];
  /** Objects that users must have made before. */
  readonly found: readonly KubeObject[];
  /**
   * Where the definitions of its kinds come from, each tried by itself; none: Kubernetes has them. A text says why
   * they come from nowhere.
   */
  readonly definitions: readonly DefinitionSource[] | string;
  /** Breaks something in the objects that the provider keeps right. */
  drift?(object: Loose): void;
  /** Kind of the object that drifts and that others write to. */
  readonly kind: string;
  /** Name of that object; the first of the kind that the router reads unless given. */
  readonly name?: string;
  /** A user's object under the name that the provider writes to; absent: it never touches a user's. */
  readonly ofUser?: KubeObject;
  /** Something of that object's spec that is not ours to change. */
  readonly kept?: (object: Loose) => unknown;
  /** Which of the promises it can't keep, and why. */
  readonly exceptions?: Partial<Record<Promised, string>>;
  /** Which features it does not have, and why it can't. */
  readonly lacks?: Partial<Record<Feature, string>>;
  /** Forms of `match` that leave no trace of their value in the objects, and why. */
  readonly silent?: Partial<Record<MatchForm, string>>;
}
