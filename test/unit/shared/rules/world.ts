/** Objects that no rule has anything against, and the settings to judge them with. Tests change what they are about. */
import type { KubeObject } from '../../../../shared/api/kube.ts';
import type { Capabilities } from '../../../../shared/api/model.ts';
import { WEIGHTS_ONLY } from '../../../../shared/routing/router.ts';
import type { Input, Settings } from '../../../../shared/rules/input.ts';
import { relatedAmong } from '../../../../shared/rules/related.ts';

/** Free to be bent: tests write what no type admits. */
export type Loose = ReturnType<typeof JSON.parse>;

export const NAMESPACE = 'test';

const NOTHING_SPECIAL: Capabilities = { ...WEIGHTS_ONLY, match: ['header-exact'] };

const CAPABILITIES: ReadonlyMap<string, Capabilities> = new Map([
  ['kubernetes', { ...NOTHING_SPECIAL, weights: false, match: [], iterationsOnly: true }],
  ['nginx', { ...NOTHING_SPECIAL, jumpsOnMatch: true }],
  [
    'istio',
    {
      ...NOTHING_SPECIAL,
      everyPort: true,
      reads: ['hosts', 'gateways', 'delegation', 'timeout', 'retries', 'corsPolicy'],
      mirror: 'always',
      mirrorWeight: true,
      sessionAffinity: 'canary-and-primary',
      durations: 'go',
    },
  ],
  [
    'gatewayapi:v1',
    { ...NOTHING_SPECIAL, mirror: 'iterations', sessionAffinity: 'canary-and-primary', durations: 'gep-2257' },
  ],
  ['contour', { ...NOTHING_SPECIAL, preview: true, reads: ['timeout'] }],
  ['skipper', { ...NOTHING_SPECIAL, preview: true, entries: 'one', needs: 'ingressRef' }],
  ['apisix', { ...NOTHING_SPECIAL, match: ['cookie', 'header-exact'], entries: 'one-header-one-cookie' }],
  ['gloo', { ...NOTHING_SPECIAL, needs: 'gatewayRefs' }],
  ['appmesh', { ...NOTHING_SPECIAL, needs: 'meshName', retired: true }],
  ['traefik', { ...NOTHING_SPECIAL, match: [], mirror: 'always', sessionAffinity: 'own-cookies' }],
  ['knative', { ...NOTHING_SPECIAL, match: [], splitsTarget: true }],
]);

export const SETTINGS: Settings = {
  meshProvider: 'kubernetes',
  selectorLabels: ['app'],
  noCrossNamespaceRefs: false,
  providers: [...CAPABILITIES.keys()],
  capabilitiesOf: (provider) => CAPABILITIES.get(provider),
};

/** A weighted Canary on NGINX without anything to complain of. */
export const canary = (change: (it: Loose) => void = () => {}): KubeObject => {
  const it: Loose = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'podinfo', namespace: NAMESPACE },
    spec: {
      provider: 'nginx',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      progressDeadlineSeconds: 60,
      service: { port: 80, targetPort: 9898 },
      analysis: {
        interval: '30s',
        threshold: 3,
        stepWeight: 10,
        maxWeight: 50,
        metrics: [{ name: 'request-success-rate', interval: '1m', thresholdRange: { min: 99 } }],
        webhooks: [{ name: 'load', url: 'http://loadtester.test/', timeout: '5s' }],
      },
    },
  };
  change(it);
  return it as KubeObject;
};

/** The same with blue/green. */
export const blueGreen = (change: (it: Loose) => void = () => {}): KubeObject =>
  canary((it) => {
    it.spec.provider = 'kubernetes';
    delete it.spec.analysis.stepWeight;
    delete it.spec.analysis.maxWeight;
    it.spec.analysis.iterations = 3;
    change(it);
  });

/** Blue/green that scales by a ScaledObject, with a query of its own for the primary. */
export const kedaCanary = (change: (it: Loose) => void = () => {}): KubeObject =>
  blueGreen((it) => {
    it.spec.autoscalerRef = {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      name: 'podinfo-so',
      primaryScalerQueries: { prom: 'sum(rate(http_requests_total{app="podinfo-primary"}[1m]))' },
      primaryScalerReplicas: { minReplicas: 2, maxReplicas: 5 },
    };
    change(it);
  });

export const scaledObject = (change: (it: Loose) => void = () => {}): KubeObject => {
  const it: Loose = {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'podinfo-so', namespace: NAMESPACE },
    spec: {
      scaleTargetRef: { name: 'podinfo' },
      minReplicaCount: 1,
      maxReplicaCount: 5,
      triggers: [
        {
          type: 'prometheus',
          name: 'prom',
          metadata: {
            serverAddress: 'http://prometheus:9090',
            query: 'sum(rate(http_requests_total{app="podinfo"}[1m]))',
            threshold: '5',
          },
        },
      ],
    },
  };
  change(it);
  return it as KubeObject;
};

export const hpa = (change: (it: Loose) => void = () => {}): KubeObject => {
  const it: Loose = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'podinfo', namespace: NAMESPACE },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      minReplicas: 2,
      maxReplicas: 4,
    },
  };
  change(it);
  return it as KubeObject;
};

export const deployment = (change: (it: Loose) => void = () => {}): KubeObject => {
  const it: Loose = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'podinfo', namespace: NAMESPACE },
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'podinfo' }] } } },
  };
  change(it);
  return it as KubeObject;
};

export const alertProvider = (spec: Loose): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'AlertProvider',
  metadata: { name: 'chat', namespace: NAMESPACE },
  spec,
});

/** An input for the creation of an object, before any schema, with these other objects around. */
export const creating = (object: KubeObject, others: readonly KubeObject[] = [], more: Partial<Input> = {}): Input => ({
  kind: object.kind as Input['kind'],
  operation: 'CREATE',
  stage: 'all',
  object,
  namespace: NAMESPACE,
  mode: 'default',
  settings: SETTINGS,
  related: relatedAmong(others),
  ...more,
});

/** An input for a change of an object. */
export const changing = (
  oldObject: KubeObject,
  object: KubeObject,
  others: readonly KubeObject[] = [],
  more: Partial<Input> = {},
): Input => creating(object, others, { operation: 'UPDATE', oldObject, ...more });
