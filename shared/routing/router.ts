/** The port of a traffic provider: a codec between `Routes` and the provider's own objects. Pure. */
import type { Canary } from '../api/canary.ts';
import type { Kind, KubeObject, OwnerReference, Ref } from '../api/kube.ts';
import { refKey } from '../api/kube.ts';
import type { Capabilities, LiveRoutes, Objects, Rendered, Routes } from '../api/model.ts';
import type { Observer } from './observer.ts';

export interface RouteContext {
  readonly canary: Canary;
  readonly namespace: string;
  /** Names of the three Services. */
  readonly apex: string;
  readonly primary: string;
  readonly canaryName: string;
  /** The label key that tells the target's pods; absent where the target has no pods of its own. */
  readonly selectorLabel: string | undefined;
  /** Value of that label on the target's pods; the primary's have `-primary` behind it. */
  readonly selectorValue?: string | undefined;
  readonly owner: OwnerReference;
  readonly settings: RouteSettings;
}

export interface RouteSettings {
  /** Prefix of ingress annotations, without the slash. */
  readonly ingressAnnotationsPrefix: string;
  readonly ingressClass: string;
  /** References of a Canary must stay in its namespace. */
  readonly noCrossNamespaceRefs?: boolean;
}

export interface Router {
  /** The value of `spec.provider` that it serves. */
  readonly provider: string;
  readonly capabilities: Capabilities;
  /** What this Canary's own settings take away from them; absent: nothing. */
  limits?(canary: Canary): Partial<Capabilities>;
  /** Kinds of which it deletes objects by itself, beside those that go with their owner; absent: none. */
  readonly removes?: readonly Kind[];
  /** Kinds that tell of its targets' revisions, beside those of `refs`; absent: none. */
  readonly reads?: readonly Kind[];
  /** Its built-in queries; pods of the target are named after it, with `podSuffix` behind it. */
  observer(podSuffix: string): Observer;
  /** The objects to read before `parse`, `render` and `finalise`. */
  refs(context: RouteContext): readonly Ref[];
  /** Where traffic goes now, and by which cookies; undefined: the objects do not exist yet. */
  parse(context: RouteContext, objects: Objects): LiveRoutes | undefined | { problem: string };
  /** What must be there before the primary's pods start; absent: nothing. */
  prepare?(context: RouteContext, objects: Objects): Rendered;
  /** What to write so that traffic goes by `routes`; nothing where it already does. Corrects drift on the way. */
  render(context: RouteContext, routes: Routes, objects: Objects): Rendered;
  /** What to write when the Canary goes: users get their objects back. */
  finalise(context: RouteContext, objects: Objects): Rendered;
}

/** What a provider can do that divides traffic by weights and no more: routers say what is different. */
export const WEIGHTS_ONLY: Capabilities = {
  weights: true,
  match: [],
  mirror: 'none',
  mirrorWeight: false,
  sessionAffinity: 'none',
  iterationsOnly: false,
  retired: false,
};

export const ALL_TO_PRIMARY: Routes = { primary: 100, canary: 0, mirrored: false };
export const ALL_TO_CANARY: Routes = { primary: 0, canary: 100, mirrored: false };

export const liveOf = (objects: Objects, ref: Ref): KubeObject | undefined => objects.get(refKey(ref));
