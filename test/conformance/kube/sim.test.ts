import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type Kind, refTo } from '../../../shared/api/kube.ts';
import type { Kube } from '../../../shared/engine/ports.ts';
import { createKube } from '../../../shared/kube/client.ts';
import { loadConnection } from '../../../shared/kube/config.ts';
import { noCredentials } from '../../../shared/kube/credentials.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { createSimServer } from '../../../shared/sim/server.ts';
import { kubeSuite } from './suite.ts';

const HISTORY = 40;

/** Moves the server on until it has forgotten the version that it had before. */
const forget = async (kube: Kube): Promise<{ kind: Kind; version: string }> => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'busy', namespace: 'default' } };
  const first = await kube.create(KINDS.configMap, object);
  const ref = refTo(KINDS.configMap, 'default', 'busy');
  for (let count = 0; count <= 2 * HISTORY; count += 1) await kube.patch(ref, { data: { count: String(count) } });
  await kube.remove(ref);
  return { kind: KINDS.configMap, version: first.metadata.resourceVersion ?? '' };
};

const newServer = () => createSimServer({ clock: systemClock, historyLimit: HISTORY });

kubeSuite('the simulated server, in memory', async () => {
  const { kube } = newServer();
  return { kube, tooOld: () => forget(kube), stop: () => {} };
});

kubeSuite('our client to the simulated server over HTTP', async () => {
  const listening = await newServer().listen();
  const kube = createKube(
    {
      server: listening.url,
      namespace: 'default',
      contextName: '',
      credentials: noCredentials,
      requestTimeoutMs: 10_000,
      warnings: [],
    },
    { pageSize: 3 },
  );
  return {
    kube,
    tooOld: () => forget(kube),
    async stop() {
      kube.close();
      await listening.close();
    },
  };
});

kubeSuite('our client to the simulated server over HTTPS, by its kubeconfig', async () => {
  const listening = await newServer().listen({ tls: true });
  const folder = await mkdtemp(join(tmpdir(), 'kube-suite-'));
  await writeFile(join(folder, 'config'), listening.kubeconfig);
  const kube = createKube(await loadConnection({ kubeconfig: join(folder, 'config'), env: {} }));
  return {
    kube,
    tooOld: () => forget(kube),
    async stop() {
      kube.close();
      await listening.close();
      await rm(folder, { recursive: true });
    },
  };
});
