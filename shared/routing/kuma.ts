import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { apexMetadata } from './metadata.ts';
import { envoyObserver } from './observer.ts';
import { ensured, restored } from './ownership.ts';
import { liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { type Fields, fieldsOf, itemsOf, numberOf, specOf, textOf } from './shape.ts';

/** Its objects belong to a mesh, not to a namespace; so no Canary can own one. */
const TRAFFIC_ROUTE: Kind = {
  apiVersion: 'kuma.io/v1alpha1',
  kind: 'TrafficRoute',
  plural: 'trafficroutes',
  namespaced: false,
};

const MESH_ANNOTATION = 'kuma.io/mesh';
const SERVICE_TAG = 'kuma.io/service';

const refFor = (context: RouteContext): Ref => refTo(TRAFFIC_ROUTE, '', context.apex);

/** How Kuma names the port of a Service. */
const tagOf = (context: RouteContext, service: string): string =>
  `${service}_${context.namespace}_svc_${context.canary.spec.service?.port}`;

const tagIn = (destination: unknown): string => textOf(fieldsOf(destination)[SERVICE_TAG]);

const splitFor = (spec: Fields, service: string): Fields | undefined =>
  itemsOf(fieldsOf(spec['conf'])['split']).find((one) => tagIn(one['destination']).split('_')[0] === service);

/** A route that speaks of our Services leads nowhere without them, whoever made it. */
const isRoutedBy =
  (context: RouteContext) =>
  (spec: Fields): boolean =>
    splitFor(spec, context.primary) !== undefined;

/** The namespace whose Service of this name the route is for, where it is another one. */
const otherNamespace = (spec: Fields, context: RouteContext): string | undefined => {
  const [service, namespace] = tagIn(itemsOf(spec['destinations'])[0]?.['match']).split('_');
  return service === context.apex && namespace !== context.namespace ? namespace : undefined;
};

const parse = (context: RouteContext, objects: Objects): Routes | undefined => {
  const canary = numberOf(splitFor(specOf(liveOf(objects, refFor(context))), context.canaryName)?.['weight']);
  if (canary === undefined || canary < 0 || canary > 100) return undefined;
  return { primary: 100 - canary, canary, mirrored: false };
};

const routeSpec = (context: RouteContext, routes: Routes, live: Fields): Fields => ({
  ...live,
  sources: [{ match: { [SERVICE_TAG]: '*' } }],
  destinations: [{ match: { [SERVICE_TAG]: tagOf(context, context.apex) } }],
  conf: {
    ...fieldsOf(live['conf']),
    split: [
      { weight: routes.primary, destination: { [SERVICE_TAG]: tagOf(context, context.primary) } },
      { weight: routes.canary, destination: { [SERVICE_TAG]: tagOf(context, context.canaryName) } },
    ],
  },
});

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const ref = refFor(context);
  const live = liveOf(objects, ref);
  const other = otherNamespace(specOf(live), context);
  if (other !== undefined) {
    const problem = `TrafficRoute ${ref.name} already routes ${ref.name} of namespace ${other}; give spec.service.name a name of its own`;
    return { problem };
  }
  const spec = routeSpec(context, routes, specOf(live));
  if (!live) return { writes: [{ do: 'create', ref, object: newRoute(context, spec) }] };
  return {
    writes: ensured(context, live, { ref, spec, metadata: apexMetadata(context), isRouted: isRoutedBy(context) }),
  };
};

const newRoute = (context: RouteContext, spec: Fields): KubeObject => ({
  apiVersion: TRAFFIC_ROUTE.apiVersion,
  kind: TRAFFIC_ROUTE.kind,
  metadata: { name: context.apex, ...apexMetadata(context) },
  mesh: context.canary.metadata.annotations?.[MESH_ANNOTATION] ?? 'default',
  spec,
});

/** A user's route is given back; our own has no owner that would take it along. */
const finalise = (context: RouteContext, objects: Objects): Rendered => {
  const ref = refFor(context);
  const live = liveOf(objects, ref);
  if (!live || !isRoutedBy(context)(specOf(live)) || otherNamespace(specOf(live), context) !== undefined)
    return { writes: [] };
  const writes = restored(context, live, { ref, isRouted: isRoutedBy(context) });
  return { writes: writes.length > 0 ? writes : [{ do: 'delete', ref }] };
};

/** Kuma: a TrafficRoute of the whole mesh, named as the apex. */
export const kuma: Router = {
  provider: 'kuma',
  capabilities: WEIGHTS_ONLY,
  removes: [TRAFFIC_ROUTE],
  observer: () => envoyObserver('service=~"{{ service }}-canary_{{ namespace }}_svc_[0-9a-zA-Z-]+"'),
  refs: (context) => [refFor(context)],
  parse,
  render,
  finalise,
};
