import type { MatchEntry } from '../api/canary.ts';
import { type Kind, type KubeObject, type Ref, refTo, type StringMap } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { DRIFT_ANNOTATIONS, strategyOf } from '../api/names.ts';
import { isSameJson } from '../api/same-json.ts';
import { ALL_TO_CANARY, liveOf, type RouteContext, type Router } from './router.ts';

const INGRESS: Kind = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

interface IngressSpec {
  rules?: ({ http?: { paths?: ({ backend?: { service?: { name?: string } } } | null)[] } | null } | null)[] | null;
  [field: string]: unknown;
}

const nameOf = (context: RouteContext): string => context.canary.spec.ingressRef?.name ?? '';
const sourceRef = (context: RouteContext): Ref => refTo(INGRESS, context.namespace, nameOf(context));
const canaryRef = (context: RouteContext): Ref => refTo(INGRESS, context.namespace, `${nameOf(context)}-canary`);

/** Every annotation of a canary Ingress begins with this. */
const marker = (context: RouteContext): string => `${context.settings.ingressAnnotationsPrefix}/canary`;

const refs = (context: RouteContext): readonly Ref[] =>
  nameOf(context) === '' ? [] : [sourceRef(context), canaryRef(context)];

const parse = (context: RouteContext, objects: Objects): Routes | undefined | { problem: string } => {
  const live = liveOf(objects, canaryRef(context));
  if (!live) return undefined;
  const annotations = live.metadata.annotations ?? {};
  const has = (suffix: string) => annotations[`${marker(context)}-${suffix}`] !== undefined;
  if (strategyOf(context.canary) === 'ab-testing' && (has('by-cookie') || has('by-header'))) return ALL_TO_CANARY;
  const text = annotations[`${marker(context)}-weight`] ?? '0';
  const weight = /^\d+$/.test(text) ? Number(text) : undefined;
  if (weight === undefined || weight > 100) {
    return {
      problem: `ingress ${live.metadata.name}.${context.namespace} has canary weight "${text}"; use a whole number up to 100`,
    };
  }
  return { primary: 100 - weight, canary: weight, mirrored: false };
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const name = nameOf(context);
  if (name === '') return { problem: 'ingress selector is empty' };
  const source = liveOf(objects, sourceRef(context));
  const ref = canaryRef(context);
  const live = liveOf(objects, ref);
  const wantedSpec = source && canarySpec((source['spec'] ?? {}) as IngressSpec, context);
  // Traffic can be taken back whatever became of the user's Ingress.
  const spec = wantedSpec ?? (routes.canary === 0 ? (live?.['spec'] as IngressSpec | undefined) : undefined);
  if (!source && spec === undefined) {
    return {
      problem: `ingress ${name}.${context.namespace} get query error: ingresses.networking.k8s.io "${name}" not found`,
    };
  }
  if (spec === undefined) return { problem: `backend ${context.apex} not found in ingress ${name}` };
  if (!live) return { writes: [{ do: 'create', ref, object: create(source as KubeObject, spec, context, routes) }] };
  const wanted = adjust(live, spec, context, routes);
  return { writes: wanted === live ? [] : [{ do: 'replace', ref, object: wanted }] };
};

/** The user's Ingress with the apex backend replaced by the canary; undefined: no path goes to the apex. */
const canarySpec = (source: IngressSpec, context: RouteContext): IngressSpec | undefined => {
  let found = false;
  const rules = (source.rules ?? []).map((rule) => {
    if (!rule?.http?.paths) return rule;
    const paths = rule.http.paths.map((path) => {
      if (path?.backend?.service?.name !== context.apex) return path;
      found = true;
      return { ...path, backend: { ...path.backend, service: { ...path.backend.service, name: context.canaryName } } };
    });
    return { ...rule, http: { ...rule.http, paths } };
  });
  return found ? { ...source, rules } : undefined;
};

const withoutMarks = (annotations: StringMap | undefined, context: RouteContext): StringMap =>
  Object.fromEntries(
    Object.entries(annotations ?? {}).filter(([key]) => key !== LAST_APPLIED && !key.includes(marker(context))),
  );

// eslint-disable-next-line max-params -- one shape with `adjust`
const create = (source: KubeObject, spec: IngressSpec, context: RouteContext, routes: Routes): KubeObject => ({
  apiVersion: INGRESS.apiVersion,
  kind: INGRESS.kind,
  metadata: {
    name: canaryRef(context).name,
    namespace: context.namespace,
    ...(source.metadata.labels && { labels: source.metadata.labels }),
    annotations: {
      ...withoutMarks(source.metadata.annotations, context),
      ...DRIFT_ANNOTATIONS,
      ...marks(context, routes),
    },
    ownerReferences: [context.owner],
  },
  spec,
});

// eslint-disable-next-line max-params -- one shape with `create`
const adjust = (live: KubeObject, spec: IngressSpec, context: RouteContext, routes: Routes): KubeObject => {
  const annotations = { ...withoutMarks(live.metadata.annotations, context), ...marks(context, routes) };
  const isSame = isSameJson(live['spec'], spec) && isSameJson(live.metadata.annotations ?? {}, annotations);
  return isSame ? live : { ...live, metadata: { ...live.metadata, annotations }, spec };
};

/** The annotations that make an Ingress a canary one, and say who goes there. */
const marks = (context: RouteContext, routes: Routes): StringMap => {
  const prefix = marker(context);
  const isMatching = strategyOf(context.canary) === 'ab-testing';
  const base = { [prefix]: 'true', [`${prefix}-weight`]: isMatching ? '0' : String(routes.canary) };
  if (!isMatching || routes.canary === 0) return base;
  const entries = context.canary.spec.analysis.match ?? [];
  return entries.reduce<StringMap>((all, entry) => ({ ...all, ...matchMarks(prefix, entry) }), base);
};

const matchMarks = (prefix: string, entry: MatchEntry): StringMap => {
  const found: StringMap = {};
  for (const [header, match] of Object.entries(entry.headers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (header.toLowerCase() === 'cookie') {
      if (match.exact) found[`${prefix}-by-cookie`] = match.exact;
      continue;
    }
    found[`${prefix}-by-header`] = header;
    if (match.exact) found[`${prefix}-by-header-value`] = match.exact;
    if (match.regex) found[`${prefix}-by-header-pattern`] = match.regex;
  }
  return found;
};

/** NGINX ingress controller: a second Ingress with canary annotations beside the user's, which is never changed. */
export const nginx: Router = {
  providers: ['nginx'],
  capabilities: {
    weights: true,
    match: ['header-exact', 'header-regex', 'cookie'],
    mirror: 'none',
    mirrorWeight: false,
    sessionAffinity: 'none',
    needs: 'ingressRef',
    iterationsOnly: false,
    jumpsOnMatch: true,
    retired: false,
  },
  refs,
  parse,
  render,
  finalise: () => ({ writes: [] }),
};
