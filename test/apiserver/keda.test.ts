import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedEndpoint, serveEndpoint } from '../support/endpoint.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { eventually } from './control-plane/eventually.ts';
import { sharedCluster } from './shared-cluster.ts';

const prometheus = new ScriptedPrometheus();
const cluster = sharedCluster();
let namespace = '';
let served: ServedEndpoint;

const deployment = () => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'registry.example/web:1.0.0' }] },
    },
  },
});

const scaledObject = () => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'web', namespace },
  spec: {
    scaleTargetRef: { name: 'web' },
    pollingInterval: 2,
    cooldownPeriod: 5,
    minReplicaCount: 1,
    maxReplicaCount: 8,
    triggers: [
      {
        type: 'prometheus',
        metadata: {
          serverAddress: `http://${served.host}`,
          query: `sum(rate(requests{namespace="${namespace}"}[1m]))`,
          threshold: '10',
        },
      },
    ],
  },
});

const field = async (resource: string, name: string, path: string): Promise<string> =>
  (await cluster.kubectl(['get', resource, name, '-n', namespace, '--ignore-not-found', '-o', `jsonpath=${path}`]))
    .stdout;

const untilReplicas = (count: number): Promise<unknown> =>
  eventually(async () => (await field('deployment', 'web', '{.spec.replicas}')) === String(count), {
    what: `${count} replicas`,
    timeoutMs: 90_000,
  });

const untilAutoscaler = (exists: boolean): Promise<unknown> =>
  eventually(async () => ((await field('hpa', 'keda-hpa-web', '{.metadata.name}')) !== '') === exists, {
    what: exists ? 'an HPA' : 'no HPA',
    timeoutMs: 60_000,
  });

const annotate = async (pause: string): Promise<void> => {
  const result = await cluster.kubectl(['annotate', 'scaledobject', 'web', '-n', namespace, '--overwrite', pause]);
  expect(result.code, result.stderr).toBe(0);
};

beforeAll(async () => {
  served = await serveEndpoint(prometheus);
  namespace = await cluster.namespace('keda');
  prometheus.setValues(namespace, { success: 50 });
  await cluster.apply(deployment(), scaledObject());
});

afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await served.close();
});

describe('the real KEDA', () => {
  it('scales a Deployment by what its Prometheus query answers', async () => {
    await untilReplicas(5);
    prometheus.setValues(namespace, { success: 70 });
    await untilReplicas(7);
  });

  it('takes it to zero without an HPA while the pause annotation stands, and back when it goes', async () => {
    await annotate('autoscaling.keda.sh/paused-replicas=0');
    await untilReplicas(0);
    await untilAutoscaler(false);
    await annotate('autoscaling.keda.sh/paused-replicas-');
    await untilAutoscaler(true);
    await untilReplicas(7);
  });
});
