/** The controller's composition root: engine, Kubernetes and this machine. */

import { KINDS } from '../../shared/api/kinds.ts';
import { refTo } from '../../shared/api/kube.ts';
import { type Controller, startController } from '../../shared/engine/controller.ts';
import { CONTROLLER_NAMESPACE, LEASE_SELECTORS } from '../../shared/engine/lease-names.ts';
import type { Kube } from '../../shared/engine/ports.ts';
import { EXIT, hasCode, messageOf } from '../../shared/errors.ts';
import { createCache } from '../../shared/kube/cache.ts';
import { createKube } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { createHttp } from '../../shared/platform/http.ts';
import { createLog, parseLogLevel } from '../../shared/platform/log.ts';
import { createMetrics } from '../../shared/platform/metrics.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { buildInfo } from '../build-info.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import { globalAlerts } from '../drive/alerts.ts';
import { startHealth } from '../drive/health.ts';
import { shardLeases } from '../drive/leases.ts';
import { engineSettings } from '../drive/settings.ts';

import type { Io } from '../io.ts';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const connectionOf = (input: Input, io: Io) => {
  const [kubeconfig, context] = [input.text('kubeconfig') ?? '', input.text('context')];
  return loadConnection({
    ...(kubeconfig === '' ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    env: io.env,
    interactive: false,
  });
};

/** A namespace that every cluster has, for a controller that is tried out from a laptop. */
const FALLBACK_NAMESPACE = 'kube-system';

/** Where the Lease lives: as the flags say, the watched namespace, our own in a pod, else the usual one if it exists. */
const leaseNamespace = async (input: Input, io: Io, kube: Kube): Promise<string> => {
  const told = input.text('leader-election-namespace') || input.text('namespace') || io.env['POD_NAMESPACE'];
  if (told !== undefined && told !== '') return told;
  try {
    await kube.get(refTo(KINDS.namespace, '', CONTROLLER_NAMESPACE), { signal: io.signal });
    return CONTROLLER_NAMESPACE;
  } catch (error) {
    if (hasCode(error, 'API_NOT_FOUND')) return FALLBACK_NAMESPACE;
    if (hasCode(error, 'API_FORBIDDEN')) return CONTROLLER_NAMESPACE;
    throw error;
  }
};

/** Everything that lives as long as the process, and how to end it. */
const openAll = async (input: Input, io: Io) => {
  const level = parseLogLevel(input.text('log-level') ?? 'info');
  const log = createLog({ clock: io.clock, level, write: (line) => io.stderr.write(line) });
  const alerts = globalAlerts(input, io.env);
  if (alerts.problem !== undefined) log.error(alerts.problem);
  const settings = engineSettings(input, alerts.to === undefined ? {} : { globalAlerts: alerts.to }, io.env);
  const connection = await connectionOf(input, io);
  const kube = createKube(connection, { clock: io.clock, version: buildInfo.version });
  const metrics = await createMetrics();
  metrics.set('flagger_info', { version: buildInfo.version, mesh_provider: settings.meshProvider }, 1);
  const namespace = input.text('namespace') ?? '';
  const scope = namespace === '' ? {} : { namespace };
  const ports = { kube, clock: io.clock, random: systemRandom, log, metrics };
  const cache = createCache({ ...ports, labelSelectors: LEASE_SELECTORS, ...scope });
  const http = createHttp({ clock: io.clock, env: io.env });
  const close = async (): Promise<void> => {
    cache.close();
    await http.close();
    kube.close();
  };
  return { deps: { ...ports, cache, http, settings }, metrics, connection, namespace, close };
};

const serve = async (input: Input, io: Io): Promise<number> => {
  const { deps, metrics, connection, namespace, close } = await openAll(input, io);
  const { kube, log, settings } = deps;
  let controller: Controller | undefined;
  const isReady = () => controller !== undefined;
  const health = await startHealth({ port: input.text('port') ?? '8080', isReady, metrics });
  try {
    const where = await leaseNamespace(input, io, kube);
    const shards = shardLeases({ kube, clock: io.clock, namespace: where }, namespace);
    log.info('controller starts', {
      version: buildInfo.version,
      server: connection.server,
      context: connection.contextName,
      port: health.port,
      namespace,
      lease: where,
      provider: settings.meshProvider,
    });
    // Rights that are missing are told at once.
    const first = await shards.leases[0]?.look(io.signal);
    if (first !== undefined) log.info('sharing with others', { holder: first.identity });
    controller = await startController({ ...deps, shards });
    await aborted(io.signal);
    log.info('controller ends', { reason: messageOf(io.signal.reason) });
    await controller.stop();
    return EXIT.done;
  } finally {
    controller = undefined;
    await close();
    await health.close();
  }
};

export const run: Run = async (input, io) => {
  if (input.flag('version')) {
    io.stdout.write(`kubectl-canary v${buildInfo.version} (${buildInfo.commit})\n`);
    return EXIT.done;
  }
  return serve(input, io);
};
