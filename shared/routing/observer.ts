/** What a provider's built-in queries are made of, as the reference sends them. */

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

/** Percent of good requests among all. */
export const successRate = ({ metric, labels, good }: Rate): string =>
  ` sum( rate( ${metric}{ ${labels}, ${good} }[{{ interval }}] ) ) / sum( rate( ${metric}{ ${labels} }[{{ interval }}] ) ) * 100`;

/** How much a counter grew in the interval. */
export const count = (metric: string, labels: string): string =>
  ` sum( increase( ${metric}{ ${labels} }[{{ interval }}] ) )`;

/** The 99th percentile of a histogram; `times` turns its unit into another. */
export const p99 = (metric: string, labels: string, times = ''): string =>
  ` histogram_quantile( 0.99, sum( rate( ${metric}{ ${labels} }[{{ interval }}] ) ) by (le) )${times}`;

/** Labels of the pods' own series; pods are named after the target, with `podSuffix` behind it. */
export const podLabels = (podSuffix: string): string =>
  `kubernetes_namespace="{{ namespace }}", kubernetes_pod_name=~"{{ target }}${podSuffix}"`;

/** Proxies measure in milliseconds, and an answer without data is said to be the query's failure. */
export const BY_PROXY = { durationScale: 1, errorPrefix: 'running query failed: ' } as const;

/** Asks the pods themselves. */
export const podObserver = (podSuffix: string): Observer => ({
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

/** Asks Envoy for one of its clusters. The reference leaves a comma behind the label in all but the first selector. */
export const envoyObserver = (label: string): Observer => ({
  ...BY_PROXY,
  successRate:
    ` sum( rate( envoy_cluster_upstream_rq{ ${label}, envoy_response_code!~"5.*" }[{{ interval }}] ) )` +
    ` / sum( rate( envoy_cluster_upstream_rq{ ${label}, }[{{ interval }}] ) ) * 100`,
  duration: p99('envoy_cluster_upstream_rq_time_bucket', `${label},`),
  requests: count('envoy_cluster_upstream_rq', label),
});
