/** A preview on Skipper: a third Ingress that takes the chosen requests to the canary, before the weighted one is asked. */
import { type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { Objects, Routes, Write } from '../api/model.ts';
import { isSameJson } from '../api/same-json.ts';
import { INGRESS, ingressBeside, ingressNameOf } from './ingress.ts';
import { previewsOf } from './match.ts';
import { isOwn } from './ownership.ts';
import { liveOf, type RouteContext } from './router.ts';
import type { Fields } from './shape.ts';
import { FIRST, MATCH_FORMS, predicatesOf } from './skipper-predicates.ts';

export const previewRef = (context: RouteContext): Ref =>
  refTo(INGRESS, context.namespace, `${ingressNameOf(context)}-canary-preview`);

/** Predicates of the requests that are chosen now; undefined: none are. */
export const previewPredicates = (context: RouteContext, routes: Routes): readonly string[] | undefined => {
  const [entry] = previewsOf(context.canary, routes, MATCH_FORMS);
  return entry && [FIRST, ...predicatesOf(entry)];
};

/** The third Ingress as it shall be, made from the user's; undefined: there shall be none. */
export interface Preview {
  source: KubeObject;
  spec: Fields;
  annotations: Readonly<Record<string, string>>;
}

/** Our third Ingress as it stands; undefined: there is none of ours. */
const ownOf = (context: RouteContext, objects: Objects): KubeObject | undefined => {
  const live = liveOf(objects, previewRef(context));
  return live && isOwn(live, context) ? live : undefined;
};

/** Is it there though nobody is chosen now? */
export const isLeftOver = (context: RouteContext, wanted: Preview | undefined, objects: Objects): boolean =>
  wanted === undefined && ownOf(context, objects) !== undefined;

/** The write that makes it or puts it right; none over an Ingress of that name that is not ours. */
export const previewWrites = (context: RouteContext, wanted: Preview | undefined, objects: Objects): Write[] => {
  if (wanted === undefined) return [];
  const ref = previewRef(context);
  const { source, spec, annotations } = wanted;
  if (!liveOf(objects, ref)) {
    return [{ do: 'create', ref, object: ingressBeside(context, source, { ref, annotations, spec }) }];
  }
  const live = ownOf(context, objects);
  if (!live || isSameJson([live['spec'], live.metadata.annotations], [spec, annotations])) return [];
  return [{ do: 'replace', ref, object: { ...live, metadata: { ...live.metadata, annotations }, spec } }];
};
