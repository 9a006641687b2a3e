/** The routes of an HTTPProxy that lead to the primary and the canary. */
import type { Canary, CanaryService, MatchEntry } from '../api/canary.ts';
import { affinityOf } from '../api/defaults.ts';
import type { MatchForm, Routes } from '../api/model.ts';
import { type Pins, pinsOf, SET_COOKIE } from './cookies.ts';
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
const OURS = ['conditions', 'services', 'timeoutPolicy', 'retryPolicy'];
/** Whatever would answer in the place of our Services. */
const INSTEAD = ['requestRedirectPolicy', 'directResponsePolicy'];

const COOKIE = 'Cookie';
/** Linkerd, where it stands behind Contour, sends a request on by this header. */
const LINKERD_HEADER = 'l5d-dst-override';

const serviceOf = (canary: Canary): Partial<CanaryService> => canary.spec.service ?? {};

type Weights = Pick<Routes, 'primary' | 'canary'>;

/** A policy with `header` set, or no longer set, and whatever else it does. */
const withHeader = (policy: unknown, name: string, value: string | undefined): Fields => {
  const others = itemsOf(fieldsOf(policy)['set']).filter(
    (one) => textOf(one['name']).toLowerCase() !== name.toLowerCase(),
  );
  return compact({ ...fieldsOf(policy), set: value === undefined ? others : [...others, { name, value }] });
};

/** `live`: the services as they stand; what users said of ours or of the apex stays, and so do receivers of copies. */
const services = (context: RouteContext, weights: Weights, live: readonly Fields[], pins: Pins = {}): Fields[] => {
  const { port } = serviceOf(context.canary);
  const named = (name: string) => live.find((one) => one['name'] === name && one['mirror'] !== true);
  const entry = (name: string, weight: number, cookie: string | undefined): Fields => {
    const found = named(name) ?? named(context.apex) ?? {};
    const target = `${name}.${context.namespace}.svc.cluster.local:${port}`;
    return {
      ...without(found, 'weight', 'responseHeadersPolicy'),
      name,
      port,
      requestHeadersPolicy: withHeader(found['requestHeadersPolicy'], LINKERD_HEADER, target),
      ...compact({ responseHeadersPolicy: withHeader(found['responseHeadersPolicy'], SET_COOKIE, cookie) }),
      ...(weight > 0 && { weight }),
    };
  };
  return [
    entry(context.primary, weights.primary, pins.primary?.header),
    entry(context.canaryName, weights.canary, pins.canary?.header),
    ...live.filter((one) => one['mirror'] === true),
  ];
};

/** `live`: the weighted route as it stands, whose foreign fields stay. Undefined: no request can be singled out. */
export const routesFor = (context: RouteContext, routes: Routes, live: Fields): Fields[] | undefined => {
  const { canary } = context;
  const entries = isMatching(canary) ? entriesOf(canary, MATCH_FORMS).map(conditionsOf) : [[]];
  if (entries.length === 0 && routes.canary > 0) return undefined;
  const shared = { ...without(live, ...OURS, ...INSTEAD), ...policiesOf(canary) };
  const found = itemsOf(live['services']);
  const pins = pinsOf(canary, routes);
  const route = (conditions: readonly Fields[], weights: Weights, given?: Pins): Fields => ({
    ...shared,
    conditions: underPrefix(canary, conditions),
    services: services(context, weights, found, given),
  });
  const sticky = (weights: Weights, ...conditions: readonly Fields[]): Fields[] =>
    entries.map((entry) => route([...entry, ...conditions], weights));
  const { previous, primary, canary: pin } = pins;
  const previews = previewsOf(canary, routes, MATCH_FORMS).map(conditionsOf);
  return [
    ...previews.map((entry) => route(entry, ALL_TO_CANARY)),
    ...(previous ? sticky(routes, has(previous.cookie)).map((one) => expiring(one, previous.header)) : []),
    ...(pin ? sticky(ALL_TO_CANARY, has(pin.cookie)) : []),
    // Contour orders routes by itself: who has both cookies must match one of them only.
    ...(pin && primary ? sticky(ALL_TO_PRIMARY, has(primary.cookie), hasNot(pin.cookie)) : []),
    ...entries.map((entry) => route(entry, routes, pins)),
    ...(isMatching(canary) ? [route([], ALL_TO_PRIMARY)] : []),
  ];
};

const has = (cookie: string): Fields => ({ header: { name: COOKIE, contains: cookie } });
const hasNot = (cookie: string): Fields => ({ header: { name: COOKIE, notcontains: cookie } });

/** Contour can only set a header, not add one: other cookies of that one answer are lost. */
const expiring = (route: Fields, header: string): Fields => ({
  ...route,
  responseHeadersPolicy: withHeader(route['responseHeadersPolicy'], SET_COOKIE, header),
});

/** A list of conditions holds where all do, and may name one prefix. */
const underPrefix = (canary: Canary, [first, ...others]: readonly Fields[]): Fields[] => {
  const prefix = serviceOf(canary).match?.[0]?.uri?.prefix || '/';
  return [{ prefix, ...first }, ...others];
};

const conditionsOf = ({ headers, queryParams }: MatchEntry): Fields[] => [
  ...rulesOf(headers).map((rule) => ({ header: { name: rule.name, ...headerTest(rule) } })),
  ...rulesOf(queryParams).map(({ name, form, value }) => ({ queryParameter: { name, [form]: value } })),
];

/** Contour knows no prefix or suffix of headers; a regular expression is compared with the whole text. */
const headerTest = ({ form, value }: NamedRule): Fields => {
  if (form === 'prefix') return { regex: `${escapeRegex(value)}.*` };
  return form === 'suffix' ? { regex: `.*${escapeRegex(value)}` } : { [form]: value };
};

const policiesOf = (canary: Canary): Fields => {
  const { timeout, retries } = serviceOf(canary);
  return {
    ...(timeout && { timeoutPolicy: { response: timeout, idle: '5m' } }),
    ...(retries && {
      retryPolicy: compact({
        count: retries.attempts || 1,
        perTryTimeout: retries.perTryTimeout || undefined,
        retryOn: retries.retryOn ? retries.retryOn.split(',') : undefined,
      }),
    }),
  };
};

/** Does this route single out users by one of our cookies? */
export const isSticky = (canary: Canary, route: Fields): boolean => {
  const affinity = affinityOf(canary);
  const names = [affinity?.cookieName, affinity?.primaryCookieName].filter(Boolean).map((name) => `${name}=`);
  return itemsOf(route['conditions']).some((one) => {
    const header = fieldsOf(one['header']);
    const text = textOf(header['contains']) || textOf(header['notcontains']);
    return header['name'] === COOKIE && names.some((name) => text.startsWith(name));
  });
};

/** Does this route take only some of the requests under its prefix? */
export const isConditional = (route: Fields): boolean =>
  itemsOf(route['conditions']).some((one) => 'header' in one || 'queryParameter' in one);

/** The cookie that a route or service sets. */
export const setCookieIn = (holder: Fields | undefined): unknown =>
  itemsOf(fieldsOf(holder?.['responseHeadersPolicy'])['set']).find((one) => one['name'] === SET_COOKIE)?.['value'];
