import type { Kind } from './kube.ts';

const kind = (apiVersion: string, kindName: string, plural: string, namespaced = true): Kind => ({
  apiVersion,
  kind: kindName,
  plural,
  namespaced,
});

/** Every kind that the core itself names. A traffic provider's kinds stand in that provider's own file. */
export const KINDS = {
  canary: kind('flagger.app/v1beta1', 'Canary', 'canaries'),
  metricTemplate: kind('flagger.app/v1beta1', 'MetricTemplate', 'metrictemplates'),
  alertProvider: kind('flagger.app/v1beta1', 'AlertProvider', 'alertproviders'),
  deployment: kind('apps/v1', 'Deployment', 'deployments'),
  daemonSet: kind('apps/v1', 'DaemonSet', 'daemonsets'),
  replicaSet: kind('apps/v1', 'ReplicaSet', 'replicasets'),
  controllerRevision: kind('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  service: kind('v1', 'Service', 'services'),
  knativeService: kind('serving.knative.dev/v1', 'Service', 'services'),
  knativeRevision: kind('serving.knative.dev/v1', 'Revision', 'revisions'),
  configMap: kind('v1', 'ConfigMap', 'configmaps'),
  secret: kind('v1', 'Secret', 'secrets'),
  event: kind('v1', 'Event', 'events'),
  namespace: kind('v1', 'Namespace', 'namespaces', false),
  hpa: kind('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  scaledObject: kind('keda.sh/v1alpha1', 'ScaledObject', 'scaledobjects'),
  lease: kind('coordination.k8s.io/v1', 'Lease', 'leases'),
  crd: kind('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', false),
  mutatingWebhook: kind(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    false,
  ),
  validatingWebhook: kind(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    false,
  ),
} as const satisfies Record<string, Kind>;
