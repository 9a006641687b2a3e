import { type Kind, type Ref, refTo } from '../api/kube.ts';
import type { LiveRoutes, Objects, Rendered, Routes } from '../api/model.ts';
import { isConditional, isSticky, MATCH_FORMS, routesFor, setCookieIn } from './contour-routes.ts';
import { cookiesIn, isExpired } from './cookies.ts';
import { isMatching, unmatchable } from './match.ts';
import { apexMetadata } from './metadata.ts';
import { envoyObserver } from './observer.ts';
import { ensured, restored, spliced, type Wanted } from './ownership.ts';
import { ALL_TO_PRIMARY, liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { type Fields, itemsOf, numberOf, percentOf, specOf, textOf, without } from './shape.ts';

const HTTP_PROXY: Kind = {
  apiVersion: 'projectcontour.io/v1',
  kind: 'HTTPProxy',
  plural: 'httpproxies',
  namespaced: true,
};

/** As the reference sends it; a server with Contour's own definition leaves it to Contour. */
const VALID = { currentStatus: 'valid', description: 'valid HTTPProxy' };

const refFor = (context: RouteContext): Ref => refTo(HTTP_PROXY, context.namespace, context.apex);

const leadsTo = (route: Fields, names: readonly string[]): boolean =>
  itemsOf(route['services']).some((one) => one['mirror'] !== true && names.includes(textOf(one['name'])));

const isRule = (context: RouteContext) => (route: Fields) => leadsTo(route, [context.primary, context.canaryName]);
/** A user's route to the apex stands for what our routes say in detail. */
const isReplaced = (context: RouteContext) => (route: Fields) =>
  leadsTo(route, [context.apex, context.primary, context.canaryName]);
const isRouted = (context: RouteContext) => (spec: Fields) => itemsOf(spec['routes']).some(isRule(context));

/** The user's own route to the apex, as long as none of ours stands in its place. */
const apexRoute = (context: RouteContext, spec: Fields): Fields | undefined =>
  itemsOf(spec['routes']).findLast((route) => leadsTo(route, [context.apex]));

/** The route that the weights stand in. Without conditions in the spec it is the last, which an A/B test leaves to the primary. */
const weightedRoute = (context: RouteContext, spec: Fields): Fields | undefined => {
  const routes = itemsOf(spec['routes']).filter((route) => isRule(context)(route) && !isSticky(context.canary, route));
  return (isMatching(context.canary) ? routes.findLast(isConditional) : undefined) ?? routes.at(-1);
};

const parse = (context: RouteContext, objects: Objects): LiveRoutes | undefined => {
  const live = liveOf(objects, refFor(context));
  if (!live) return undefined;
  const route = weightedRoute(context, specOf(live));
  // A user's own object that we have not touched yet sends nothing to the canary.
  if (!route) return ALL_TO_PRIMARY;
  const named = (name: string) =>
    itemsOf(route['services']).find((one) => one['name'] === name && one['mirror'] !== true);
  const primary = named(context.primary);
  const canary = named(context.canaryName);
  const weightOf = (one: Fields | undefined): number => numberOf(one?.['weight']) ?? 0;
  // Without any weight each service gets as much as the others.
  const evenly = canary === undefined ? 0 : primary === undefined ? 100 : 50;
  const percent = percentOf(weightOf(primary), weightOf(canary)) ?? evenly;
  const cookies = cookiesIn(context.canary, {
    canary: setCookieIn(canary),
    primary: setCookieIn(primary),
    expired: itemsOf(specOf(live)['routes']).filter(isRule(context)).map(setCookieIn).find(isExpired),
  });
  return { primary: 100 - percent, canary: percent, mirrored: false, ...(cookies && { cookies }) };
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const ref = refFor(context);
  const live = liveOf(objects, ref);
  const before = specOf(live);
  const found = weightedRoute(context, before) ?? apexRoute(context, before) ?? {};
  const ours = routesFor(context, routes, found);
  if (ours === undefined) return unmatchable('contour');
  const { ingressClass } = context.settings;
  const spec: Fields = {
    ...without(before, 'routes'),
    ...(ingressClass !== '' && { ingressClassName: ingressClass }),
    routes: spliced(itemsOf(before['routes']), isReplaced(context), ours),
  };
  const wanted: Wanted = {
    ref,
    spec,
    metadata: apexMetadata(context),
    isRouted: isRouted(context),
    first: { status: VALID },
  };
  return { writes: ensured(context, live, wanted) };
};

const finalise = (context: RouteContext, objects: Objects): Rendered => {
  const ref = refFor(context);
  const toApex = (spec: Fields): Fields => {
    const routes = itemsOf(spec['routes']);
    const last = routes.filter(isRule(context)).at(-1) ?? {};
    const plain = { ...last, services: [{ name: context.apex, port: context.canary.spec.service?.port }] };
    return { ...spec, routes: spliced(routes, isRule(context), [plain]) };
  };
  return { writes: restored(context, liveOf(objects, ref), { ref, isRouted: isRouted(context), toApex }) };
};

/** Contour: an HTTPProxy named as the apex, which the user's root proxy includes. */
export const contour: Router = {
  provider: 'contour',
  capabilities: {
    ...WEIGHTS_ONLY,
    match: MATCH_FORMS,
    sessionAffinity: 'canary-and-primary',
    preview: true,
    reads: ['match', 'retries', 'timeout'],
    durations: 'go',
  },
  observer: () => envoyObserver('envoy_cluster_name=~"{{ namespace }}_{{ service }}-canary_[0-9a-zA-Z-]+"'),
  refs: (context) => [refFor(context)],
  parse,
  render,
  finalise,
};
