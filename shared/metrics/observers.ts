/** The built-in queries of every traffic provider, as the reference sends them. */

export interface Observer {
  /** The name that messages give. */
  name: string;
  successRate: string;
  /** Answers in milliseconds once multiplied by `durationScale`. */
  duration: string;
  durationScale: number;
  /** Put before the error where a query finds nothing. */
  errorPrefix: string;
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

const p99 = (metric: string, labels: string, times = ''): string =>
  ` histogram_quantile( 0.99, sum( rate( ${metric}{ ${labels} }[{{ interval }}] ) ) by (le) )${times}`;

const PODS = 'kubernetes_namespace="{{ namespace }}", kubernetes_pod_name=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"';
const NGINX = 'namespace="{{ namespace }}", ingress="{{ ingress }}", canary!=""';
// Objects are named after the Service, not the target.
const TRAEFIK = 'service=~"{{ namespace }}-{{ service }}-canary-[0-9a-zA-Z-]+@kubernetescrd"';

const http: Observer = {
  name: 'kubernetes',
  successRate: successRate({ metric: 'http_request_duration_seconds_count', labels: PODS, good: 'status!~"5.*"' }),
  duration: p99('http_request_duration_seconds_bucket', PODS),
  durationScale: 1000,
  errorPrefix: '',
};

const mean = (metric: string, labels: string): string => {
  const part = (suffix: string) => `sum( rate( ${metric}_${suffix}{ ${labels} }[{{ interval }}] ) )`;
  return ` ${part('sum')} / ${part('count')} * 1000`;
};

const nginx: Observer = {
  name: 'nginx',
  successRate: successRate({ metric: 'nginx_ingress_controller_requests', labels: NGINX, good: 'status!~"5.*"' }),
  duration: mean('nginx_ingress_controller_response_duration_seconds', NGINX),
  durationScale: 1,
  errorPrefix: RUNNING,
};

const TRAEFIK_BUCKET = 'traefik_service_request_duration_seconds_bucket';

const traefik: Observer = {
  name: 'traefik',
  successRate:
    ` sum( rate( ${TRAEFIK_BUCKET}{ ${TRAEFIK}, code!~"5..", le="+Inf" }[{{ interval }}] ) )` +
    ` / sum( rate( ${TRAEFIK_BUCKET}{ ${TRAEFIK}, le="+Inf" }[{{ interval }}] ) ) * 100`,
  duration: p99(TRAEFIK_BUCKET, TRAEFIK, ' * 1000'),
  durationScale: 1,
  errorPrefix: RUNNING,
};

const ISTIO = 'reporter="destination", destination_workload_namespace="{{ namespace }}", destination_workload=~"{{ target }}"';

const istio: Observer = {
  name: 'istio',
  successRate: successRate({ metric: 'istio_requests_total', labels: ISTIO, good: 'response_code!~"5.*"' }),
  duration: p99('istio_request_duration_milliseconds_bucket', ISTIO),
  durationScale: 1,
  errorPrefix: RUNNING,
};

/** Envoy's own counters. The reference leaves a comma behind the label in all but the first selector. */
const envoy = (name: string, label: string): Observer => ({
  name,
  successRate:
    ` sum( rate( envoy_cluster_upstream_rq{ ${label}, envoy_response_code!~"5.*" }[{{ interval }}] ) )` +
    ` / sum( rate( envoy_cluster_upstream_rq{ ${label}, }[{{ interval }}] ) ) * 100`,
  duration: p99('envoy_cluster_upstream_rq_time_bucket', `${label},`),
  durationScale: 1,
  errorPrefix: RUNNING,
});

const contour = envoy('contour', 'envoy_cluster_name=~"{{ namespace }}_{{ service }}-canary_[0-9a-zA-Z-]+"');
const gloo = envoy('gloo', 'envoy_cluster_name=~"{{ namespace }}-{{ service }}-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"');

const OBSERVERS: Readonly<Record<string, Observer>> = {
  kubernetes: http,
  'gatewayapi:v1': { ...http, name: 'gatewayapi:v1' },
  'gatewayapi:v1beta1': { ...http, name: 'gatewayapi:v1beta1' },
  istio,
  contour,
  gloo,
  nginx,
  traefik,
};

/** The built-in queries of a provider; undefined: it has none of its own. */
export const observerOf = (provider: string): Observer | undefined =>
  Object.hasOwn(OBSERVERS, provider) ? OBSERVERS[provider] : undefined;
