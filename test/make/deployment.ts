import type { KubeObject } from '../../shared/api/kube.ts';
import type { Modifier } from './modify.ts';
import { modify } from './modify.ts';

export interface Container {
  name: string;
  image: string;
  [field: string]: unknown;
}

export interface PodSpec {
  containers: Container[];
  [field: string]: unknown;
}

export interface Deployment extends KubeObject {
  spec: {
    replicas?: number;
    selector: { matchLabels: Record<string, string> };
    template: { metadata: { labels: Record<string, string>; annotations?: Record<string, string> }; spec: PodSpec };
    [field: string]: unknown;
  };
  status?: Record<string, unknown>;
}

const plainDeployment = (): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'podinfo', namespace: 'test', labels: { app: 'podinfo' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'podinfo' } },
    template: {
      metadata: { labels: { app: 'podinfo' } },
      spec: {
        containers: [
          {
            name: 'podinfod',
            image: 'example.org/podinfo:1.0.0',
            ports: [{ name: 'http', containerPort: 9898, protocol: 'TCP' }],
          },
        ],
      },
    },
  },
});

/** `podinfo` in `test`: two replicas of one container, without a status. */
export const aDeployment = (...modifiers: Modifier<Deployment>[]): Deployment => modify(plainDeployment(), modifiers);

export const withReplicas =
  (replicas: number): Modifier<Deployment> =>
  (deployment) => ({ ...deployment, spec: { ...deployment.spec, replicas } });

export const withPodSpec =
  (fields: Partial<PodSpec>): Modifier<Deployment> =>
  (deployment) => {
    const { template } = deployment.spec;
    return {
      ...deployment,
      spec: { ...deployment.spec, template: { ...template, spec: { ...template.spec, ...fields } } },
    };
  };

/** Another image in the first container: a new revision. */
export const withImage =
  (image: string): Modifier<Deployment> =>
  (deployment) =>
    withPodSpec({
      containers: deployment.spec.template.spec.containers.map((container, at) =>
        at === 0 ? { ...container, image } : container,
      ),
    })(deployment);
