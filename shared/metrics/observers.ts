/** The built-in queries of every traffic provider, as the reference sends them. */

export interface Observer {
  successRate: string;
  /** Answers in milliseconds once multiplied by `durationScale`. */
  duration: string;
  durationScale: number;
  /** Put before the error where a query finds nothing. */
  errorPrefix: string;
  /** How many requests there were in the interval. */
  requests: string;
  /** What its labels say of the canary beside its name, and what of the primary. */
  sides?: readonly [canary: string, primary: string];
  /** Its series can't tell primary from canary. */
  isOneSided?: boolean;
  /** Its series know names with an underscore for whatever is neither letter nor digit. */
  wordsOnly?: boolean;
}

interface Rate {
  metric: string;
  labels: string;
  /** What tells a good request. */
  good: string;
}

const RUNNING = 'running query failed: ';

const successRate = ({ metric, labels, good }: Rate): string =>
  ` sum( rate( ${metric}{ ${labels}, ${good} }[{{ interval }}] ) ) / sum( rate( ${metric}{ ${labels} }[{{ interval }}] ) ) * 100`;

const count = (metric: string, labels: string): string => ` sum( increase( ${metric}{ ${labels} }[{{ interval }}] ) )`;

const p99 = (metric: string, labels: string, times = ''): string =>
  ` histogram_quantile( 0.99, sum( rate( ${metric}{ ${labels} }[{{ interval }}] ) ) by (le) )${times}`;

const NGINX = 'namespace="{{ namespace }}", ingress="{{ ingress }}", canary!=""';
// Objects are named after the Service, not the target.
const TRAEFIK = 'service=~"{{ namespace }}-{{ service }}-canary-[0-9a-zA-Z-]+@kubernetescrd"';

const podLabels = (suffix: string): string =>
  `kubernetes_namespace="{{ namespace }}", kubernetes_pod_name=~"{{ target }}${suffix}"`;

/** Asks the pods themselves. */
const http = (podSuffix: string): Observer => ({
  successRate: successRate({
    metric: 'http_request_duration_seconds_count',
    labels: podLabels(podSuffix),
    good: 'status!~"5.*"',
  }),
  duration: p99('http_request_duration_seconds_bucket', podLabels(podSuffix)),
  requests: count('http_request_duration_seconds_count', podLabels(podSuffix)),
  durationScale: 1000,
  errorPrefix: '',
});

/** Asks the proxies beside the pods. */
const appMesh = (podSuffix: string): Observer => ({
  successRate: successRate({
    metric: 'envoy_cluster_upstream_rq',
    labels: podLabels(podSuffix),
    good: 'envoy_response_code!~"5.*"',
  }),
  duration: p99('envoy_cluster_upstream_rq_time_bucket', podLabels(podSuffix)),
  requests: count('envoy_cluster_upstream_rq', podLabels(podSuffix)),
  durationScale: 1,
  errorPrefix: RUNNING,
});

const mean = (metric: string, labels: string): string => {
  const part = (suffix: string) => `sum( rate( ${metric}_${suffix}{ ${labels} }[{{ interval }}] ) )`;
  return ` ${part('sum')} / ${part('count')} * 1000`;
};

const nginx: Observer = {
  successRate: successRate({ metric: 'nginx_ingress_controller_requests', labels: NGINX, good: 'status!~"5.*"' }),
  duration: mean('nginx_ingress_controller_response_duration_seconds', NGINX),
  requests: count('nginx_ingress_controller_requests', NGINX),
  sides: ['canary!=""', 'canary=""'],
  durationScale: 1,
  errorPrefix: RUNNING,
};

const TRAEFIK_BUCKET = 'traefik_service_request_duration_seconds_bucket';

const traefik: Observer = {
  successRate:
    ` sum( rate( ${TRAEFIK_BUCKET}{ ${TRAEFIK}, code!~"5..", le="+Inf" }[{{ interval }}] ) )` +
    ` / sum( rate( ${TRAEFIK_BUCKET}{ ${TRAEFIK}, le="+Inf" }[{{ interval }}] ) ) * 100`,
  duration: p99(TRAEFIK_BUCKET, TRAEFIK, ' * 1000'),
  requests: count(TRAEFIK_BUCKET, `${TRAEFIK}, le="+Inf"`),
  durationScale: 1,
  errorPrefix: RUNNING,
};

const ISTIO =
  'reporter="destination", destination_workload_namespace="{{ namespace }}", destination_workload=~"{{ target }}"';

const istio: Observer = {
  successRate: successRate({ metric: 'istio_requests_total', labels: ISTIO, good: 'response_code!~"5.*"' }),
  duration: p99('istio_request_duration_milliseconds_bucket', ISTIO),
  requests: count('istio_requests_total', ISTIO),
  durationScale: 1,
  errorPrefix: RUNNING,
};

const LINKERD = 'namespace="{{ namespace }}", deployment=~"{{ target }}"';
const INBOUND = 'direction="inbound"';

const linkerd: Observer = {
  successRate:
    ` sum( rate( response_total{ ${LINKERD}, classification!="failure", ${INBOUND} }[{{ interval }}] ) )` +
    ` / sum( rate( response_total{ ${LINKERD}, ${INBOUND} }[{{ interval }}] ) ) * 100`,
  duration: p99('response_latency_ms_bucket', `${LINKERD}, ${INBOUND}`),
  requests: count('response_total', `${LINKERD}, ${INBOUND}`),
  durationScale: 1,
  errorPrefix: RUNNING,
};

const OSM = 'destination_namespace="{{ namespace }}", destination_kind="Deployment", destination_name="{{ target }}"';

const osm: Observer = {
  successRate: successRate({ metric: 'osm_request_total', labels: OSM, good: 'response_code!~"5.*"' }),
  duration: p99('osm_request_duration_ms_bucket', OSM),
  requests: count('osm_request_total', OSM),
  durationScale: 1,
  errorPrefix: RUNNING,
};

const APISIX = 'route=~"{{ namespace }}_{{ route }}-{{ service }}-canary_.+"';

const apisix: Observer = {
  successRate: successRate({ metric: 'apisix_http_status', labels: APISIX, good: 'code!~"5.."' }),
  duration: p99('apisix_http_latency_bucket', `type=~"request", ${APISIX}`),
  requests: count('apisix_http_status', APISIX),
  isOneSided: true,
  durationScale: 1,
  errorPrefix: RUNNING,
};

const SKIPPER = 'route=~"kube(ew)?_{{ namespace }}__{{ ingress }}_canary__.*__{{ service }}_canary(_[0-9]+)?"';

/** The rate of a series of Skipper's routes; `more` are further labels. */
const skipperRate = (metric: string, more = ''): string =>
  `sum(rate(skipper_${metric}{${SKIPPER}${more}}[{{ interval }}]))`;

const skipper: Observer = {
  successRate:
    ` ${skipperRate('response_duration_seconds_bucket', ',code!~"5..",le="+Inf"')}` +
    ` / ${skipperRate('response_duration_seconds_bucket', ',le="+Inf"')} * 100`,
  duration: ` ${skipperRate('serve_route_duration_seconds_sum')} / ${skipperRate('serve_route_duration_seconds_count')} * 1000`,
  durationScale: 1,
  errorPrefix: RUNNING,
  requests: ` sum(increase(skipper_response_duration_seconds_bucket{${SKIPPER},le="+Inf"}[{{ interval }}]))`,
  wordsOnly: true,
};

/** Envoy's own counters. The reference leaves a comma behind the label in all but the first selector. */
const envoy = (label: string): Observer => ({
  successRate:
    ` sum( rate( envoy_cluster_upstream_rq{ ${label}, envoy_response_code!~"5.*" }[{{ interval }}] ) )` +
    ` / sum( rate( envoy_cluster_upstream_rq{ ${label}, }[{{ interval }}] ) ) * 100`,
  duration: p99('envoy_cluster_upstream_rq_time_bucket', `${label},`),
  requests: count('envoy_cluster_upstream_rq', label),
  durationScale: 1,
  errorPrefix: RUNNING,
});

/** By provider; those that ask the pods, or their proxies, are made for what the pods' names end in. */
const OBSERVERS: Readonly<Record<string, Observer | ((podSuffix: string) => Observer)>> = {
  kubernetes: http,
  'gatewayapi:v1': http,
  'gatewayapi:v1beta1': http,
  appmesh: appMesh,
  'appmesh:v1beta2': appMesh,
  istio,
  // A split says nothing of the mesh behind it; the reference asks for Istio's series.
  'smi:v1alpha1': istio,
  'smi:v1alpha2': istio,
  'smi:v1alpha3': istio,
  linkerd,
  osm,
  kuma: envoy('service=~"{{ service }}-canary_{{ namespace }}_svc_[0-9a-zA-Z-]+"'),
  contour: envoy('envoy_cluster_name=~"{{ namespace }}_{{ service }}-canary_[0-9a-zA-Z-]+"'),
  gloo: envoy('envoy_cluster_name=~"{{ namespace }}-{{ service }}-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"'),
  knative: envoy('envoy_cluster_name=~"{{ namespace }}/{{ route }}"'),
  nginx,
  skipper,
  traefik,
  apisix,
};

/** The built-in queries of a provider for pods whose names end in `podSuffix`; undefined: it has none of its own. */
export const observerOf = (provider: string, podSuffix: string): Observer | undefined => {
  const observer = Object.hasOwn(OBSERVERS, provider) ? OBSERVERS[provider] : undefined;
  return typeof observer === 'function' ? observer(podSuffix) : observer;
};
