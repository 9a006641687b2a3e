import type { MatchEntry } from '../api/canary.ts';
import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { StringForm } from '../api/match-forms.ts';
import type { MatchForm, Objects, Rendered, Routes } from '../api/model.ts';
import { isSameJson } from '../api/same-json.ts';
import { entriesOf, escapeRegex, isMatching, type NamedRule, previewsOf, rulesOf, unmatchable } from './match.ts';
import { BY_PROXY, count, type Observer, p99, successRate } from './observer.ts';
import { ALL_TO_CANARY, liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { type Fields, fieldsOf, itemsOf, numberOf, specOf, without } from './shape.ts';

const APISIX_ROUTE: Kind = {
  apiVersion: 'apisix.apache.org/v2',
  kind: 'ApisixRoute',
  plural: 'apisixroutes',
  namespaced: true,
};

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Higher than any route that people write, so that ours is asked first; previews before it. */
const PRIORITY = 10_000;
const PREVIEW_PRIORITY = PRIORITY + 1;

const FORMS: readonly MatchForm[] = [
  'header-exact',
  'header-prefix',
  'header-suffix',
  'header-regex',
  'cookie',
  'query',
];

const nameOf = (context: RouteContext): string => context.canary.spec.routeRef?.name ?? '';
const sourceRef = (context: RouteContext): Ref => refTo(APISIX_ROUTE, context.namespace, nameOf(context));
const canaryRef = (context: RouteContext): Ref =>
  refTo(APISIX_ROUTE, context.namespace, `${nameOf(context)}-${context.apex}-canary`);

const refs = (context: RouteContext): readonly Ref[] =>
  nameOf(context) === '' ? [] : [sourceRef(context), canaryRef(context)];

const backendsOf = (rule: Fields | undefined): readonly Fields[] => itemsOf(rule?.['backends']);

const ruleFor = (route: KubeObject | undefined, service: string): Fields | undefined =>
  itemsOf(specOf(route)['http']).find((rule) => backendsOf(rule).some((backend) => backend['serviceName'] === service));

const parse = (context: RouteContext, objects: Objects): Routes | undefined => {
  const rules = itemsOf(specOf(liveOf(objects, canaryRef(context)))['http']);
  const rule = rules.find((one) => one['priority'] !== PREVIEW_PRIORITY);
  const canary = numberOf(
    backendsOf(rule).find((backend) => backend['serviceName'] === context.canaryName)?.['weight'],
  );
  if (canary === undefined || canary < 0 || canary > 100) return undefined;
  return { primary: 100 - canary, canary, mirrored: false };
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const rule = sourceRule(context, objects);
  if ('problem' in rule) return { problem: String(rule['problem']) };
  const http = rulesFor(rule, context, routes);
  if (http === undefined) return unmatchable('apisix');
  // What stands beside the rules, such as the class of ingress, decides who reads them.
  const spec = { ...without(specOf(liveOf(objects, sourceRef(context))), 'http', 'stream'), http };
  const ref = canaryRef(context);
  const live = liveOf(objects, ref);
  if (!live) return { writes: [{ do: 'create', ref, object: newRoute(context, objects, spec) }] };
  return {
    writes: isSameJson(specOf(live), spec) ? [] : [{ do: 'replace', ref, object: { ...live, spec } }],
  };
};

/** The first rule of the user's route that leads to the apex and nowhere else, or what is wrong. */
const sourceRule = (context: RouteContext, objects: Objects): Fields | { problem: string } => {
  const name = nameOf(context);
  const text = `${name}.${context.namespace}`;
  if (name === '') return { problem: 'apisix route selector is empty' };
  const source = liveOf(objects, sourceRef(context));
  if (!source) {
    return { problem: `APISIX route ${text} get query error: apisixroutes.apisix.apache.org "${name}" not found` };
  }
  if (itemsOf(specOf(source)['http']).length === 0) return { problem: `APISIX route ${text}'s spec.http is empty` };
  const rule = ruleFor(source, context.apex);
  if (!rule) return { problem: `Can not find ${context.apex} backend on apisix route ${text} ` };
  if (backendsOf(rule).length === 1) return rule;
  return { problem: `APISIX route ${text}'s http route ${String(rule['name'])} only one http backend is supported` };
};

/** Requests that no rule of ours singles out go the user's own way, to the apex. Undefined: none can be singled out. */
const rulesFor = (rule: Fields, context: RouteContext, routes: Routes): Fields[] | undefined => {
  const { canary } = context;
  const previews = previewsOf(canary, routes, FORMS).map((entry, index) => {
    const name = `${String(rule['name'])}-preview${index + 1}`;
    return { ...weightedRule(singledOut(rule, entry, name), context, ALL_TO_CANARY), priority: PREVIEW_PRIORITY };
  });
  const entries = entriesOf(canary, FORMS);
  if (!isMatching(canary) || (entries.length === 0 && routes.canary === 0))
    return [...previews, weightedRule(rule, context, routes)];
  if (entries.length === 0) return undefined;
  const matched = entries.map((entry, index) => {
    const name = index === 0 ? String(rule['name']) : `${String(rule['name'])}-${index + 1}`;
    return weightedRule(singledOut(rule, entry, name), context, routes);
  });
  return [...previews, ...matched];
};

const weightedRule = (rule: Fields, context: RouteContext, routes: Routes): Fields => {
  const [backend] = backendsOf(rule);
  return {
    websocket: false,
    ...rule,
    priority: PRIORITY,
    backends: [
      { ...backend, serviceName: context.primary, weight: routes.primary },
      { ...backend, serviceName: context.canaryName, weight: routes.canary },
    ],
  };
};

/** The rule for the requests of one entry alone. */
const singledOut = (rule: Fields, entry: MatchEntry, name: string): Fields => {
  const match = fieldsOf(rule['match']);
  const conditions = [
    ...rulesOf(entry.headers).map((one) => condition('Header', one)),
    ...rulesOf(entry.queryParams).map((one) => condition('Query', one)),
  ];
  return { ...rule, name, match: { ...match, exprs: [...itemsOf(match['exprs']), ...conditions] } };
};

const condition = (scope: 'Header' | 'Query', { name, form, value }: NamedRule): Fields => {
  const subject = { scope, name };
  return form === 'exact'
    ? { subject, op: 'Equal', value }
    : { subject, op: 'RegexMatch', value: PATTERNS[form](value) };
};

/** APISIX looks for a pattern anywhere in the value. */
const PATTERNS: Readonly<Record<Exclude<StringForm, 'exact'>, (value: string) => string>> = {
  prefix: (value) => `^${escapeRegex(value)}`,
  suffix: (value) => `${escapeRegex(value)}$`,
  regex: (value) => `^(?:${value})$`,
};

const newRoute = (context: RouteContext, objects: Objects, spec: Fields): KubeObject => {
  const { labels, annotations } = liveOf(objects, sourceRef(context))?.metadata ?? {};
  const { [LAST_APPLIED]: _, ...copied } = annotations ?? {};
  return {
    apiVersion: APISIX_ROUTE.apiVersion,
    kind: APISIX_ROUTE.kind,
    metadata: {
      name: canaryRef(context).name,
      namespace: context.namespace,
      ...(labels && { labels }),
      ...(Object.keys(copied).length > 0 && { annotations: copied }),
      ownerReferences: [context.owner],
    },
    spec,
    // As the provider's own client sends it; its controller fills it in.
    status: {},
  };
};

const SERIES = 'route=~"{{ namespace }}_{{ route }}-{{ service }}-canary_.+"';

const OBSERVER: Observer = {
  ...BY_PROXY,
  successRate: successRate({ metric: 'apisix_http_status', labels: SERIES, good: 'code!~"5.."' }),
  duration: p99('apisix_http_latency_bucket', `type=~"request", ${SERIES}`),
  requests: count('apisix_http_status', SERIES),
  isOneSided: true,
};

/** Apache APISIX: a second ApisixRoute with weights that is asked before the user's, which is never changed. */
export const apisix: Router = {
  provider: 'apisix',
  capabilities: {
    ...WEIGHTS_ONLY,
    match: FORMS,
    preview: true,
    needs: 'routeRef',
  },
  observer: () => OBSERVER,
  refs,
  parse,
  render,
  finalise: () => ({ writes: [] }),
};
