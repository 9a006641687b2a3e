/** What both versions of App Mesh's API say in the same way. */
import type { MatchEntry } from '../api/canary.ts';
import { parseGoDuration } from '../api/duration.ts';
import type { Ref, StringMap } from '../api/kube.ts';
import type { Capabilities, MatchForm, Objects, Routes, Write } from '../api/model.ts';
import { entriesOf, isMatching, previewsOf, rulesOf } from './match.ts';
import { apexMetadata } from './metadata.ts';
import { BY_PROXY, count, type Observer, p99, podLabels, successRate } from './observer.ts';
import { overlay } from './overlay.ts';
import { ensured, restored, type Wanted } from './ownership.ts';
import { ALL_TO_CANARY, liveOf, type RouteContext, WEIGHTS_ONLY } from './router.ts';
import { type Fields, fieldsOf, itemsOf, numberOf, specOf, textOf } from './shape.ts';

const FORMS: readonly MatchForm[] = ['header-exact', 'header-prefix', 'header-suffix', 'header-regex', 'cookie'];

export const CAPABILITIES: Capabilities = {
  ...WEIGHTS_ONLY,
  match: FORMS,
  preview: true,
  retired: true,
  reads: ['hosts', 'match', 'retries', 'timeout', 'backends'],
  durations: 'go',
};

/** Asks the proxies beside the pods. */
export const observer = (podSuffix: string): Observer => ({
  ...BY_PROXY,
  successRate: successRate({
    metric: 'envoy_cluster_upstream_rq',
    labels: podLabels(podSuffix),
    good: 'envoy_response_code!~"5.*"',
  }),
  duration: p99('envoy_cluster_upstream_rq_time_bucket', podLabels(podSuffix)),
  requests: count('envoy_cluster_upstream_rq', podLabels(podSuffix)),
});

/** One object that a router wants. */
export type Part = Pick<Wanted, 'ref' | 'spec' | 'metadata'>;

/** Metadata of virtual nodes. They come before the Services, whose selector label they do not carry. */
export const nodeMetadata = (context: RouteContext) => apexMetadata({ ...context, selectorLabel: undefined });

export const protocolOf = ({ canary }: RouteContext): string =>
  canary.spec.service?.portName?.includes('grpc') === true ? 'grpc' : 'http';

export const prefixOf = ({ canary }: RouteContext): string => canary.spec.service?.match?.[0]?.uri?.prefix || '/';

export const backendNames = ({ canary }: RouteContext): readonly string[] => canary.spec.service?.backends ?? [];

const DEFAULT_TRY_MS = 250;

/** How often a request is tried again and on what; undefined: it is not. */
export const retriesOf = ({
  canary,
}: RouteContext): { max: number; perTryMs: number; events: string[] } | undefined => {
  const retries = canary.spec.service?.retries;
  if (!retries) return undefined;
  return {
    max: retries.attempts || 1,
    perTryMs: parseGoDuration(retries.perTryTimeout ?? '') || DEFAULT_TRY_MS,
    events: (retries.retryOn || 'gateway-error').split(','),
  };
};

/** Annotations by which an App Mesh gateway shows the apex to the outside; none without hosts. */
export const gatewayMetadata = ({ canary }: RouteContext): { annotations: StringMap } | undefined => {
  const { hosts = [], retries, timeout } = canary.spec.service ?? {};
  if (hosts.length === 0) return undefined;
  const prefix = 'gateway.appmesh.k8s.aws';
  return {
    annotations: {
      [`${prefix}/expose`]: 'true',
      [`${prefix}/domain`]: hosts.map((host) => `${host},`).join(''),
      ...(timeout && { [`${prefix}/timeout`]: timeout }),
      ...(retries && { [`${prefix}/retries`]: String(retries.attempts ?? 0) }),
    },
  };
};

const FIRST_PRIORITY = 10;
const LAST_PRIORITY = 20;

/** One route of a table: its name and order, whom it is for, and where it leads. */
export interface Plan {
  name: string;
  priority?: number;
  headers?: Fields[];
  weights: Partial<Routes>;
}

const isPreview = (name: string, apex: string): boolean => name.startsWith(`${apex}-preview`);

/**
 * The routes of the apex: one, or one for each entry of the match and one for everybody else; previews before them all.
 * Undefined: no entry can be said.
 */
export const plansOf = (context: RouteContext, routes: Routes): Plan[] | undefined => {
  const { apex, canary } = context;
  const previews = previewsOf(canary, routes, FORMS).map(
    (entry, index): Plan => ({
      name: `${apex}-preview${index + 1}`,
      priority: index,
      headers: headersOf(entry),
      weights: ALL_TO_CANARY,
    }),
  );
  const entries = entriesOf(canary, FORMS);
  if (!isMatching(canary) || (entries.length === 0 && routes.canary === 0))
    return [...previews, { name: apex, weights: routes }];
  if (entries.length === 0) return undefined;
  const matched = entries.map(
    (entry, index): Plan => ({
      name: index === 0 ? `${apex}-a` : `${apex}-a${index + 1}`,
      priority: FIRST_PRIORITY + index,
      headers: headersOf(entry),
      weights: routes,
    }),
  );
  const last = Math.max(LAST_PRIORITY, FIRST_PRIORITY + matched.length);
  return [...previews, ...matched, { name: `${apex}-b`, priority: last, weights: { primary: 100 } }];
};

const headersOf = (entry: MatchEntry): Fields[] =>
  rulesOf(entry.headers).map(({ name, form, value }) => ({ name, match: { [form]: value } }));

/** Percent of the canary among targets; undefined: they do not lead to it. */
export const weightsIn = (targets: readonly Fields[], isCanary: (target: Fields) => boolean): Routes | undefined => {
  const canary = numberOf(targets.find(isCanary)?.['weight']);
  if (canary === undefined || canary < 0 || canary > 100) return undefined;
  return { primary: 100 - canary, canary, mirrored: false };
};

/** The weighted targets of the first route that is no preview, under `http` in one version and under `httpRoute` in the other. */
export const targetsIn = (routes: unknown, protocol: string, apex: string): readonly Fields[] => {
  const route = itemsOf(routes).find((one) => !isPreview(textOf(one['name']), apex));
  return itemsOf(fieldsOf(fieldsOf(route?.[protocol])['action'])['weightedTargets']);
};

/** What puts the objects right; fields that are not ours stay. */
export const writesFor = (context: RouteContext, parts: readonly Part[], objects: Objects): Write[] =>
  parts.flatMap((part) => {
    const live = liveOf(objects, part.ref);
    const spec = fieldsOf(overlay(specOf(live), part.spec));
    return ensured(context, live, { ...part, spec }).map(withStatus);
  });

/** New objects carry the empty status that the provider's own client sends. */
const withStatus = (write: Write): Write =>
  write.do === 'create' ? { ...write, object: { ...write.object, status: {} } } : write;

export const restorations = (context: RouteContext, refs: readonly Ref[], objects: Objects): Write[] =>
  refs.flatMap((ref) => restored(context, liveOf(objects, ref), { ref }));
