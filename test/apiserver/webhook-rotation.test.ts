import { afterAll, beforeAll, expect, it } from 'vitest';
import { KINDS } from '../../shared/api/kinds.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import { CanaryError } from '../../shared/errors.ts';
import { createKube, type KubeClient } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { withAnalysis } from '../make/canary.ts';
import { eventually } from './control-plane/eventually.ts';
import { sharedCluster } from './shared-cluster.ts';
import { WebhookSite } from './webhook-site.ts';

/** An authority is due 20 s after it was made; a leaf every 8 s. With Fail, a call that API servers cannot make is a refused write. */
const SHORT_LIVES = [
  '--ca-life',
  '60s',
  '--leaf-life',
  '12s',
  '--cert-check',
  '500ms',
  '--cert-settle',
  '3s',
  '--cert-retire',
  '3s',
];

let site: WebhookSite;
let kube: KubeClient;

const canary = (analysis: object = {}): KubeObject => site.canary(withAnalysis(analysis));

/** A write that the API server only makes when the webhook answered; undefined: accepted. */
const attempt = async (object: KubeObject): Promise<string | undefined> => {
  try {
    await kube.create(KINDS.canary, object, { dryRun: true });
    return undefined;
  } catch (error) {
    return error instanceof CanaryError ? `${error.message}: ${error.because}` : String(error);
  }
};

beforeAll(async () => {
  const cluster = sharedCluster();
  site = await WebhookSite.open(cluster, 'webhook-rotation');
  kube = createKube(await loadConnection({ kubeconfig: cluster.kubeconfig }));
  await site.start('--failure-policy', 'Fail', ...SHORT_LIVES);
});

afterAll(async () => {
  kube?.close();
  await site?.close();
});

/** The number of authorities that API servers are told to trust. */
const authorities = async (): Promise<number> => {
  const live = await kube.get({ kind: KINDS.validatingWebhook, namespace: '', name: site.place.name });
  const [hook] = live['webhooks'] as { clientConfig: { caBundle: string } }[];
  return (
    Buffer.from(hook?.clientConfig.caBundle ?? '', 'base64')
      .toString()
      .split('BEGIN CERTIFICATE').length - 1
  );
};

it('changes its authority twice, with old and new side by side, while every write is judged', async () => {
  const stages = (): unknown[] =>
    site.process.log.filter((line) => line['msg'] === 'certificate stage').map((line) => line['stage']);
  const bundles = new Set<number>();
  const failures: string[] = [];
  let calls = 0;
  const callsUntilDone = async (): Promise<boolean> => {
    for (let i = 0; i < 10; i += 1) {
      const refusal = await attempt(canary());
      calls += 1;
      if (refusal !== undefined) failures.push(refusal);
    }
    bundles.add(await authorities());
    return stages().filter((stage) => stage === 'steady').length >= 3;
  };
  await eventually(callsUntilDone, { what: 'two changes of authority', timeoutMs: 180_000, everyMs: 50 });

  const change = ['publish', 'settle', 'retire', 'steady'];
  expect(stages().slice(0, 9)).toEqual(['steady', ...change, ...change]);
  expect([...bundles].toSorted((a, b) => a - b)).toEqual([1, 2]);
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThan(100);
  expect(await attempt(canary({ interval: '1h' }))).toContain('[CANARY-DUR-002]');
});
