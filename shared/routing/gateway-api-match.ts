/** Conditions and filters of an HTTPRoute, from the Canary. */
import type { CanaryService, MatchEntry, ServiceMatch } from '../api/canary.ts';
import { parseGoDuration } from '../api/duration.ts';
import type { MatchForm } from '../api/model.ts';
import { type NamedRule, rulesOf } from './match.ts';
import { compact, type Fields, itemsOf, textOf } from './shape.ts';

export const MATCH_FORMS: readonly MatchForm[] = ['header-exact', 'header-regex', 'cookie', 'query'];

export const ROOT: Fields = { path: { type: 'PathPrefix', value: '/' } };

/** The conditions of `service.match`; everything where there is none. */
export const serviceConditions = (service: Partial<CanaryService>): Fields[] | { problem: string } => {
  const matches = service.match ?? [];
  const problem = matches.map(problemIn).find((one) => one !== undefined);
  if (problem !== undefined) return { problem: `Invalid request matching selectors: ${problem}` };
  const found = matches.flatMap(conditionOf);
  return found.length > 0 ? found : [ROOT];
};

const problemIn = ({ uri, method, headers, queryParams }: ServiceMatch): string | undefined => {
  const unsupported = (part: string, selector: unknown): string =>
    `Gateway API doesn't support the specified ${part} matching selector: ${JSON.stringify(selector)}`;
  if (uri && pathOf(uri) === undefined) return unsupported('path', uri);
  if (method && !method.exact) return unsupported('header', method);
  const header = rulesOf(headers).find((rule) => typeOf(rule) === undefined);
  if (header) return unsupported('header', { [header.form]: header.value });
  const query = rulesOf(queryParams).find((rule) => typeOf(rule) === undefined);
  return query && unsupported('query', { [query.form]: query.value });
};

/** The API server adds the path where none is given; written out it is no drift. */
const conditionOf = ({ uri, method, headers, queryParams }: ServiceMatch): Fields[] => {
  const condition = compact({
    path: uri && pathOf(uri),
    method: method?.exact,
    headers: named(headers),
    queryParams: named(queryParams),
  });
  return Object.keys(condition).length === 0 ? [] : [{ ...ROOT, ...condition }];
};

const pathOf = ({ regex, exact, prefix }: NonNullable<ServiceMatch['uri']>): Fields | undefined => {
  if (regex) return { type: 'RegularExpression', value: regex };
  if (exact) return { type: 'Exact', value: exact };
  return prefix ? { type: 'PathPrefix', value: prefix } : undefined;
};

const named = (matches: Parameters<typeof rulesOf>[0]): Fields[] =>
  rulesOf(matches).map((rule) => ({ name: rule.name, type: typeOf(rule), value: rule.value }));

/** Undefined: Gateway API does not compare so. */
const typeOf = ({ form }: NamedRule): string | undefined =>
  form === 'exact' ? 'Exact' : form === 'regex' ? 'RegularExpression' : undefined;

/** An entry of `analysis.match` that holds only such forms as there are. */
export const entryCondition = (entry: MatchEntry): Fields =>
  compact({ headers: named(entry.headers), queryParams: named(entry.queryParams) });

/** A condition that holds where both do; for the same header the second one counts. */
export const both = (one: Fields, other: Fields): Fields => ({
  ...one,
  ...other,
  ...compact({
    headers: joined(one['headers'], other['headers'], (name) => name.toLowerCase()),
    queryParams: joined(one['queryParams'], other['queryParams'], (name) => name),
  }),
});

const joined = (first: unknown, second: unknown, keyOf: (name: string) => string): Fields[] => {
  const taken = new Set(itemsOf(second).map((one) => keyOf(textOf(one['name']))));
  return [...itemsOf(first).filter((one) => !taken.has(keyOf(textOf(one['name'])))), ...itemsOf(second)];
};

type HeaderChange = { add?: Record<string, string>; set?: Record<string, string>; remove?: string[] };

const pairs = (map: Record<string, string> | undefined): Fields[] =>
  Object.entries(map ?? {})
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => ({ name, value }));

const modifier = (change: HeaderChange): Fields =>
  compact({ add: pairs(change.add), set: pairs(change.set), remove: change.remove });

export const responseFilter = (change: HeaderChange): Fields => ({
  type: 'ResponseHeaderModifier',
  responseHeaderModifier: modifier(change),
});

/** The filters of `spec.service`, in the order in which the reference writes them. */
export const filtersOf = (service: Partial<CanaryService>, hasCors: boolean): Fields[] => {
  const { headers, rewrite, mirror = [], corsPolicy } = service;
  const hasRewrite = Boolean(rewrite?.uri ?? rewrite?.authority);
  return [
    ...(headers?.request ? [{ type: 'RequestHeaderModifier', requestHeaderModifier: modifier(headers.request) }] : []),
    ...(headers?.response ? [responseFilter(headers.response)] : []),
    ...(rewrite && hasRewrite ? [{ type: 'URLRewrite', urlRewrite: rewriteOf(rewrite) }] : []),
    ...mirror.flatMap(({ backendRef }) =>
      backendRef ? [{ type: 'RequestMirror', requestMirror: { backendRef } }] : [],
    ),
    ...(hasCors && corsPolicy ? [{ type: 'CORS', cors: corsOf(corsPolicy) }] : []),
  ];
};

const rewriteOf = ({ uri, authority, type }: NonNullable<CanaryService['rewrite']>): Fields => {
  const path =
    type === 'ReplacePrefixMatch'
      ? { type, replacePrefixMatch: uri }
      : { type: 'ReplaceFullPath', replaceFullPath: uri };
  return compact({ hostname: authority || undefined, path: uri ? path : undefined });
};

/** Origins by prefix or regular expression can't be said here. */
const corsOf = (policy: NonNullable<CanaryService['corsPolicy']>): Fields => {
  const origins = [
    ...(policy.allowOrigin ?? []),
    ...(policy.allowOrigins ?? []).flatMap(({ exact }) => (exact ? [exact] : [])),
  ];
  const seconds = Math.trunc((parseGoDuration(policy.maxAge ?? '') ?? 0) / 1000);
  return compact({
    allowOrigins: origins,
    allowMethods: policy.allowMethods,
    allowHeaders: policy.allowHeaders,
    exposeHeaders: policy.exposeHeaders,
    allowCredentials: policy.allowCredentials === true ? true : undefined,
    maxAge: seconds > 0 ? seconds : undefined,
  });
};
