import { type Kind, type Ref, refTo } from '../api/kube.ts';
import type { LiveRoutes, Objects, Rendered, Routes, Write } from '../api/model.ts';
import {
  apexRoute,
  formerUpstreams,
  isConditional,
  isReplaced,
  isRule,
  MATCH_FORMS,
  routesFor,
  type Side,
  upstreamName,
  weightOf,
} from './gloo-routes.ts';
import { isMatching, unmatchable } from './match.ts';
import { apexMetadata } from './metadata.ts';
import { envoyObserver } from './observer.ts';
import { ensured, restored, spliced } from './ownership.ts';
import { ALL_TO_PRIMARY, liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { compact, type Fields, fieldsOf, itemsOf, percentOf, specOf, without } from './shape.ts';

const ROUTE_TABLE: Kind = {
  apiVersion: 'gateway.solo.io/v1',
  kind: 'RouteTable',
  plural: 'routetables',
  namespaced: true,
};
const UPSTREAM: Kind = { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', plural: 'upstreams', namespaced: true };

/** What the Upstream of `spec.upstreamRef` hands to ours. */
const COPIED = [
  'labels',
  'sslConfig',
  'circuitBreakers',
  'connectionConfig',
  'loadBalancerConfig',
  'useHttp2',
  'initialStreamWindowSize',
  'initialConnectionWindowSize',
  'httpProxyHostName',
];

const SIDES: readonly Side[] = ['primary', 'canary'];

const tableRef = (context: RouteContext): Ref => refTo(ROUTE_TABLE, context.namespace, context.apex);
const upstreamRef = (context: RouteContext, side: Side): Ref =>
  refTo(UPSTREAM, context.namespace, upstreamName(context, side));

const modelRef = ({ canary, namespace }: RouteContext): Ref | undefined => {
  const ref = canary.spec.upstreamRef;
  return ref && refTo(UPSTREAM, ref.namespace || namespace, ref.name);
};

const refs = (context: RouteContext): readonly Ref[] => {
  const model = modelRef(context);
  return [tableRef(context), ...SIDES.map((side) => upstreamRef(context, side)), ...(model ? [model] : [])];
};

/** The user's own route to the apex, as long as none of ours stands in its place. */
const userRoute = (context: RouteContext, spec: Fields): Fields | undefined =>
  itemsOf(spec['routes']).findLast(isReplaced(context));

/** The route that the weights stand in. Without conditions in the spec it is the last, which an A/B test leaves to the primary. */
const weightedRoute = (context: RouteContext, spec: Fields): Fields | undefined => {
  const routes = itemsOf(spec['routes']).filter(isRule(context));
  return (isMatching(context.canary) ? routes.findLast(isConditional) : undefined) ?? routes.at(-1);
};

const parse = (context: RouteContext, objects: Objects): LiveRoutes | undefined => {
  const live = liveOf(objects, tableRef(context));
  if (!live) return undefined;
  const route = weightedRoute(context, specOf(live));
  // A user's own object that we have not touched yet sends nothing to the canary.
  const canary = route && percentOf(weightOf(route, context, 'primary'), weightOf(route, context, 'canary'));
  return canary === undefined ? ALL_TO_PRIMARY : { primary: 100 - canary, canary, mirrored: false };
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const ref = tableRef(context);
  const live = liveOf(objects, ref);
  const before = specOf(live);
  const ours = routesFor(context, routes, weightedRoute(context, before) ?? userRoute(context, before) ?? {});
  if (ours === undefined) return unmatchable('gloo');
  const model = modelOf(context, objects);
  if ('problem' in model) return model;
  const found = itemsOf(before['routes']);
  const spec: Fields = { ...before, routes: spliced(found, isReplaced(context), ours) };
  const isRouted = (any: Fields) => itemsOf(any['routes']).some(isRule(context));
  return {
    writes: [
      ...SIDES.flatMap((side) => upstream(context, side, model.spec, objects)),
      ...ensured(context, live, { ref, spec, metadata: apexMetadata(context), isRouted }),
      ...formerUpstreams(context, found).map(
        (name): Write => ({ do: 'delete', ref: { ...ref, kind: UPSTREAM, name } }),
      ),
    ],
  };
};

/** The settings that ours are made with; undefined: the Canary names no Upstream to take them from. */
const modelOf = (context: RouteContext, objects: Objects): { spec: Fields | undefined } | { problem: string } => {
  const ref = modelRef(context);
  if (!ref) return { spec: undefined };
  const where = `${ref.name}.${ref.namespace}`;
  if (context.settings.noCrossNamespaceRefs === true && ref.namespace !== context.namespace) {
    return { problem: `can't access gloo upstream ${where}, cross-namespace references are blocked` };
  }
  const live = liveOf(objects, ref);
  if (live) return { spec: specOf(live) };
  // Upstreams once made stay as they are: traffic must find its way back.
  if (SIDES.every((side) => liveOf(objects, upstreamRef(context, side)))) return { spec: undefined };
  const missing = `${UPSTREAM.plural}.gloo.solo.io "${ref.name}" not found`;
  return { problem: `error creating flagger primary upstream: config upstream ${where} get query error: ${missing}` };
};

const upstream = (context: RouteContext, side: Side, model: Fields | undefined, objects: Objects): Write[] => {
  const ref = upstreamRef(context, side);
  const live = liveOf(objects, ref);
  const before = specOf(live);
  const { namespace, selectorLabel: label, selectorValue: value } = context;
  const hasSelector = label !== undefined && value !== undefined;
  const kube: Fields = {
    ...fieldsOf(before['kube']),
    serviceName: side === 'primary' ? context.primary : context.canaryName,
    serviceNamespace: namespace,
    servicePort: context.canary.spec.service?.port,
    ...(hasSelector && { selector: { [label]: side === 'primary' ? `${value}-primary` : value } }),
  };
  const copied = model && compact(Object.fromEntries(COPIED.map((key) => [key, model[key]])));
  const others = copied ? { ...without(before, ...COPIED), ...copied } : before;
  return ensured(context, live, { ref, spec: { ...others, kube } });
};

const finalise = (context: RouteContext, objects: Objects): Rendered => {
  const ref = tableRef(context);
  const isRouted = (spec: Fields) => itemsOf(spec['routes']).some(isRule(context));
  const toApex = (spec: Fields): Fields => {
    const routes = itemsOf(spec['routes']);
    const plain = apexRoute(context, routes.filter(isRule(context)).at(-1) ?? {});
    return { ...spec, routes: spliced(routes, isRule(context), [plain]) };
  };
  return { writes: restored(context, liveOf(objects, ref), { ref, isRouted, toApex }) };
};

/** Gloo: a RouteTable named as the apex, which the user's VirtualService delegates to, and an Upstream for each Service. */
export const gloo: Router = {
  provider: 'gloo',
  capabilities: {
    ...WEIGHTS_ONLY,
    match: MATCH_FORMS,
    preview: true,
  },
  removes: [UPSTREAM],
  observer: () =>
    envoyObserver('envoy_cluster_name=~"{{ namespace }}-{{ service }}-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"'),
  refs,
  parse,
  render,
  finalise,
};
