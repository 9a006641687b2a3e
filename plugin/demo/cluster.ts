/** A cluster in this process, and in it what a user would install: our controller and our webhook. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startController } from '../../shared/engine/controller.ts';
import type { Cache, Clock, Kube, Log } from '../../shared/engine/ports.ts';
import { DEFAULT_SETTINGS } from '../../shared/engine/settings.ts';
import { CanaryError, messageOf } from '../../shared/errors.ts';
import { createCache } from '../../shared/kube/cache.ts';
import { createKube } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { createMetrics } from '../../shared/platform/metrics.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { startControllers } from '../../shared/sim/controllers/index.ts';
import { installCrds } from '../../shared/sim/install.ts';
import { createMetricsModel, valuesByRevision } from '../../shared/sim/metrics-model.ts';
import { prometheusRoute } from '../../shared/sim/prometheus.ts';
import { createSimServer } from '../../shared/sim/server.ts';
import { createSimHttp, routeFor } from '../../shared/sim/sim-http.ts';
import { shardLeases } from '../drive/leases.ts';
import { programFile } from '../program-file.ts';
import { GATE, loadOf, PROMETHEUS } from './manifests.ts';

export interface DemoCluster {
  readonly url: string;
  /** Path of a kubeconfig that every Kubernetes client understands. */
  readonly kubeconfig: string;
  /** As a user's client has it, over HTTP. */
  readonly kube: Kube;
  readonly cache: Cache;
  /** True once the webhook answers; false where it is not installed. */
  readonly webhook: Promise<boolean>;
  close(): Promise<void>;
}

/** Of Kubernetes itself, and KEDA. */
const CONTROLLERS = ['deployment', 'replicaset', 'pod', 'hpa', 'keda', 'garbage', 'namespace'] as const;
const WEBHOOK_BUNDLE = 'kubectl-canary-webhook.cjs';
/** A start-up that takes longer than this has failed. */
const WEBHOOK_PATIENCE_MS = 20_000;

const portRefused = (error: unknown, port: number): CanaryError => {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const why = isTaken ? `port ${port} is in use` : `cannot listen on port ${port}: ${messageOf(error)}`;
  return new CanaryError('USAGE', why, { remedy: 'kubectl canary demo --port 0        takes any free one' });
};

/** `log` hears the controller: the events of the rollouts. Throws USAGE when the port cannot be had. */
export const startCluster = async (clock: Clock, port: number, log: Log): Promise<DemoCluster> => {
  const server = createSimServer({ clock });
  await installCrds(server);
  const controllers = startControllers(server, { clock, load: loadOf, only: CONTROLLERS });
  const model = createMetricsModel();
  model.use(valuesByRevision(server));
  const http = createSimHttp([
    prometheusRoute(model, PROMETHEUS, () => clock.now()),
    routeFor(GATE, () => ({ status: 403, body: 'not yet' })),
  ]);
  const listening = await server.listen({ port }).catch((error: unknown) => {
    controllers.stop();
    throw portRefused(error, port);
  });
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-demo-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, listening.kubeconfig, { mode: 0o600 });
  const client = createKube(await loadConnection({ kubeconfig, env: {}, interactive: false }));
  const metrics = await createMetrics();
  const cache = createCache({ kube: client, clock, random: systemRandom, log, metrics });
  const settings = { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes', metricsServer: PROMETHEUS };
  const controller = await startController({
    kube: client,
    cache,
    http,
    clock,
    random: systemRandom,
    log,
    metrics,
    settings,
    shards: shardLeases({ kube: client, clock, namespace: 'kube-system' }, ''),
  });
  const webhook = startWebhook(kubeconfig);
  return {
    url: listening.url,
    kubeconfig,
    kube: client,
    cache,
    webhook: webhook.ready,
    async close() {
      await webhook.stop();
      await controller.stop();
      controllers.stop();
      cache.close();
      client.close();
      await listening.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

interface WebhookProcess {
  readonly ready: Promise<boolean>;
  stop(): Promise<void>;
}

/** The real webhook as a process of its own, registered with the simulated server by itself. */
const startWebhook = (kubeconfig: string): WebhookProcess => {
  const file = join(dirname(programFile()), WEBHOOK_BUNDLE);
  if (!existsSync(file)) return { ready: Promise.resolve(false), stop: () => Promise.resolve() };
  const flags = ['--kubeconfig', kubeconfig, '--register', '--url', 'https://127.0.0.1:0', '--address', '127.0.0.1'];
  const ports = ['--port', '0', '--health-port', '0', '--mesh-provider', 'kubernetes'];
  const child = spawn(process.execPath, [file, ...flags, ...ports], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ready = untilServing(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    ready,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
};

const untilServing = (child: ChildProcess): Promise<boolean> =>
  new Promise((resolve) => {
    const patience = setTimeout(() => resolve(false), WEBHOOK_PATIENCE_MS);
    const settle = (isReady: boolean) => {
      clearTimeout(patience);
      resolve(isReady);
    };
    let seen = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      seen = `${seen}${text}`.slice(-10_000);
      if (seen.includes('webhook serves')) settle(true);
    });
    child.once('exit', () => settle(false));
    child.once('error', () => settle(false));
  });
