import { afterAll, beforeAll, expect, it } from 'vitest';
import { KINDS } from '../../shared/api/kinds.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import { CanaryError } from '../../shared/errors.ts';
import { createKube, type KubeClient } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { aCanary, withAnalysis } from '../make/canary.ts';
import { named } from '../make/modify.ts';
import { eventually } from './control-plane/eventually.ts';
import { sharedCluster } from './shared-cluster.ts';
import { startWebhookProcess, type WebhookPlace, type WebhookProcess, webhookRights } from './webhook-process.ts';

/** An authority is due 20 s after it was made; a leaf every 8 s. With Fail, a call that API servers cannot make is a refused write. */
const SHORT_LIVES = ['--ca-life', '60s', '--leaf-life', '12s', '--cert-check', '500ms', '--cert-settle', '3s', '--cert-retire', '3s'];

const cluster = sharedCluster();
const replicas: WebhookProcess[] = [];
let place: WebhookPlace;
let namespace = '';
let kube: KubeClient;

const canary = (analysis: object = {}): KubeObject =>
  named('podinfo', namespace)(aCanary(withAnalysis(analysis)) as unknown as KubeObject);

/** A write that the API server only makes when the webhook answered; undefined: accepted. */
const attempt = async (object: KubeObject): Promise<string | undefined> => {
  try {
    await kube.create(KINDS.canary, object, { dryRun: true });
    return undefined;
  } catch (error) {
    return error instanceof CanaryError ? `${error.message}: ${error.because}` : String(error);
  }
};

const start = async (): Promise<WebhookProcess> => {
  // One address for all replicas would need a balancer; each in turn is the one that API servers call.
  const replica = await startWebhookProcess(place, ['--mesh-provider', 'kubernetes', '--failure-policy', 'Fail', ...SHORT_LIVES]);
  replicas.push(replica);
  return replica;
};

beforeAll(async () => {
  await cluster.kubectl(['apply', '--server-side', '-f', 'charts/kubectl-canary/crds']);
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd/canaries.flagger.app', '--timeout=60s']);
  namespace = await cluster.namespace('rotation');
  const home = await cluster.namespace('rotation-home');
  await cluster.apply(...webhookRights(home, home));
  place = { cluster, home, name: home, judged: [namespace], kubeconfig: await cluster.serviceAccountKubeconfig(home, 'webhook') };
  kube = createKube(await loadConnection({ kubeconfig: cluster.kubeconfig }));
});

afterAll(async () => {
  for (const replica of replicas) await replica.end();
  kube?.close();
  await cluster.kubectl(['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', place.name, '--ignore-not-found']);
  await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', place.name, '--ignore-not-found']);
  await cluster.kubectl(['delete', 'namespace', namespace, place.home, '--wait=false']);
});

it('changes its authority twice, with old and new side by side, while every write is judged', async () => {
  const webhook = await start();
  await eventually(async () => (await attempt(canary({ interval: '1h' })))?.includes('[CANARY-DUR-002]'), { what: 'the webhook to be in force' });

  const stages = (): unknown[] => webhook.log.filter((line) => line['msg'] === 'certificate stage').map((line) => line['stage']);
  const bundles = new Set<number>();
  const failures: string[] = [];
  let calls = 0;
  await eventually(
    async () => {
      for (let i = 0; i < 10; i += 1) {
        const refusal = await attempt(canary());
        calls += 1;
        if (refusal !== undefined) failures.push(refusal);
      }
      const live = await kube.get({ kind: KINDS.validatingWebhook, namespace: '', name: place.name });
      const pem = Buffer.from((live['webhooks'] as { clientConfig: { caBundle: string } }[])[0]?.clientConfig.caBundle ?? '', 'base64');
      bundles.add(pem.toString().split('BEGIN CERTIFICATE').length - 1);
      return stages().filter((stage) => stage === 'steady').length >= 3;
    },
    { what: 'two changes of authority', timeoutMs: 180_000, everyMs: 50 },
  );

  expect(stages().slice(0, 9)).toEqual(['steady', 'publish', 'settle', 'retire', 'steady', 'publish', 'settle', 'retire', 'steady']);
  expect([...bundles].sort()).toEqual([1, 2]);
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThan(100);
});
