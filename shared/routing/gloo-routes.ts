/** The routes of a RouteTable that lead to the primary and the canary. */
import type { MatchEntry } from '../api/canary.ts';
import type { MatchForm, Routes } from '../api/model.ts';
import { entriesOf, escapeRegex, isMatching, type NamedRule, previewsOf, rulesOf } from './match.ts';
import { ALL_TO_CANARY, ALL_TO_PRIMARY, type RouteContext } from './router.ts';
import { compact, type Fields, fieldsOf, itemsOf, textOf, without } from './shape.ts';

export const MATCH_FORMS: readonly MatchForm[] = [
  'header-exact',
  'header-prefix',
  'header-suffix',
  'header-regex',
  'cookie',
  'query',
];

/** What we say in a route. All other fields of it are left as they are found. */
const OURS = ['inheritablePathMatchers', 'matchers', 'routeAction'];
/** Whatever would answer in the place of our Services. */
const INSTEAD = ['redirectAction', 'directResponseAction', 'delegateAction'];

export type Side = 'primary' | 'canary';

const stem = ({ namespace, apex }: RouteContext, side: Side): string => `${namespace}-${apex}-${side}upstream-`;

/** Name of the Upstream of a side; the port is part of it. */
export const upstreamName = (context: RouteContext, side: Side): string =>
  `${stem(context, side)}${context.canary.spec.service?.port}`;

const destinationsOf = (route: Fields): readonly Fields[] => {
  const action = fieldsOf(route['routeAction']);
  const single = 'single' in action ? [{ destination: action['single'] }] : [];
  return [...single, ...itemsOf(fieldsOf(action['multi'])['destinations'])];
};

const upstreamOf = (one: Fields): string => textOf(fieldsOf(fieldsOf(one['destination'])['upstream'])['name']);

/** Is it the Upstream of that side, for whatever port? */
const isUpstream = (name: string, context: RouteContext, side: Side): boolean =>
  name.startsWith(stem(context, side)) && /^\d+$/.test(name.slice(stem(context, side).length));

const isOurs = (name: string, context: RouteContext): boolean =>
  isUpstream(name, context, 'primary') || isUpstream(name, context, 'canary');

export const isRule = (context: RouteContext) => (route: Fields) =>
  destinationsOf(route).some((one) => isOurs(upstreamOf(one), context));

/** A user's route to the apex, by its Service or its discovered Upstream, stands for what our routes say in detail. */
export const isReplaced = (context: RouteContext) => (route: Fields) =>
  isRule(context)(route) ||
  destinationsOf(route).some((one) => {
    const { name, namespace } = fieldsOf(fieldsOf(fieldsOf(one['destination'])['kube'])['ref']);
    const isApex = name === context.apex && (namespace ?? context.namespace) === context.namespace;
    return isApex || upstreamOf(one) === `${context.namespace}-${context.apex}-${context.canary.spec.service?.port}`;
  });

/** Upstreams of ours that the routes name and the Canary no longer does: its port has changed. */
export const formerUpstreams = (context: RouteContext, routes: readonly Fields[]): string[] => {
  const wanted = [upstreamName(context, 'primary'), upstreamName(context, 'canary')];
  const named = routes
    .flatMap(destinationsOf)
    .map(upstreamOf)
    .filter((name) => isOurs(name, context));
  return [...new Set(named)].filter((name) => !wanted.includes(name));
};

export const weightOf = (route: Fields, context: RouteContext, side: Side): number =>
  destinationsOf(route)
    .filter((one) => isUpstream(upstreamOf(one), context, side))
    .reduce((sum, one) => sum + (typeof one['weight'] === 'number' ? one['weight'] : 0), 0);

type Weights = Pick<Routes, Side>;

const actionFor = (context: RouteContext, weights: Weights): Fields => {
  const entry = (side: Side): Fields => ({
    destination: { upstream: { name: upstreamName(context, side), namespace: context.namespace } },
    ...(weights[side] > 0 && { weight: weights[side] }),
  });
  return {
    inheritablePathMatchers: true,
    routeAction: { multi: { destinations: [entry('primary'), entry('canary')] } },
  };
};

/** `live`: the weighted route as it stands, whose foreign fields stay. Undefined: no request can be singled out. */
export const routesFor = (context: RouteContext, routes: Routes, live: Fields): Fields[] | undefined => {
  const { canary } = context;
  const foreign = without(live, ...OURS, ...INSTEAD);
  const shared = without(foreign, 'name');
  const previews = previewsOf(canary, routes, MATCH_FORMS).map(matcherOf);
  const preview = previews.length > 0 ? [{ ...shared, matchers: previews, ...actionFor(context, ALL_TO_CANARY) }] : [];
  if (!isMatching(canary)) return [...preview, { ...foreign, ...actionFor(context, routes) }];
  const matchers = entriesOf(canary, MATCH_FORMS).map(matcherOf);
  const fallback = { ...shared, ...actionFor(context, ALL_TO_PRIMARY) };
  if (matchers.length === 0) return routes.canary > 0 ? undefined : [fallback];
  return [...preview, { ...foreign, matchers, ...actionFor(context, routes) }, fallback];
};

/** One matcher holds where all its parts do; a route takes what any of its matchers takes. */
const matcherOf = ({ headers, queryParams }: MatchEntry): Fields =>
  compact({ headers: rulesOf(headers).map(test), queryParameters: rulesOf(queryParams).map(test) });

/** A regular expression is compared with the whole text. */
const test = ({ name, form, value }: NamedRule): Fields => {
  if (form === 'exact') return { name, value };
  const escaped = escapeRegex(value);
  const patterns = { prefix: `${escaped}.*`, suffix: `.*${escaped}`, regex: value };
  return { name, value: patterns[form], regex: true };
};

export const isConditional = (route: Fields): boolean => itemsOf(route['matchers']).length > 0;

/** One plain route to the apex in the place of ours. */
export const apexRoute = ({ canary, namespace, apex }: RouteContext, route: Fields): Fields => ({
  ...route,
  routeAction: { single: { kube: { ref: { name: apex, namespace }, port: canary.spec.service?.port } } },
});
