import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { LiveRoutes, Objects, Rendered, RouteField, Routes } from '../api/model.ts';
import { isSameJson } from '../api/same-json.ts';
import { cookiesIn, isExpired, SET_COOKIE } from './cookies.ts';
import { withDefaults } from './gateway-api-defaults.ts';
import { MATCH_FORMS, ROOT } from './gateway-api-match.ts';
import { apexRule, isMirrored, rulesFor, type Version } from './gateway-api-rules.ts';
import { isMatching } from './match.ts';
import { apexMetadata } from './metadata.ts';
import { podObserver } from './observer.ts';
import { conditionsKept, ensured, firstSpec, isAdopted, restored, spliced } from './ownership.ts';
import { ALL_TO_PRIMARY, liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { compact, type Fields, fieldsOf, itemsOf, numberOf, percentOf, specOf, textOf, without } from './shape.ts';

const refFor = (context: RouteContext, { apiVersion }: Version): Ref => {
  const kind: Kind = { apiVersion, kind: 'HTTPRoute', plural: 'httproutes', namespaced: true };
  return refTo(kind, context.namespace, context.apex);
};

const leadsTo = (rule: Fields, names: readonly string[], { namespace }: RouteContext): boolean =>
  itemsOf(rule['backendRefs']).some(
    (one) =>
      names.includes(textOf(one['name'])) &&
      (one['namespace'] ?? namespace) === namespace &&
      (one['kind'] ?? 'Service') === 'Service',
  );

const isRule = (context: RouteContext) => (rule: Fields) =>
  leadsTo(rule, [context.primary, context.canaryName], context);
/** A user's rule for the apex stands for what our rules say in detail. */
const isReplaced = (context: RouteContext) => (rule: Fields) =>
  leadsTo(rule, [context.apex, context.primary, context.canaryName], context);
const isRouted = (context: RouteContext) => (spec: Fields) => itemsOf(spec['rules']).some(isRule(context));

/** The user's own rule to the apex, as long as none of ours stands in its place. */
const userRule = (context: RouteContext, spec: Fields): Fields | undefined =>
  itemsOf(spec['rules']).findLast((rule) => leadsTo(rule, [context.apex], context));

const isEverything = (match: Fields): boolean => isSameJson(ROOT, match);

const matchesIn = (rule: Fields): Fields[] => {
  const matches = itemsOf(rule['matches']).map((one) => ({ ...ROOT, ...one }));
  return matches.some(isEverything) ? [] : matches;
};

const userMatches = (context: RouteContext, live: KubeObject | undefined): Fields[] => {
  const first = itemsOf(firstSpec(context, live, isRouted(context))?.['rules']);
  const own = first.filter((rule) => leadsTo(rule, [context.apex], context));
  return conditionsKept(own, itemsOf(specOf(live)['rules']).filter(isRule(context)), matchesIn);
};

/** The rule that the weights stand in. Without conditions in the spec it is the last, which an A/B test leaves to the primary. */
const weightedRule = (context: RouteContext, spec: Fields): Fields | undefined => {
  const rules = itemsOf(spec['rules']).filter(isRule(context));
  return isMatching(context.canary)
    ? rules.filter((rule) => leadsTo(rule, [context.canaryName], context)).at(-1)
    : rules.at(-1);
};

const parse = (context: RouteContext, objects: Objects, version: Version): LiveRoutes | undefined => {
  const live = liveOf(objects, refFor(context, version));
  if (!live) return undefined;
  const pending = pendingOf(context, live);
  const found = { ...ALL_TO_PRIMARY, ...routesOf(context, specOf(live)) };
  return pending === undefined ? found : { ...found, pending };
};

const routesOf = (context: RouteContext, spec: Fields): Partial<Routes> => {
  const rule = weightedRule(context, spec);
  if (!rule) return {};
  const refs = itemsOf(rule['backendRefs']);
  const named = (name: string) => refs.find((one) => one['name'] === name);
  // A missing weight means 1.
  const weightOf = (ref: Fields | undefined): number => (ref ? (numberOf(ref['weight']) ?? 1) : 0);
  const canary = percentOf(weightOf(named(context.primary)), weightOf(named(context.canaryName))) ?? 0;
  const rules = itemsOf(spec['rules']).filter(isRule(context));
  const cookies = cookiesIn(context.canary, {
    canary: setCookieIn(named(context.canaryName)),
    primary: setCookieIn(named(context.primary)),
    expired: rules.map(setCookieIn).find(isExpired),
  });
  return { primary: 100 - canary, canary, mirrored: isMirrored(context, rules), ...(cookies && { cookies }) };
};

/** The cookie that the filters of a rule or backend set. */
const setCookieIn = (holder: Fields | undefined): unknown =>
  itemsOf(holder?.['filters'])
    .flatMap((one) => itemsOf(fieldsOf(one['responseHeaderModifier'])['add']))
    .find((one) => one['name'] === SET_COOKIE)?.['value'];

/** Has every gateway that speaks of this route accepted it as it is now? */
const pendingOf = (context: RouteContext, live: KubeObject): string | undefined => {
  const generation = live.metadata.generation ?? 0;
  const reports = itemsOf(fieldsOf(live['status'])['parents']);
  for (const parent of itemsOf(specOf(live)['parentRefs'])) {
    const report = reports.find((one) => isSameJson(one['parentRef'], parent));
    const accepted = itemsOf(report?.['conditions']).find((one) => one['type'] === 'Accepted');
    if (!accepted) continue;
    const observed = numberOf(accepted['observedGeneration']) ?? 0;
    if (accepted['status'] === 'True' && observed >= generation) continue;
    const details = `status: ${textOf(accepted['status'])}, observed generation: ${observed}, current generation: ${generation}`;
    return `HTTPRoute ${context.apex}.${context.namespace} parent ${textOf(parent['name'])} is not ready (${details})`;
  }
  return undefined;
};

const render = (context: RouteContext, routes: Routes, objects: Objects, version: Version): Rendered => {
  const { gatewayRefs = [], hosts = [] } = context.canary.spec.service ?? {};
  if (gatewayRefs.length === 0)
    return { problem: 'GatewayRefs must be specified when using Gateway API as a provider.' };
  const ref = refFor(context, version);
  const live = liveOf(objects, ref);
  const before = specOf(live);
  const found = weightedRule(context, before) ?? userRule(context, before) ?? {};
  const rules = rulesFor(context, routes, { live: found, given: userMatches(context, live) }, version);
  if ('problem' in rules) return rules;
  const keepsHosts = hosts.length === 0 && isAdopted(live, context);
  const spec: Fields = {
    ...without(before, 'parentRefs', 'hostnames', 'rules'),
    parentRefs: gatewayRefs.map((one) => ({ group: 'gateway.networking.k8s.io', kind: 'Gateway', ...one })),
    ...compact({ hostnames: keepsHosts ? before['hostnames'] : hosts }),
    rules: spliced(itemsOf(before['rules']), isReplaced(context), rules),
  };
  return {
    writes: ensured(context, live, {
      ref,
      spec,
      metadata: apexMetadata(context),
      isRouted: isRouted(context),
      comparable: withDefaults,
    }),
  };
};

const finalise = (context: RouteContext, objects: Objects, version: Version): Rendered => {
  const ref = refFor(context, version);
  const toApex = (spec: Fields): Fields => {
    const rules = itemsOf(spec['rules']);
    const plain = apexRule(context, rules.filter(isRule(context)).at(-1) ?? {});
    return { ...spec, rules: spliced(rules, isRule(context), [plain]) };
  };
  return { writes: restored(context, liveOf(objects, ref), { ref, isRouted: isRouted(context), toApex }) };
};

const READS: readonly RouteField[] = ['hosts', 'match', 'rewrite', 'headers', 'mirror'];

const gatewayApi = (version: Version): Router => ({
  provider: version.provider,
  capabilities: {
    ...WEIGHTS_ONLY,
    match: MATCH_FORMS,
    mirror: 'always',
    sessionAffinity: 'canary-and-primary',
    preview: true,
    needs: 'gatewayRefs',
    reads: version.hasPolicies ? [...READS, 'timeout', 'backendTimeout', 'corsPolicy'] : READS,
    durations: 'gep-2257',
  },
  observer: podObserver,
  refs: (context) => [refFor(context, version)],
  parse: (context, objects) => parse(context, objects, version),
  render: (context, routes, objects) => render(context, routes, objects, version),
  finalise: (context, objects) => finalise(context, objects, version),
});

const GROUP = 'gateway.networking.k8s.io';

/** Gateway API: an HTTPRoute named as the apex, one codec for both versions. */
export const gatewayApiRouters: readonly Router[] = [
  gatewayApi({ provider: 'gatewayapi:v1', apiVersion: `${GROUP}/v1`, hasPolicies: true }),
  gatewayApi({ provider: 'gatewayapi:v1beta1', apiVersion: `${GROUP}/v1beta1`, hasPolicies: false }),
];
