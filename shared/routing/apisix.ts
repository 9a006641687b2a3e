import { canonicalJson } from '../api/digest.ts';
import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { liveOf, type RouteContext, type Router } from './router.ts';
import { type Fields, itemsOf, numberOf, specOf } from './shape.ts';

const APISIX_ROUTE: Kind = {
  apiVersion: 'apisix.apache.org/v2',
  kind: 'ApisixRoute',
  plural: 'apisixroutes',
  namespaced: true,
};

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Higher than any route that people write, so that ours is asked first. */
const PRIORITY = 10_000;

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
  const rule = ruleFor(liveOf(objects, canaryRef(context)), context.canaryName);
  const canary = numberOf(backendsOf(rule).find((backend) => backend['serviceName'] === context.canaryName)?.['weight']);
  if (canary === undefined || canary < 0 || canary > 100) return undefined;
  return { primary: 100 - canary, canary, mirrored: false };
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const rule = sourceRule(context, objects);
  if ('problem' in rule) return { problem: String(rule['problem']) };
  const spec = { http: [weightedRule(rule, context, routes)] };
  const ref = canaryRef(context);
  const live = liveOf(objects, ref);
  if (!live) return { writes: [{ do: 'create', ref, object: newRoute(context, objects, spec) }] };
  return { writes: canonicalJson(specOf(live)) === canonicalJson(spec) ? [] : [{ do: 'replace', ref, object: { ...live, spec } }] };
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

/** Apache APISIX: a second ApisixRoute with weights that is asked before the user's, which is never changed. */
export const apisix: Router = {
  providers: ['apisix'],
  capabilities: {
    weights: true,
    match: [],
    mirror: 'none',
    mirrorWeight: false,
    sessionAffinity: 'none',
    needs: 'routeRef',
    iterationsOnly: false,
    retired: false,
  },
  refs,
  parse,
  render,
  finalise: () => ({ writes: [] }),
};
