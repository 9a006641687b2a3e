import type { Kube } from '../../../shared/engine/ports.ts';
import { createCache } from '../../../shared/kube/cache.ts';
import { createKube } from '../../../shared/kube/client.ts';
import { noCredentials } from '../../../shared/kube/credentials.ts';
import { directReads } from '../../../shared/kube/direct-reads.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { silentLog } from '../../../shared/platform/log.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import { createSimServer } from '../../../shared/sim/server.ts';
import { cacheSuite } from './suite.ts';

const cacheOver = (kube: Kube) => createCache({ kube, clock: systemClock, random: systemRandom, log: silentLog });

const overHttp = async () => {
  const listening = await createSimServer({ clock: systemClock }).listen();
  const kube = createKube({
    server: listening.url,
    namespace: 'default',
    contextName: '',
    credentials: noCredentials,
    requestTimeoutMs: 10_000,
    warnings: [],
  });
  const end = async (): Promise<void> => {
    kube.close();
    await listening.close();
  };
  return { kube, end };
};

cacheSuite('watches over the simulated server in memory', { watches: true }, async () => {
  const { kube } = createSimServer({ clock: systemClock });
  const cache = cacheOver(kube);
  return { kube, cache, stop: () => cache.close() };
});

cacheSuite('watches over HTTP', { watches: true }, async () => {
  const { kube, end } = await overHttp();
  const cache = cacheOver(kube);
  return {
    kube,
    cache,
    stop: () => {
      cache.close();
      return end();
    },
  };
});

cacheSuite('direct reads', { watches: false }, async () => {
  const { kube, end } = await overHttp();
  return { kube, cache: directReads(kube), stop: end };
});
