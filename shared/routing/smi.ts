import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { istio } from './istio.ts';
import { BY_PROXY, count, type Observer, p99, successRate } from './observer.ts';
import { ensured, restored } from './ownership.ts';
import { liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { type Fields, itemsOf, specOf } from './shape.ts';

interface Dialect {
  provider: string;
  version: 'v1alpha1' | 'v1alpha2' | 'v1alpha3';
  /** The first version counts in Kubernetes quantities, which are texts. */
  weight: (percent: number) => string | number;
  retired: boolean;
  observer: Router['observer'];
}

const LINKERD = 'namespace="{{ namespace }}", deployment=~"{{ target }}"';
const INBOUND = 'direction="inbound"';

const LINKERD_OBSERVER: Observer = {
  ...BY_PROXY,
  successRate:
    ` sum( rate( response_total{ ${LINKERD}, classification!="failure", ${INBOUND} }[{{ interval }}] ) )` +
    ` / sum( rate( response_total{ ${LINKERD}, ${INBOUND} }[{{ interval }}] ) ) * 100`,
  duration: p99('response_latency_ms_bucket', `${LINKERD}, ${INBOUND}`),
  requests: count('response_total', `${LINKERD}, ${INBOUND}`),
};

const OSM = 'destination_namespace="{{ namespace }}", destination_kind="Deployment", destination_name="{{ target }}"';

const OSM_OBSERVER: Observer = {
  ...BY_PROXY,
  successRate: successRate({ metric: 'osm_request_total', labels: OSM, good: 'response_code!~"5.*"' }),
  duration: p99('osm_request_duration_ms_bucket', OSM),
  requests: count('osm_request_total', OSM),
};

// A split says nothing of the mesh behind it; the reference asks for Istio's series.
const { observer: anyMesh } = istio;

const V1ALPHA1 = { version: 'v1alpha1', weight: String } as const;
const V1ALPHA2 = { version: 'v1alpha2', weight: Number, retired: true } as const;

const DIALECTS: readonly Dialect[] = [
  { provider: 'linkerd', ...V1ALPHA1, retired: false, observer: () => LINKERD_OBSERVER },
  { provider: 'osm', ...V1ALPHA2, observer: () => OSM_OBSERVER },
  { provider: 'smi:v1alpha1', ...V1ALPHA1, retired: true, observer: anyMesh },
  { provider: 'smi:v1alpha2', ...V1ALPHA2, observer: anyMesh },
  { provider: 'smi:v1alpha3', version: 'v1alpha3', weight: Number, retired: true, observer: anyMesh },
];

const kindOf = ({ version }: Dialect): Kind => ({
  apiVersion: `split.smi-spec.io/${version}`,
  kind: 'TrafficSplit',
  plural: 'trafficsplits',
  namespaced: true,
});

const refFor = (dialect: Dialect, context: RouteContext): Ref =>
  refTo(kindOf(dialect), context.namespace, context.apex);

const backendIn = (spec: Fields, service: string): Fields | undefined =>
  itemsOf(spec['backends']).find((backend) => backend['service'] === service);

/** A split without the canary is a user's own that nobody has touched yet, or one that somebody emptied. */
const parse = (context: RouteContext, live: KubeObject | undefined): Routes | undefined => {
  const canary = Number(backendIn(specOf(live), context.canaryName)?.['weight']);
  return canary >= 0 && canary <= 100 ? { primary: 100 - canary, canary, mirrored: false } : undefined;
};

// eslint-disable-next-line max-params -- the port's own three, and which dialect is spoken
const render = (dialect: Dialect, context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const ref = refFor(dialect, context);
  const live = liveOf(objects, ref);
  const spec = {
    ...specOf(live),
    service: context.canary.spec.service?.hosts?.[0] ?? context.apex,
    backends: [
      { service: context.canaryName, weight: dialect.weight(routes.canary) },
      { service: context.primary, weight: dialect.weight(routes.primary) },
    ],
  };
  return { writes: ensured(context, live, { ref, spec, isRouted: isRoutedBy(context) }) };
};

const isRoutedBy =
  (context: RouteContext) =>
  (spec: Fields): boolean =>
    backendIn(spec, context.primary) !== undefined;

const finalise = (dialect: Dialect, context: RouteContext, objects: Objects): Rendered => {
  const ref = refFor(dialect, context);
  const toApex = (spec: Fields) => ({ ...spec, backends: [{ service: context.apex, weight: dialect.weight(100) }] });
  return { writes: restored(context, liveOf(objects, ref), { ref, isRouted: isRoutedBy(context), toApex }) };
};

const routerFor = (dialect: Dialect): Router => ({
  provider: dialect.provider,
  capabilities: {
    ...WEIGHTS_ONLY,
    everyPort: true,
    retired: dialect.retired,
    reads: ['hosts'],
  },
  observer: dialect.observer,
  refs: (context) => [refFor(dialect, context)],
  parse: (context, objects) => parse(context, liveOf(objects, refFor(dialect, context))),
  render: (context, routes, objects) => render(dialect, context, routes, objects),
  finalise: (context, objects) => finalise(dialect, context, objects),
});

/** Service Mesh Interface, and the meshes that speak it: a TrafficSplit named as the apex, one router per dialect. */
export const smi: readonly Router[] = DIALECTS.map(routerFor);
