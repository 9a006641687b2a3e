import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../shared/api/kinds.ts';
import { refTo } from '../../shared/api/kube.ts';
import { createCache } from '../../shared/kube/cache.ts';
import { createKube, type KubeClient } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { createLease } from '../../shared/kube/lease.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { silentLog } from '../../shared/platform/log.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { cacheSuite } from '../conformance/cache/suite.ts';
import { removePlaces } from '../conformance/kube/fixture.ts';
import { sharedCluster } from './shared-cluster.ts';

/** A write gets the time between two renewals: a busy machine needs more than a quiet one. */
const DURATION_MS = 5000;

const connect = async (): Promise<KubeClient> =>
  createKube(await loadConnection({ kubeconfig: sharedCluster().kubeconfig, env: {} }));

cacheSuite('watches over a real API server', { watches: true }, async () => {
  const kube = await connect();
  const cache = createCache({ kube, clock: systemClock, random: systemRandom, log: silentLog });
  return {
    kube,
    cache,
    async stop() {
      cache.close();
      await removePlaces(kube);
      kube.close();
    },
  };
});

describe('a Lease on a real API server', () => {
  const lease = refTo(KINDS.lease, '', 'conformance');
  let kube: KubeClient;
  let namespace = '';
  beforeAll(async () => {
    kube = await connect();
    namespace = await sharedCluster().namespace('lease');
  });
  afterAll(async () => {
    await kube.remove(refTo(KINDS.namespace, '', namespace));
    kube.close();
  });

  const contender = (identity: string) =>
    createLease({
      kube,
      clock: systemClock,
      random: systemRandom,
      namespace,
      name: lease.name,
      identity,
      durationMs: DURATION_MS,
      renewMs: 1500,
    });

  it('is kept, given back, and taken over from one who is gone', async () => {
    const [one, two, three] = [contender('one'), contender('two'), contender('three')];
    await one.acquire();
    expect(await two.tryAcquire()).toBe(false);
    await one.release();
    expect(await two.tryAcquire()).toBe(true);
    const started = systemClock.monotonic();
    await three.acquire();
    expect(systemClock.monotonic() - started).toBeGreaterThanOrEqual(DURATION_MS);
    expect([two.held(), three.held()]).toEqual([false, true]);
    const { spec } = (await kube.get({ ...lease, namespace })) as unknown as { spec: object };
    expect(spec).toMatchObject({
      holderIdentity: 'three',
      leaseTransitions: 2,
      leaseDurationSeconds: DURATION_MS / 1000,
    });
    await three.release();
  });
});
