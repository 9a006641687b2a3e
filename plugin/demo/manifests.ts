/** The three shops of the demo: one release goes well, one is bad, one waits for a person. */
import { KINDS } from '../../shared/api/kinds.ts';
import type { KubeObject } from '../../shared/api/kube.ts';

export const NAMESPACE = 'shop';
export const PROMETHEUS = 'http://prometheus.demo:9090';
export const GATE = 'http://gate.demo/';

/** Read by the metric model: what Prometheus measures of a revision, in percent. */
const SUCCESS = 'sim.kubectl-canary/success';

const deployment = (name: string): KubeObject => ({
  apiVersion: KINDS.deployment.apiVersion,
  kind: KINDS.deployment.kind,
  metadata: { name, namespace: NAMESPACE },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name }, annotations: { [SUCCESS]: '99.8' } },
      spec: {
        containers: [
          { name: 'app', image: `ghcr.io/example/${name}:1.0.0`, ports: [{ name: 'http', containerPort: 8080 }] },
        ],
      },
    },
  },
});

interface Rollout {
  name: string;
  spec: Record<string, unknown>;
  analysis: Record<string, unknown>;
}

const canary = ({ name, spec, analysis }: Rollout): KubeObject => ({
  apiVersion: KINDS.canary.apiVersion,
  kind: KINDS.canary.kind,
  metadata: { name, namespace: NAMESPACE },
  spec: {
    targetRef: { apiVersion: KINDS.deployment.apiVersion, kind: KINDS.deployment.kind, name },
    service: { port: 80, targetPort: 8080 },
    ...spec,
    analysis: {
      interval: '10s',
      threshold: 1,
      metrics: [{ name: 'request-success-rate', interval: '1m', thresholdRange: { min: 99 } }],
      ...analysis,
    },
  },
});

const QUERY = 'sum(rate(http_requests_total{app="cart"}[30s]))';
const PRIMARY_QUERY = 'sum(rate(http_requests_total{app="cart-primary"}[30s]))';

/** The ScaledObject of the cart; `triggerName` empty leaves its trigger without a name. */
export const scaledObject = (triggerName: string): KubeObject => ({
  apiVersion: KINDS.scaledObject.apiVersion,
  kind: KINDS.scaledObject.kind,
  metadata: { name: 'cart', namespace: NAMESPACE },
  spec: {
    scaleTargetRef: { name: 'cart' },
    pollingInterval: 2,
    minReplicaCount: 1,
    maxReplicaCount: 5,
    triggers: [
      {
        type: 'prometheus',
        ...(triggerName !== '' && { name: triggerName }),
        metadata: { serverAddress: PROMETHEUS, query: QUERY, threshold: '10' },
      },
    ],
  },
});

const ingress: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'search', namespace: NAMESPACE },
  spec: {
    ingressClassName: 'public',
    rules: [
      {
        host: 'search.example.com',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'search', port: { number: 80 } } } }],
        },
      },
    ],
  },
};

/** What is applied at first. Which traffic provider splits by an Ingress is the caller's to say. */
export const firstObjects = (byIngress: string): KubeObject[] => [
  deployment('cart'),
  scaledObject('requests'),
  canary({
    name: 'cart',
    spec: {
      autoscalerRef: {
        apiVersion: KINDS.scaledObject.apiVersion,
        kind: KINDS.scaledObject.kind,
        name: 'cart',
        primaryScalerQueries: { requests: PRIMARY_QUERY },
        primaryScalerReplicas: { minReplicas: 2, maxReplicas: 6 },
      },
    },
    analysis: { iterations: 2 },
  }),
  deployment('ads'),
  canary({ name: 'ads', spec: {}, analysis: { iterations: 3 } }),
  deployment('search'),
  ingress,
  canary({
    name: 'search',
    spec: { provider: byIngress, ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'search' } },
    analysis: {
      stepWeight: 50,
      maxWeight: 50,
      webhooks: [{ name: 'release-manager', type: 'confirm-promotion', url: GATE }],
    },
  }),
];

/** A new revision; `success` is the share of its requests that succeed. */
export const release = (name: string, success: string): unknown => ({
  spec: {
    template: {
      metadata: { annotations: { [SUCCESS]: success } },
      spec: {
        containers: [
          { name: 'app', image: `ghcr.io/example/${name}:2.0.0`, ports: [{ name: 'http', containerPort: 8080 }] },
        ],
      },
    },
  },
});

/** What KEDA sees: the primary is busier than the canary. */
export const loadOf = (query: string): number => (query.includes('-primary') ? 30 : 20);
