import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/platform/clock.ts';
import { startControllers } from '../../shared/sim/controllers/index.ts';
import { createSimServer } from '../../shared/sim/server.ts';
import { type KubectlOnServer, kubectlSuite } from '../conformance/server/kubectl.ts';
import { runCommand } from './control-plane/handle.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();

const onSimulatedServer = (tls: boolean) => async (): Promise<KubectlOnServer> => {
  const server = createSimServer({ clock: systemClock, createNamespaces: false });
  const controllers = startControllers(server, { clock: systemClock, readyAfterMs: 200 });
  const listening = await server.listen({ tls });
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-sim-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, listening.kubeconfig);
  // Discovery is cached by address: a port that was used before must not bring back another server's kinds.
  const env = { KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, 'cache') };
  return {
    kubectl: (args, options = {}) => runCommand(cluster.programs.paths.kubectl, args, { env, ...options }),
    async stop() {
      controllers.stop();
      await listening.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

kubectlSuite('the simulated server', onSimulatedServer(false));
kubectlSuite('the simulated server over HTTPS', onSimulatedServer(true));
kubectlSuite('the real server', async () => ({ kubectl: cluster.kubectl, stop: () => {} }));
