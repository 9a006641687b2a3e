/** Everything that real requests need, running inside the test's own network namespace. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cache } from '../../shared/engine/ports.ts';
import { messageOf } from '../../shared/errors.ts';
import { createCache } from '../../shared/kube/cache.ts';
import { createKube, type KubeClient } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { silentLog } from '../../shared/platform/log.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { findPrograms, noDataPlane } from '../apiserver/control-plane/cache.ts';
import { type Child, lastLines, startChild } from '../apiserver/control-plane/child.ts';
import { eventually } from '../apiserver/control-plane/eventually.ts';
import type { ClusterHandle } from '../apiserver/control-plane/handle.ts';
import { DATA_PLANES, type DataPlane } from '../apiserver/control-plane/programs.ts';
import { startControlPlane } from '../apiserver/control-plane/start.ts';
import { buildProgram } from '../apiserver/plugin-program.ts';
import { serveEndpoint } from '../support/endpoint.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { startContour } from './planes/contour.ts';
import type { Plane, PlaneSite } from './planes/plane.ts';
import { startTraefik } from './planes/traefik.ts';
import { type PodRunner, startPodRunner } from './pods/pod-runner.ts';

const STARTERS: Readonly<Record<DataPlane, (site: PlaneSite) => Promise<Plane>>> = {
  contour: startContour,
  traefik: startTraefik,
};

export interface World {
  readonly cluster: ClusterHandle;
  readonly kube: KubeClient;
  readonly cache: Cache;
  readonly pods: PodRunner;
  readonly plane: Plane;
  /** What analyses are answered; 100 % success unless told otherwise. */
  readonly prometheus: ScriptedPrometheus;
  /** Throws when a program ended or a pod could not be run. */
  assertHealthy(): void;
  stop(): Promise<void>;
}

const CHART_CRDS = fileURLToPath(new URL('../../charts/kubectl-canary/crds', import.meta.url));

const installKinds = async (cluster: ClusterHandle, folders: readonly string[]): Promise<void> => {
  const files = folders.flatMap((folder) => ['-f', folder]);
  const applied = await cluster.kubectl(['apply', '--server-side', ...files]);
  if (applied.code !== 0) throw new Error(`the kinds: ${applied.stderr.trim()}`);
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...files]);
};

/** Programs of one run: any of them that ends by itself is a failure that shows its last words. */
const createSite = (cluster: ClusterHandle, closers: (() => Promise<void>)[]) => {
  const children: Child[] = [];
  const assertAlive = (): void => {
    const dead = children.find((child) => child.exitReason() !== undefined);
    if (dead !== undefined) throw new Error(`${dead.name} ended: ${dead.exitReason()}\n${lastLines(dead.logFile)}`);
  };
  const site: PlaneSite = {
    cluster,
    start: (command) => {
      const child = startChild(command, cluster.folder);
      children.push(child);
      closers.push(() => child.stop(3_000));
      return child;
    },
    waitFor: async (what, look) => {
      const seen = (): Promise<boolean> | true =>
        children.some((child) => child.exitReason() !== undefined) ? true : look();
      const lastWords = (): string => children.map(({ name, logFile }) => `${name}: ${lastLines(logFile)}`).join('\n');
      await eventually(seen, { what }).catch((error: unknown) => {
        throw new Error(`${messageOf(error)}\n${lastWords()}`);
      });
      assertAlive();
    },
  };
  return { site, assertAlive };
};

const openClient = async (cluster: ClusterHandle, closers: (() => Promise<void>)[]) => {
  const kube = createKube(await loadConnection({ kubeconfig: cluster.kubeconfig }), { clock: systemClock });
  const cache = createCache({ kube, clock: systemClock, random: systemRandom, log: silentLog });
  closers.push(async () => {
    cache.close();
    kube.close();
  });
  return { kube, cache };
};

const startAll = async (name: DataPlane, closers: (() => Promise<void>)[]): Promise<Omit<World, 'stop'>> => {
  const cluster = await startControlPlane({ kubelet: 'caller' });
  closers.push(() => cluster.stop());
  const program = await buildProgram();
  closers.push(async () => program.remove());
  await installKinds(cluster, [CHART_CRDS, cluster.programs.crds[name]]);
  const { kube, cache } = await openClient(cluster, closers);
  const pods = await startPodRunner({ cluster, kube, cache });
  closers.push(() => pods.stop());
  const prometheus = new ScriptedPrometheus();
  const served = await serveEndpoint(prometheus);
  closers.push(() => served.close());
  const { site, assertAlive } = createSite(cluster, closers);
  const plane = await STARTERS[name](site);
  const flags = [
    '--kubeconfig',
    cluster.kubeconfig,
    '--metrics-server',
    `http://${served.host}`,
    '--port',
    '127.0.0.1:0',
  ];
  site.start({ name: 'controller', file: join(program.folder, 'bin/kubectl-canary'), args: ['controller', ...flags] });
  const assertHealthy = (): void => {
    assertAlive();
    if (pods.problems.length > 0) throw new Error(pods.problems.join('\n'));
  };
  return { cluster, kube, cache, pods, plane, prometheus, assertHealthy };
};

/** Starts all of it in about fifteen seconds. Throws outside a namespace of its own, and when a program is missing. */
export const startWorld = async (name: DataPlane): Promise<World> => {
  if (process.env['KUBECTL_CANARY_NAMESPACE'] !== 'own')
    throw new Error(`start this with \`npm run test:e2e -- ${name}\``);
  if (findPrograms(DATA_PLANES[name]).missing.length > 0) throw new Error(noDataPlane(name));
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.reverse()) await close();
  };
  try {
    return { ...(await startAll(name, closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
