import type { MatchEntry } from '../api/canary.ts';
import { affinityOf } from '../api/defaults.ts';
import type { KubeObject, StringMap } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { DRIFT_ANNOTATIONS, strategyOf } from '../api/names.ts';
import { isSameJson } from '../api/same-json.ts';
import {
  canaryRef,
  ingressBeside,
  ingressNameOf,
  ingressRefs,
  LAST_APPLIED,
  leadsToApex,
  NO_NAME,
  noBackend,
  noSource,
  sourceRef,
} from './ingress.ts';
import { entriesOf, previewsOf, unmatchable } from './match.ts';
import { turnedBackend, withAffinity } from './nginx-affinity.ts';
import { isWhole, MATCH_FORMS, matchMarks } from './nginx-match.ts';
import { BY_PROXY, count, type Observer, successRate } from './observer.ts';
import { withoutNamedPorts } from './ports.ts';
import { ALL_TO_CANARY, liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { type Fields, fieldsOf, specOf } from './shape.ts';

interface IngressSpec {
  rules?: ({ http?: { paths?: ({ backend?: { service?: Fields } } | null)[] } | null } | null)[] | null;
  [field: string]: unknown;
}

/** Every annotation of a canary Ingress begins with this. */
const marker = (context: RouteContext): string => `${context.settings.ingressAnnotationsPrefix}/canary`;

const parse = (context: RouteContext, objects: Objects): Routes | undefined | { problem: string } => {
  const live = liveOf(objects, canaryRef(context));
  if (!live) return undefined;
  const annotations = live.metadata.annotations ?? {};
  const has = (suffix: string) => annotations[`${marker(context)}-${suffix}`] !== undefined;
  if (isTest(context) && (has('by-cookie') || has('by-header'))) return ALL_TO_CANARY;
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
  if (ingressNameOf(context) === '') return NO_NAME;
  if (isTest(context) && routes.canary > 0 && testedBy(context).length === 0) return unmatchable('nginx');
  const source = liveOf(objects, sourceRef(context));
  const ref = canaryRef(context);
  const live = liveOf(objects, ref);
  const wantedSpec = source && specFor(context, routes, objects);
  // Traffic can be taken back whatever became of the user's Ingress.
  const spec = wantedSpec ?? (routes.canary === 0 ? (live?.['spec'] as IngressSpec | undefined) : undefined);
  if (!source && spec === undefined) return noSource(context);
  if (spec === undefined) return noBackend(context, specOf(source));
  const annotations = annotationsFor(context, routes, { live, source });
  if (!live)
    return {
      writes: [{ do: 'create', ref, object: ingressBeside(context, source as KubeObject, { ref, annotations, spec }) }],
    };
  if (isSameJson(live['spec'], spec) && isSameJson(live.metadata.annotations ?? {}, annotations)) return { writes: [] };
  return { writes: [{ do: 'replace', ref, object: { ...live, metadata: { ...live.metadata, annotations }, spec } }] };
};

/** The second Ingress's spec; with session affinity each rollout begins with ports in the form that the last had not. */
const specFor = (context: RouteContext, routes: Routes, objects: Objects): IngressSpec | undefined => {
  const source = (liveOf(objects, sourceRef(context))?.['spec'] ?? {}) as IngressSpec;
  const plain = canarySpec(source, context, (service) => service);
  if (plain === undefined || !affinityOf(context.canary)) return plain;
  const turned = canarySpec(source, context, (service) => turnedBackend(context, service));
  const live = liveOf(objects, canaryRef(context))?.['spec'];
  const before = parse(context, objects);
  const isBeginning = routes.canary > 0 && before !== undefined && 'canary' in before && before.canary === 0;
  return isSameJson(live, turned) === isBeginning ? plain : turned;
};

/** The user's Ingress with the apex backend replaced by the canary; undefined: no path goes to the apex. */
const canarySpec = (
  source: IngressSpec,
  context: RouteContext,
  change: (service: Fields) => Fields,
): IngressSpec | undefined => {
  let found = false;
  const rules = (source.rules ?? []).map((rule) => {
    if (!rule?.http?.paths) return rule;
    const paths = rule.http.paths.map((path) => {
      const service = path?.backend?.service;
      if (!service || !leadsToApex(context, fieldsOf(path))) return path;
      found = true;
      return { ...path, backend: { ...path?.backend, service: change({ ...service, name: context.canaryName }) } };
    });
    return { ...rule, http: { ...rule.http, paths } };
  });
  return found ? { ...source, rules } : undefined;
};

/** What stands on the second Ingress: as on the user's when it is made, then its own, and always our marks. */
const annotationsFor = (
  context: RouteContext,
  routes: Routes,
  { live, source }: { live: KubeObject | undefined; source: KubeObject | undefined },
): StringMap => {
  const found = withoutMarks((live ?? source)?.metadata.annotations, context);
  const pinned = withAffinity(context, routes, found, withoutMarks(source?.metadata.annotations, context));
  return { ...pinned, ...(live ? {} : DRIFT_ANNOTATIONS), ...marks(context, routes) };
};

const withoutMarks = (annotations: StringMap | undefined, context: RouteContext): StringMap =>
  Object.fromEntries(
    Object.entries(annotations ?? {}).filter(([key]) => key !== LAST_APPLIED && !key.includes(marker(context))),
  );

const isTest = ({ canary }: RouteContext): boolean => strategyOf(canary) === 'ab-testing';

/** The entries of an A/B test that annotations can say in full. */
const testedBy = ({ canary }: RouteContext): readonly MatchEntry[] => entriesOf(canary, MATCH_FORMS).filter(isWhole);

/** The annotations that make an Ingress a canary one, and say who goes there: header before cookie before weight. */
const marks = (context: RouteContext, routes: Routes): StringMap => {
  const prefix = marker(context);
  const base = { [prefix]: 'true', [`${prefix}-weight`]: isTest(context) ? '0' : String(routes.canary) };
  if (routes.canary === 0) return base;
  const entries = isTest(context) ? testedBy(context) : previewsOf(context.canary, routes, MATCH_FORMS).filter(isWhole);
  return { ...base, ...matchMarks(prefix, entries) };
};

const SERIES = 'namespace="{{ namespace }}", ingress="{{ ingress }}", canary!=""';

const rateOf = (part: 'sum' | 'count'): string =>
  `sum( rate( nginx_ingress_controller_response_duration_seconds_${part}{ ${SERIES} }[{{ interval }}] ) )`;

const OBSERVER: Observer = {
  ...BY_PROXY,
  successRate: successRate({ metric: 'nginx_ingress_controller_requests', labels: SERIES, good: 'status!~"5.*"' }),
  duration: ` ${rateOf('sum')} / ${rateOf('count')} * 1000`,
  requests: count('nginx_ingress_controller_requests', SERIES),
  sides: ['canary!=""', 'canary=""'],
};

/** NGINX ingress controller: a second Ingress with canary annotations beside the user's, which is never changed. */
export const nginx: Router = {
  provider: 'nginx',
  capabilities: {
    ...WEIGHTS_ONLY,
    match: MATCH_FORMS,
    entries: 'one-header-one-cookie',
    sessionAffinity: 'own-cookies',
    preview: true,
    needs: 'ingressRef',
    everyPort: true,
    jumpsOnMatch: true,
  },
  limits: withoutNamedPorts,
  observer: () => OBSERVER,
  refs: ingressRefs,
  parse,
  render,
  finalise: () => ({ writes: [] }),
};
