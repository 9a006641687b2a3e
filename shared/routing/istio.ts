import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { Capabilities, LiveRoutes, Objects, Rendered, Routes } from '../api/model.ts';
import { cookiesIn, isExpired, SET_COOKIE } from './cookies.ts';
import { httpRules, isTcp, MATCH_FORMS, serviceOf, tcpRules } from './istio-rules.ts';
import { isMatching, unmatchable } from './match.ts';
import { apexMetadata } from './metadata.ts';
import { BY_PROXY, count, type Observer, p99, successRate } from './observer.ts';
import { conditionsKept, ensured, firstSpec, isAdopted, restored, spliced, type Wanted } from './ownership.ts';
import { ALL_TO_PRIMARY, liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { compact, type Fields, fieldsOf, itemsOf, numberOf, percentOf, specOf, textOf, without } from './shape.ts';

const kind = (name: string, plural: string): Kind => ({
  apiVersion: 'networking.istio.io/v1beta1',
  kind: name,
  plural,
  namespaced: true,
});
const VIRTUAL_SERVICE = kind('VirtualService', 'virtualservices');
const DESTINATION_RULE = kind('DestinationRule', 'destinationrules');

const virtualServiceRef = (context: RouteContext): Ref => refTo(VIRTUAL_SERVICE, context.namespace, context.apex);
const destinationRuleRefs = (context: RouteContext): Ref[] =>
  [context.canaryName, context.primary].map((name) => refTo(DESTINATION_RULE, context.namespace, name));

const title = (context: RouteContext): string => `VirtualService ${context.apex}.${context.namespace}`;

/** Is this host the Service of that name, in short or in full? */
const isHost = (host: unknown, name: string, { namespace }: RouteContext): boolean =>
  host === name || host === `${name}.${namespace}` || textOf(host).startsWith(`${name}.${namespace}.svc`);

const hostOf = (destination: Fields): unknown => fieldsOf(destination['destination'])['host'];

const leadsTo = (rule: Fields, names: readonly string[], context: RouteContext): boolean =>
  itemsOf(rule['route']).some((one) => names.some((name) => isHost(hostOf(one), name, context)));

const isRule = (context: RouteContext) => (rule: Fields) =>
  leadsTo(rule, [context.primary, context.canaryName], context);
/** A user's rule for the apex stands for what our rules say in detail. */
const isReplaced = (context: RouteContext) => (rule: Fields) =>
  leadsTo(rule, [context.apex, context.primary, context.canaryName], context);

const isRouted = (context: RouteContext) => (spec: Fields) =>
  [...itemsOf(spec['http']), ...itemsOf(spec['tcp'])].some(isRule(context));

const listName = ({ canary }: RouteContext): 'tcp' | 'http' => (isTcp(canary) ? 'tcp' : 'http');

/** The user's own rule to the apex, as long as none of ours stands in its place. */
const apexRule = (context: RouteContext, rules: unknown): Fields | undefined =>
  itemsOf(rules).findLast((rule) => leadsTo(rule, [context.apex], context));

/** The rule that the weights stand in. Without conditions in the spec it is the last, which an A/B test leaves to the primary. */
const weightedRule = (context: RouteContext, spec: Fields): Fields | undefined => {
  const rules = itemsOf(spec[listName(context)]).filter(isRule(context));
  return isMatching(context.canary)
    ? rules.filter((rule) => leadsTo(rule, [context.canaryName], context)).at(-1)
    : rules.at(-1);
};

const parse = (context: RouteContext, objects: Objects): LiveRoutes | undefined | { problem: string } => {
  const live = liveOf(objects, virtualServiceRef(context));
  if (!live) return undefined;
  const spec = specOf(live);
  const rule = weightedRule(context, spec);
  // A user's own object that we have not touched yet sends nothing to the canary.
  if (!rule) return ALL_TO_PRIMARY;
  const canary = canaryPercent(context, rule);
  if (canary === undefined) {
    return { problem: `${title(context)} does not contain routes for ${context.primary} and ${context.canaryName}` };
  }
  const rules = itemsOf(spec[listName(context)]).filter(isRule(context));
  const mirrored = rules.some((one) => isHost(fieldsOf(one['mirror'])['host'], context.canaryName, context));
  const cookies = liveCookies(context, rule, rules);
  return { primary: 100 - canary, canary, mirrored, ...(cookies && { cookies }) };
};

const canaryPercent = (context: RouteContext, rule: Fields): number | undefined => {
  const entries = itemsOf(rule['route']);
  const weightOf = (name: string): number =>
    entries
      .filter((one) => isHost(hostOf(one), name, context))
      .reduce((sum, one) => sum + (numberOf(one['weight']) ?? 0), 0);
  // A lone destination gets everything, whatever its weight.
  if (entries.length === 1) return leadsTo(rule, [context.canaryName], context) ? 100 : 0;
  return percentOf(weightOf(context.primary), weightOf(context.canaryName));
};

const setCookieOf = (holder: Fields | undefined): unknown =>
  fieldsOf(fieldsOf(fieldsOf(holder?.['headers'])['response'])['add'])[SET_COOKIE];

const liveCookies = (context: RouteContext, rule: Fields, rules: readonly Fields[]) => {
  const ofHost = (name: string) =>
    setCookieOf(itemsOf(rule['route']).find((one) => isHost(hostOf(one), name, context)));
  return cookiesIn(context.canary, {
    canary: ofHost(context.canaryName),
    primary: ofHost(context.primary),
    expired: rules.map(setCookieOf).find(isExpired),
  });
};

const userMatch = (context: RouteContext, live: KubeObject | undefined): Fields[] => {
  const first = itemsOf(firstSpec(context, live, isRouted(context))?.['http']);
  const own = first.filter((rule) => leadsTo(rule, [context.apex], context));
  const ours = itemsOf(specOf(live)['http']).filter(isRule(context));
  return conditionsKept(own, ours, (rule) => itemsOf(rule['match']));
};

/** Hosts and gateways. A user's object keeps its own where the Canary names none. */
const frontOf = (context: RouteContext, live: KubeObject | undefined): Fields => {
  const { hosts = [], gateways = [], delegation } = serviceOf(context.canary);
  if (delegation === true) return { hosts: [] };
  const found = isAdopted(live, context) ? specOf(live) : {};
  const ours = {
    hosts: hosts.includes(context.apex) || hosts.includes('*') ? hosts : [...hosts, context.apex],
    gateways: ['mesh'],
  };
  return {
    ...ours,
    ...(hosts.length === 0 && compact({ hosts: found['hosts'] })),
    ...compact({ gateways: gateways.length > 0 ? gateways : found['gateways'] }),
  };
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const { hosts = [], gateways = [], delegation } = serviceOf(context.canary);
  if (delegation === true && hosts.length + gateways.length > 0) {
    return { problem: `${title(context)} cannot have hosts and gateways when delegation enabled` };
  }
  const ref = virtualServiceRef(context);
  const live = liveOf(objects, ref);
  const before = specOf(live);
  const list = listName(context);
  const weighted = weightedRule(context, before) ?? apexRule(context, before[list]) ?? {};
  const rules =
    list === 'tcp'
      ? tcpRules(context, routes, weighted)
      : httpRules(context, routes, weighted, userMatch(context, live));
  if (rules === undefined) return unmatchable('istio');
  const other = list === 'tcp' ? 'http' : 'tcp';
  const spec: Fields = {
    ...without(before, 'hosts', 'gateways', 'http', 'tcp'),
    ...frontOf(context, live),
    ...compact({ [other]: itemsOf(before[other]).filter((rule) => !isRule(context)(rule)) }),
    [list]: spliced(itemsOf(before[list]), isReplaced(context), rules),
  };
  const wanted: Wanted = { ref, spec, metadata: apexMetadata(context), isRouted: isRouted(context) };
  return {
    writes: [
      ...destinationRuleRefs(context).flatMap((one) => destinationRule(context, one, objects)),
      ...ensured(context, live, wanted),
    ],
  };
};

/** Subsets and whatever else users add stay. */
const destinationRule = (context: RouteContext, ref: Ref, objects: Objects) => {
  const live = liveOf(objects, ref);
  const { trafficPolicy } = serviceOf(context.canary);
  const keeps = trafficPolicy === undefined && isAdopted(live, context);
  const others = keeps ? specOf(live) : without(specOf(live), 'trafficPolicy');
  return ensured(context, live, { ref, spec: { ...others, host: ref.name, ...(trafficPolicy && { trafficPolicy }) } });
};

const finalise = (context: RouteContext, objects: Objects): Rendered => {
  const ref = virtualServiceRef(context);
  const toApex = (spec: Fields): Fields => ({
    ...spec,
    ...compact({ http: apexRules(context, spec['http']), tcp: apexRules(context, spec['tcp']) }),
  });
  return {
    writes: [
      ...restored(context, liveOf(objects, ref), { ref, isRouted: isRouted(context), toApex }),
      ...destinationRuleRefs(context).flatMap((one) => restored(context, liveOf(objects, one), { ref: one })),
    ],
  };
};

/** One plain rule to the apex in the place of ours. */
const apexRules = (context: RouteContext, list: unknown): Fields[] => {
  const rules = itemsOf(list);
  const last = rules.filter(isRule(context)).at(-1);
  if (!last) return [...rules];
  const plain = { ...without(last, 'mirror', 'mirrorPercentage'), route: [{ destination: { host: context.apex } }] };
  return spliced(rules, isRule(context), [plain]);
};

/** Connections have no headers, and no requests to copy. */
const BY_CONNECTION: Partial<Capabilities> = {
  ...WEIGHTS_ONLY,
  preview: false,
  reads: ['hosts', 'gateways', 'delegation', 'match', 'trafficPolicy'],
};

const SERIES =
  'reporter="destination", destination_workload_namespace="{{ namespace }}", destination_workload=~"{{ target }}"';

const OBSERVER: Observer = {
  ...BY_PROXY,
  successRate: successRate({ metric: 'istio_requests_total', labels: SERIES, good: 'response_code!~"5.*"' }),
  duration: p99('istio_request_duration_milliseconds_bucket', SERIES),
  requests: count('istio_requests_total', SERIES),
};

/** Istio: a VirtualService named as the apex, and a DestinationRule for each of the two Services. */
export const istio: Router = {
  provider: 'istio',
  capabilities: {
    ...WEIGHTS_ONLY,
    match: MATCH_FORMS,
    mirror: 'always',
    mirrorWeight: true,
    sessionAffinity: 'canary-and-primary',
    preview: true,
    everyPort: true,
    reads: [
      'hosts',
      'gateways',
      'delegation',
      'match',
      'rewrite',
      'retries',
      'timeout',
      'headers',
      'corsPolicy',
      'trafficPolicy',
    ],
    durations: 'go',
  },
  limits: (canary) => (isTcp(canary) ? BY_CONNECTION : {}),
  observer: () => OBSERVER,
  refs: (context) => [virtualServiceRef(context), ...destinationRuleRefs(context)],
  parse,
  render,
  finalise,
};
