import { describe, expect, it } from 'vitest';
import { inWords, renderTemplate, type TemplateData } from '../../../../shared/metrics/template.ts';
import { PROVIDER_NAMES, routerOf } from '../../../../shared/routing/index.ts';
import type { Observer } from '../../../../shared/routing/observer.ts';
import type { Router } from '../../../../shared/routing/router.ts';

const DEPLOYMENT = '-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)';
const DAEMONSET = '-[0-9a-zA-Z]+';

/** Every name is another, so that none can stand for another. */
const DATA: TemplateData = {
  name: 'the-name',
  namespace: 'the-ns',
  target: 'the-target',
  service: 'the-service',
  ingress: 'the-ingress',
  route: 'the-route',
  interval: '1m',
  variables: {},
};

const observerOf = (provider: string, podSuffix: string): Observer =>
  (routerOf(provider) as Router).observer(podSuffix);

const asked = (provider: string, podSuffix = DEPLOYMENT): string[] => {
  const observer = observerOf(provider, podSuffix);
  const data = observer.wordsOnly === true ? inWords(DATA) : DATA;
  return [observer.successRate, observer.duration].map((query) => renderTemplate(query, data));
};

const ISTIO = [
  ' sum( rate( istio_requests_total{ reporter="destination", destination_workload_namespace="the-ns", destination_workload=~"the-target", response_code!~"5.*" }[1m] ) ) / sum( rate( istio_requests_total{ reporter="destination", destination_workload_namespace="the-ns", destination_workload=~"the-target" }[1m] ) ) * 100',
  ' histogram_quantile( 0.99, sum( rate( istio_request_duration_milliseconds_bucket{ reporter="destination", destination_workload_namespace="the-ns", destination_workload=~"the-target" }[1m] ) ) by (le) )',
];

const APP_MESH = [
  ' sum( rate( envoy_cluster_upstream_rq{ kubernetes_namespace="the-ns", kubernetes_pod_name=~"the-target-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)", envoy_response_code!~"5.*" }[1m] ) ) / sum( rate( envoy_cluster_upstream_rq{ kubernetes_namespace="the-ns", kubernetes_pod_name=~"the-target-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)" }[1m] ) ) * 100',
  ' histogram_quantile( 0.99, sum( rate( envoy_cluster_upstream_rq_time_bucket{ kubernetes_namespace="the-ns", kubernetes_pod_name=~"the-target-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)" }[1m] ) ) by (le) )',
];

const envoy = (label: string): string[] => [
  ` sum( rate( envoy_cluster_upstream_rq{ ${label}, envoy_response_code!~"5.*" }[1m] ) ) / sum( rate( envoy_cluster_upstream_rq{ ${label}, }[1m] ) ) * 100`,
  ` histogram_quantile( 0.99, sum( rate( envoy_cluster_upstream_rq_time_bucket{ ${label}, }[1m] ) ) by (le) )`,
];

const HTTP = [
  ' sum( rate( http_request_duration_seconds_count{ kubernetes_namespace="the-ns", kubernetes_pod_name=~"the-target-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)", status!~"5.*" }[1m] ) ) / sum( rate( http_request_duration_seconds_count{ kubernetes_namespace="the-ns", kubernetes_pod_name=~"the-target-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)" }[1m] ) ) * 100',
  ' histogram_quantile( 0.99, sum( rate( http_request_duration_seconds_bucket{ kubernetes_namespace="the-ns", kubernetes_pod_name=~"the-target-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)" }[1m] ) ) by (le) )',
];

const NGINX = 'namespace="the-ns", ingress="the-ingress", canary!=""';
const TRAEFIK = 'service=~"the-ns-the-service-canary-[0-9a-zA-Z-]+@kubernetescrd"';

const SKIPPER_ROUTE = 'route=~"kube(ew)?_the_ns__the_ingress_canary__.*__the_service_canary(_[0-9]+)?"';

describe('the built-in queries', () => {
  it.each<[string, string[]]>([
    ['kubernetes', HTTP],
    ['gatewayapi:v1', HTTP],
    ['gatewayapi:v1beta1', HTTP],
    [
      'nginx',
      [
        ` sum( rate( nginx_ingress_controller_requests{ ${NGINX}, status!~"5.*" }[1m] ) ) / sum( rate( nginx_ingress_controller_requests{ ${NGINX} }[1m] ) ) * 100`,
        ` sum( rate( nginx_ingress_controller_response_duration_seconds_sum{ ${NGINX} }[1m] ) ) / sum( rate( nginx_ingress_controller_response_duration_seconds_count{ ${NGINX} }[1m] ) ) * 1000`,
      ],
    ],
    [
      'traefik',
      [
        ` sum( rate( traefik_service_request_duration_seconds_bucket{ ${TRAEFIK}, code!~"5..", le="+Inf" }[1m] ) ) / sum( rate( traefik_service_request_duration_seconds_bucket{ ${TRAEFIK}, le="+Inf" }[1m] ) ) * 100`,
        ` histogram_quantile( 0.99, sum( rate( traefik_service_request_duration_seconds_bucket{ ${TRAEFIK} }[1m] ) ) by (le) ) * 1000`,
      ],
    ],
    ['istio', ISTIO],
    ['smi:v1alpha1', ISTIO],
    ['smi:v1alpha2', ISTIO],
    ['smi:v1alpha3', ISTIO],
    ['appmesh', APP_MESH],
    ['appmesh:v1beta2', APP_MESH],
    ['contour', envoy('envoy_cluster_name=~"the-ns_the-service-canary_[0-9a-zA-Z-]+"')],
    ['gloo', envoy('envoy_cluster_name=~"the-ns-the-service-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"')],
    ['kuma', envoy('service=~"the-service-canary_the-ns_svc_[0-9a-zA-Z-]+"')],
    ['knative', envoy('envoy_cluster_name=~"the-ns/the-route"')],
    [
      'linkerd',
      [
        ' sum( rate( response_total{ namespace="the-ns", deployment=~"the-target", classification!="failure", direction="inbound" }[1m] ) ) / sum( rate( response_total{ namespace="the-ns", deployment=~"the-target", direction="inbound" }[1m] ) ) * 100',
        ' histogram_quantile( 0.99, sum( rate( response_latency_ms_bucket{ namespace="the-ns", deployment=~"the-target", direction="inbound" }[1m] ) ) by (le) )',
      ],
    ],
    [
      'osm',
      [
        ' sum( rate( osm_request_total{ destination_namespace="the-ns", destination_kind="Deployment", destination_name="the-target", response_code!~"5.*" }[1m] ) ) / sum( rate( osm_request_total{ destination_namespace="the-ns", destination_kind="Deployment", destination_name="the-target" }[1m] ) ) * 100',
        ' histogram_quantile( 0.99, sum( rate( osm_request_duration_ms_bucket{ destination_namespace="the-ns", destination_kind="Deployment", destination_name="the-target" }[1m] ) ) by (le) )',
      ],
    ],
    [
      'apisix',
      [
        ' sum( rate( apisix_http_status{ route=~"the-ns_the-route-the-service-canary_.+", code!~"5.." }[1m] ) ) / sum( rate( apisix_http_status{ route=~"the-ns_the-route-the-service-canary_.+" }[1m] ) ) * 100',
        ' histogram_quantile( 0.99, sum( rate( apisix_http_latency_bucket{ type=~"request", route=~"the-ns_the-route-the-service-canary_.+" }[1m] ) ) by (le) )',
      ],
    ],
    [
      'skipper',
      [
        ` sum(rate(skipper_response_duration_seconds_bucket{${SKIPPER_ROUTE},code!~"5..",le="+Inf"}[1m])) / sum(rate(skipper_response_duration_seconds_bucket{${SKIPPER_ROUTE},le="+Inf"}[1m])) * 100`,
        ` sum(rate(skipper_serve_route_duration_seconds_sum{${SKIPPER_ROUTE}}[1m])) / sum(rate(skipper_serve_route_duration_seconds_count{${SKIPPER_ROUTE}}[1m])) * 1000`,
      ],
    ],
  ])("of %s are the reference's", (provider, queries) => {
    expect(asked(provider)).toEqual(queries);
  });

  it.each(PROVIDER_NAMES)('are there for %s', (provider) => {
    expect(asked(provider).every((query) => query.startsWith(' '))).toBe(true);
  });

  it.each(PROVIDER_NAMES)('of %s answer in milliseconds once they are scaled', (provider) => {
    const { duration, durationScale } = observerOf(provider, DEPLOYMENT);
    const isInSeconds = duration.includes('_seconds_') && !duration.endsWith(' * 1000');
    expect(durationScale).toBe(isInSeconds ? 1000 : 1);
  });

  it.each(['kubernetes', 'gatewayapi:v1', 'appmesh'])(
    'of %s read the pods of a DaemonSet, and never those of its primary',
    (provider) => {
      for (const query of asked(provider, DAEMONSET)) {
        const [, pattern = ''] = /kubernetes_pod_name=~"([^"]*)"/.exec(query) ?? [];
        const pods = new RegExp(`^(?:${pattern})$`);
        expect(pods.test('the-target-x7k2p')).toBe(true);
        expect(pods.test('the-target-primary-x7k2p')).toBe(false);
      }
    },
  );
});
