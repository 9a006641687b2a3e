/** The rules of a VirtualService that lead to the primary and the canary. */
import type { Canary, CanaryService, MatchEntry } from '../api/canary.ts';
import { analysisOf } from '../api/defaults.ts';
import type { MatchForm, Routes } from '../api/model.ts';
import { cookiePattern, type Pins, pinsOf, SET_COOKIE } from './cookies.ts';
import { entriesOf, escapeRegex, isMatching, previewsOf, rulesOf } from './match.ts';
import { ALL_TO_CANARY, ALL_TO_PRIMARY, type RouteContext } from './router.ts';
import { compact, type Fields, fieldsOf, without } from './shape.ts';

export const MATCH_FORMS: readonly MatchForm[] = [
  'header-exact',
  'header-prefix',
  'header-suffix',
  'header-regex',
  'cookie',
  'query',
  'source-labels',
];

/** What we say in a rule. All other fields of it are left as they are found. */
const OURS = ['match', 'route', 'mirror', 'mirrorPercentage', 'headers', 'retries', 'rewrite', 'timeout', 'corsPolicy'];
/** Whatever would answer in the place of our Services. */
const INSTEAD = ['redirect', 'directResponse', 'delegate'];

export const serviceOf = (canary: Canary): Partial<CanaryService> => canary.spec.service ?? {};

export const isTcp = (canary: Canary): boolean => serviceOf(canary).appProtocol?.toLowerCase() === 'tcp';

/** Where the API server is told the port, Envoy need not guess it. */
const portOf = (canary: Canary): Fields => {
  const { portDiscovery, delegation, gateways = [], port } = serviceOf(canary);
  const isOutside = delegation === true || (gateways.length > 0 && gateways[0] !== 'mesh');
  return portDiscovery === true && isOutside ? { port: { number: port } } : {};
};

type Weights = Pick<Routes, 'primary' | 'canary'>;

const destinations = (context: RouteContext, weights: Weights, pins: Pins = {}): Fields[] => {
  const entry = (host: string, weight: number, header: string | undefined): Fields => ({
    destination: { host, ...portOf(context.canary) },
    ...(header !== undefined && { headers: withCookie({}, header) }),
    weight,
  });
  return [
    entry(context.primary, weights.primary, pins.primary?.header),
    entry(context.canaryName, weights.canary, pins.canary?.header),
  ];
};

const withCookie = (headers: Fields, header: string): Fields => {
  const response = fieldsOf(headers['response']);
  return { ...headers, response: { ...response, add: { ...fieldsOf(response['add']), [SET_COOKIE]: header } } };
};

/**
 * `live`: the weighted rule as it stands, whose foreign fields stay; `given`: the conditions of all rules where the
 * service names none. Undefined: no request can be singled out.
 */
export const httpRules = (
  context: RouteContext,
  routes: Routes,
  live: Fields,
  given: readonly Fields[] = [],
): Fields[] | undefined => {
  const { canary } = context;
  const base = baseOf(canary, given);
  const conditions = conditionsOf(canary, base);
  if (isMatching(canary) && conditions.length === 0 && routes.canary > 0) return undefined;
  const foreign = without(live, ...OURS, ...INSTEAD);
  const policies = policiesOf(canary);
  const shared = { ...without(foreign, 'name'), ...policies };
  const pins = pinsOf(canary, routes);
  const sticky = (cookie: string, weights: Weights): Fields => ({
    ...shared,
    match: pinned(conditions, cookie),
    route: destinations(context, weights),
  });
  const weighted: Fields = {
    ...foreign,
    ...policies,
    ...(routes.mirrored && mirrorOf(context)),
    ...compact({ match: conditions }),
    route: destinations(context, routes, pins),
  };
  const previews = underService(base, previewsOf(canary, routes, MATCH_FORMS));
  return [
    ...(previews.length > 0 ? [{ ...shared, match: previews, route: destinations(context, ALL_TO_CANARY) }] : []),
    ...(pins.previous ? [expiring(sticky(pins.previous.cookie, routes), pins.previous.header)] : []),
    ...(pins.canary ? [sticky(pins.canary.cookie, ALL_TO_CANARY)] : []),
    ...(pins.primary ? [sticky(pins.primary.cookie, ALL_TO_PRIMARY)] : []),
    ...(isMatching(canary) && conditions.length === 0 ? [] : [weighted]),
    ...(isMatching(canary) ? [fallback(context, routes, { ...shared, ...compact({ match: base }) })] : []),
  ];
};

const expiring = (rule: Fields, header: string): Fields => ({
  ...rule,
  headers: withCookie(fieldsOf(rule['headers']), header),
});

/** Requests that no condition singles out. Istio reads a lone destination as all of them, whatever its weight. */
const fallback = (context: RouteContext, routes: Routes, shared: Fields): Fields => ({
  ...shared,
  route: destinations(context, routes).slice(0, 1),
});

const mirrorOf = ({ canary, canaryName }: RouteContext): Fields => {
  const { mirrorWeight = 0 } = analysisOf(canary);
  return { mirror: { host: canaryName }, ...(mirrorWeight > 0 && { mirrorPercentage: { value: mirrorWeight } }) };
};

const policiesOf = (canary: Canary): Fields => {
  const { headers, retries, rewrite, timeout, corsPolicy } = serviceOf(canary);
  const { uri, authority } = rewrite ?? {};
  return compact({
    headers,
    retries: retries && { ...retries, attempts: retries.attempts ?? 0 },
    rewrite: compact({ uri, authority }),
    timeout: timeout || undefined,
    corsPolicy,
  });
};

/** Conditions under which a request takes part in the rollout; empty: all do, unless none can be said. */
const conditionsOf = (canary: Canary, base: readonly Fields[]): Fields[] =>
  isMatching(canary) ? underService(base, entriesOf(canary, MATCH_FORMS)) : [...base];

/** Conditions of the service; `given` where it names none. */
const baseOf = (canary: Canary, given: readonly Fields[]): readonly Fields[] => {
  const { match = [] } = serviceOf(canary);
  return match.length > 0 ? match : given;
};

const underService = (base: readonly Fields[], entries: readonly MatchEntry[]): Fields[] => {
  const conditions = entries.map(conditionOf);
  return base.length === 0 ? conditions : conditions.flatMap((condition) => base.map((one) => both(one, condition)));
};

const conditionOf = ({ headers, queryParams, sourceLabels }: MatchEntry): Fields =>
  compact({ headers: stringMatches(headers), queryParams: stringMatches(queryParams), sourceLabels });

/** Istio knows no suffix; a regular expression is compared with the whole text. */
const stringMatches = (matches: Parameters<typeof rulesOf>[0]): Fields =>
  Object.fromEntries(
    rulesOf(matches).map(({ name, form, value }) => [
      name,
      form === 'suffix' ? { regex: `.*${escapeRegex(value)}` } : { [form]: value },
    ]),
  );

/** A condition that holds where both do; for the same header the second one counts. */
const both = (one: Fields, other: Fields): Fields => {
  const maps = ['headers', 'queryParams', 'sourceLabels'].map(
    (key) => [key, { ...fieldsOf(one[key]), ...fieldsOf(other[key]) }] as const,
  );
  return { ...one, ...other, ...compact(Object.fromEntries(maps)) };
};

const pinned = (conditions: readonly Fields[], cookie: string): Fields[] => {
  const condition: Fields = { headers: { Cookie: { regex: cookiePattern(cookie) } } };
  return conditions.length === 0 ? [condition] : conditions.map((one) => both(one, condition));
};

/** TCP knows neither headers nor copies: weights and ports are all there is. */
export const tcpRules = (context: RouteContext, routes: Routes, live: Fields): Fields[] => {
  const match = (serviceOf(context.canary).match ?? []).map(({ port }) => (port ? { port } : {}));
  return [
    { ...without(live, 'match', 'route'), ...(match.length > 0 && { match }), route: destinations(context, routes) },
  ];
};
