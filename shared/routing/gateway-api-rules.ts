/** The rules of an HTTPRoute that lead to the primary and the canary. */
import type { CanaryService, MatchEntry } from '../api/canary.ts';
import { analysisOf } from '../api/defaults.ts';
import type { Routes } from '../api/model.ts';
import { cookiePattern, type Pins, pinsOf, SET_COOKIE } from './cookies.ts';
import {
  both,
  entryCondition,
  filtersOf,
  MATCH_FORMS,
  ROOT,
  responseFilter,
  serviceConditions,
} from './gateway-api-match.ts';
import { entriesOf, isMatching, previewsOf, unmatchable } from './match.ts';
import { ALL_TO_CANARY, ALL_TO_PRIMARY, type RouteContext } from './router.ts';
import { compact, type Fields, fieldsOf, itemsOf, without } from './shape.ts';

/** What one version of the API has. */
export interface Version {
  readonly provider: string;
  readonly apiVersion: string;
  /** Timeouts and CORS. */
  readonly hasPolicies: boolean;
}

/** What we say in a rule. All other fields of it are left as they are found. */
const OURS = ['matches', 'filters', 'backendRefs'];

type Weights = Pick<Routes, 'primary' | 'canary'>;

const backend = (context: RouteContext, name: string): Fields => ({
  group: '',
  kind: 'Service',
  name,
  port: context.canary.spec.service?.port,
});

const backends = (context: RouteContext, weights: Weights, pins: Pins = {}): Fields[] => {
  const entry = (name: string, weight: number, header: string | undefined): Fields => ({
    ...backend(context, name),
    weight,
    ...(header !== undefined && { filters: [responseFilter({ add: { [SET_COOKIE]: header } })] }),
  });
  return [
    entry(context.primary, weights.primary, pins.primary?.header),
    entry(context.canaryName, weights.canary, pins.canary?.header),
  ];
};

interface Found {
  /** The weighted rule as it stands, whose foreign fields stay. */
  readonly live: Fields;
  /** The conditions of all rules where the service names none. */
  readonly given: readonly Fields[];
}

export const rulesFor = (
  context: RouteContext,
  routes: Routes,
  { live, given }: Found,
  version: Version,
): Fields[] | { problem: string } => {
  const { canary } = context;
  const service: Partial<CanaryService> = canary.spec.service ?? {};
  const base = baseOf(service, given);
  if ('problem' in base) return base;
  const conditions = isMatching(canary) ? underService(entriesOf(canary, MATCH_FORMS), base) : base;
  const previews = underService(previewsOf(canary, routes, MATCH_FORMS), base);
  if (conditions.length === 0 && routes.canary > 0) return unmatchable(version.provider);
  const foreign = without(live, ...OURS, ...(version.hasPolicies ? ['timeouts'] : []));
  const filters = filtersOf(service, version.hasPolicies);
  const policies = { ...compact({ filters }), ...(version.hasPolicies && timeoutsOf(service)) };
  const shared = { ...without(foreign, 'name'), ...policies };
  const pins = pinsOf(canary, routes);
  const hasOwnPath = isNamed(service, given) || isMatching(canary);
  const sticky = (cookie: string, weights: Weights): Fields => ({
    ...shared,
    matches: pinned(hasOwnPath ? conditions : [{}], cookie),
    backendRefs: backends(context, weights),
  });
  const mirror = { type: 'RequestMirror', requestMirror: { backendRef: backend(context, context.canaryName) } };
  const weighted: Fields = {
    ...foreign,
    ...policies,
    ...(routes.mirrored && { filters: [...filters, mirror] }),
    matches: conditions,
    backendRefs: backends(context, routes, pins),
  };
  const rules = [
    ...(previews.length > 0 ? [{ ...shared, matches: previews, backendRefs: backends(context, ALL_TO_CANARY) }] : []),
    ...(pins.previous ? [expiring(sticky(pins.previous.cookie, routes), pins.previous.header)] : []),
    ...(pins.canary ? [sticky(pins.canary.cookie, ALL_TO_CANARY)] : []),
    ...(pins.primary ? [sticky(pins.primary.cookie, ALL_TO_PRIMARY)] : []),
    ...(conditions.length > 0 ? [weighted] : []),
    ...(isMatching(canary)
      ? [{ ...shared, matches: base, backendRefs: backends(context, ALL_TO_PRIMARY).slice(0, 1) }]
      : []),
  ];
  return service.rewrite?.type === 'ReplacePrefixMatch' && service.rewrite.uri ? rules.flatMap(onePerCondition) : rules;
};

/** Conditions of the service; `given` where it names none. */
const baseOf = (service: Partial<CanaryService>, given: readonly Fields[]) =>
  (service.match ?? []).length === 0 && given.length > 0 ? given : serviceConditions(service);

const isNamed = ({ match = [] }: Partial<CanaryService>, given: readonly Fields[]): boolean =>
  match.length + given.length > 0;

/** The API admits a prefix to be replaced only in a rule with one condition. */
const onePerCondition = (rule: Fields): Fields[] =>
  itemsOf(rule['matches']).map((condition, index) => ({
    ...(index === 0 ? rule : without(rule, 'name')),
    matches: [{ ...ROOT, ...condition }],
  }));

const underService = (entries: readonly MatchEntry[], base: readonly Fields[]): Fields[] =>
  entries.map(entryCondition).flatMap((entry) => base.map((one) => both(one, entry)));

const pinned = (conditions: readonly Fields[], cookie: string): Fields[] =>
  conditions.map((one) => {
    const header = { name: 'Cookie', type: 'RegularExpression', value: cookiePattern(cookie) };
    return both(one, { headers: [header] });
  });

const timeoutsOf = ({ timeout, backendTimeout }: { timeout?: string; backendTimeout?: string }): Fields =>
  compact({ timeouts: compact({ request: timeout || undefined, backendRequest: backendTimeout || undefined }) });

/** The API admits one filter of a type: the cookie goes into that of the user's headers. */
const expiring = (rule: Fields, header: string): Fields => {
  const filters = itemsOf(rule['filters']);
  const at = filters.findIndex((one) => one['type'] === 'ResponseHeaderModifier');
  if (at < 0) return { ...rule, filters: [...filters, responseFilter({ add: { [SET_COOKIE]: header } })] };
  const change = fieldsOf(filters[at]?.['responseHeaderModifier']);
  const add = [
    ...itemsOf(change['add']).filter((one) => one['name'] !== SET_COOKIE),
    { name: SET_COOKIE, value: header },
  ];
  return {
    ...rule,
    filters: filters.with(at, { type: 'ResponseHeaderModifier', responseHeaderModifier: { ...change, add } }),
  };
};

const leadsToCanary = (context: RouteContext) => (filter: Fields) =>
  fieldsOf(fieldsOf(filter['requestMirror'])['backendRef'])['name'] === context.canaryName;

/** Is there a mirror to the canary beside those that users ask for in `spec.service`? */
export const isMirrored = (context: RouteContext, rules: readonly Fields[]): boolean => {
  if (analysisOf(context.canary).mirror !== true) return false;
  const own = (context.canary.spec.service?.mirror ?? []).filter(
    ({ backendRef }) => backendRef?.name === context.canaryName,
  );
  return rules.some((rule) => itemsOf(rule['filters']).filter(leadsToCanary(context)).length > own.length);
};

/** One plain rule to the apex in the place of ours. */
export const apexRule = (context: RouteContext, rule: Fields): Fields => {
  const filters = itemsOf(rule['filters']).filter((one) => !leadsToCanary(context)(one));
  return { ...without(rule, 'filters'), ...compact({ filters }), backendRefs: [backend(context, context.apex)] };
};
