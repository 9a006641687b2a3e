/** Three rollouts that together use every right of the controller: one per traffic provider, with all that they read. */
import type { KubeObject } from '../../shared/api/kube.ts';
import { aCanary, withAnalysis, withAutoscaler, withMetrics, withSpec, withWeights } from '../make/canary.ts';
import { aDeployment, withPodSpec } from '../make/deployment.ts';
import { type Modifier, named } from '../make/modify.ts';
import { aScaledObject, aTrigger, withTriggers } from '../make/scaled-object.ts';

const IMAGE = 'example.org/podinfo:1.0.0';

/** `name` everywhere that `podinfo` stands: labels, selectors, targets. */
const called =
  (name: string, namespace: string): Modifier<KubeObject> =>
  (object) =>
    named(name, namespace)(JSON.parse(JSON.stringify(object).replaceAll('podinfo', name)) as KubeObject);

const place = (object: object, name: string, namespace: string, as = name): KubeObject =>
  named(as, namespace)(called(name, namespace)(object as KubeObject));

/** What the target's containers read: some that can change, and some that must be made anew, as their copies must. */
export const configs = (namespace: string, text: string): KubeObject[] =>
  ['ConfigMap', 'Secret'].flatMap((kind) =>
    ['live', 'fixed'].map((name) => ({
      apiVersion: 'v1',
      kind,
      metadata: { name, namespace },
      ...(kind === 'Secret' ? { stringData: { text } } : { data: { text } }),
      ...(name === 'fixed' && { immutable: true }),
    })),
  );

const envFrom = ['live', 'fixed'].flatMap((name) => [{ configMapRef: { name } }, { secretRef: { name } }]);
const reading = withPodSpec({ containers: [{ name: 'podinfo', image: IMAGE, envFrom }] });

const template = (namespace: string, address: string): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'MetricTemplate',
  metadata: { name: 'custom', namespace },
  spec: { provider: { type: 'prometheus', address }, query: `custom_metric{namespace="${namespace}"}` },
});

const chat = (namespace: string, address: string): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'AlertProvider',
  metadata: { name: 'chat', namespace },
  spec: { type: 'slack', address: `${address}/alert/${namespace}/chat` },
});

const alerts = [{ name: 'chat', severity: 'info', providerRef: { name: 'chat' } }] as const;

const customMetric = withMetrics({
  name: 'custom',
  templateRef: { name: 'custom' },
  thresholdRange: { min: 1 },
  interval: '1m',
});

/** Blue/green with KEDA: `podinfo`, in one namespace. */
export const blueGreen = (namespace: string, metrics: string): KubeObject[] => [
  ...configs(namespace, 'one'),
  template(namespace, metrics),
  chat(namespace, metrics),
  place(aDeployment(reading), 'podinfo', namespace),
  place(aScaledObject(withTriggers(aTrigger())), 'podinfo', namespace, 'podinfo-so'),
  place(
    aCanary(withAnalysis({ iterations: 1, threshold: 1, alerts: [...alerts] }), customMetric, withAutoscaler()),
    'podinfo',
    namespace,
  ),
];

const backend = (name: string) => ({ service: { name, port: { number: 80 } } });

/** NGINX with an HPA, whose Canary gives everything back when it goes: `web`. */
export const ingress = (namespace: string): KubeObject[] => {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const paths = [{ path: '/', pathType: 'Prefix', backend: backend('web') }];
  const hpa = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' } as const;
  const routed = withSpec({
    provider: 'nginx',
    ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' },
    revertOnDeletion: true,
  });
  return [
    place(aDeployment(), 'web', namespace),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web', namespace },
      spec: { rules: [{ http: { paths } }] },
    },
    { ...hpa, metadata: { name: 'web', namespace }, spec: { scaleTargetRef: target, minReplicas: 1, maxReplicas: 2 } },
    place(
      aCanary(withWeights(50, 50), withMetrics(), withAutoscaler({ ...hpa, name: 'web' }), routed),
      'web',
      namespace,
    ),
  ];
};

/** Traefik: `edge`, behind a Service that was there before. */
export const edge = (namespace: string): KubeObject[] => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'edge', namespace },
    spec: { selector: { app: 'edge' }, ports: [{ port: 80 }] },
  },
  place(aDeployment(), 'edge', namespace),
  place(aCanary(withWeights(50, 50), withMetrics(), withSpec({ provider: 'traefik' })), 'edge', namespace),
];

/** Blue/green of a DaemonSet: `agent`. */
export const daemon = (namespace: string): KubeObject[] => {
  const { spec, ...rest } = aDeployment() as unknown as KubeObject & { spec: Record<string, unknown> };
  const { selector, template: pods } = spec;
  const set = { ...rest, kind: 'DaemonSet', spec: { selector, template: pods } };
  const targetRef = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'podinfo' } as const;
  return [
    place(set, 'agent', namespace),
    place(aCanary(withAnalysis({ iterations: 1 }), withMetrics(), withSpec({ targetRef })), 'agent', namespace),
  ];
};

export const TRAEFIK_SERVICE = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'TraefikService',
  plural: 'traefikservices',
  namespaced: true,
};
