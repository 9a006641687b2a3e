import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
let namespace = '';

const deployment = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'registry.example/web:1.0.0' }] },
    },
  },
});

beforeAll(async () => {
  namespace = await cluster.namespace('control-plane');
});

afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

describe('the control plane under the tests', () => {
  it('rolls a Deployment out to ready pods with addresses', async () => {
    await cluster.apply(deployment(2));
    const rollout = await cluster.kubectl(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=60s']);
    expect(rollout).toMatchObject({ code: 0, stdout: expect.stringContaining('successfully rolled out') as string });
    const pods = await cluster.kubectl(['get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[*].status.podIP}']);
    expect(pods.stdout.split(' ')).toHaveLength(2);
  });

  it('refuses a ServiceAccount what no role grants, by name', async () => {
    await cluster.kubectl(['create', 'serviceaccount', 'nobody', '-n', namespace]);
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, 'nobody');
    const answer = await cluster.kubectl(['get', 'pods', '-n', namespace], { kubeconfig });
    expect(answer.code).toBe(1);
    expect(answer.stderr).toContain(`system:serviceaccount:${namespace}:nobody`);
  });

  it('answers undefined for an object that does not exist', async () => {
    expect(await cluster.get('configmap', 'absent', namespace)).toBeUndefined();
  });
});
