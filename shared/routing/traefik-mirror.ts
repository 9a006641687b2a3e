/**
 * Mirroring on Traefik: a second TraefikService, named as the primary, answers from the primary and copies to the
 * canary. The weighted one names it in the place of the primary's Service, and keeps all that users put in there.
 */

import { analysisOf } from '../api/defaults.ts';
import { type Kind, type Ref, refTo } from '../api/kube.ts';
import type { Objects, Routes, Write } from '../api/model.ts';
import { DRIFT_ANNOTATIONS } from '../api/names.ts';
import { ensured, isAdopted } from './ownership.ts';
import { liveOf, type RouteContext } from './router.ts';
import { type Fields, fieldsOf, itemsOf, specOf } from './shape.ts';

export const TRAEFIK_SERVICE: Kind = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'TraefikService',
  plural: 'traefikservices',
  namespaced: true,
};

export const mirrorRef = (context: RouteContext): Ref => refTo(TRAEFIK_SERVICE, context.namespace, context.primary);

/** Does this service of the weighted TraefikService lead to the one that copies? */
export const leadsToMirror = (entry: Fields | undefined): boolean => entry?.['kind'] === TRAEFIK_SERVICE.kind;

/** Does the canary get copies, should anybody ask the second TraefikService? */
export const isCopying = (context: RouteContext, objects: Objects): boolean =>
  itemsOf(fieldsOf(specOf(liveOf(objects, mirrorRef(context)))['mirroring'])['mirrors']).some(
    ({ name }) => name === context.canaryName,
  );

/** Why nothing can be copied; undefined: it can. */
export const mirrorProblem = (context: RouteContext, routes: Routes, objects: Objects): string | undefined =>
  routes.mirrored && isAdopted(liveOf(objects, mirrorRef(context)), context)
    ? `TraefikService ${context.primary}.${context.namespace} is not ours; mirroring needs one of that name`
    : undefined;

/** The second TraefikService put right. It is made when it is needed first, and goes with the Canary. */
export const mirrorWrites = (
  context: RouteContext,
  objects: Objects,
  services: { primary: Fields; canary: Fields } | undefined,
): Write[] => {
  const ref = mirrorRef(context);
  const live = liveOf(objects, ref);
  if (isAdopted(live, context) || (!live && !services)) return [];
  const { mirrors: _, ...before } = fieldsOf(specOf(live)['mirroring']);
  // Traefik reads a copy without percent as none.
  const percent = analysisOf(context.canary).mirrorWeight || 100;
  const mirroring = services ? { ...services.primary, mirrors: [{ ...services.canary, percent }] } : before;
  return ensured(context, live, {
    ref,
    spec: { mirroring },
    metadata: { annotations: DRIFT_ANNOTATIONS },
  });
};
