/** Starts a control plane of its own: etcd, API server, controllers, scheduler, one node, and KEDA when wanted. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrograms, NOT_BUILT, type Programs } from './cache.ts';
import { type Child, type Command, lastLines, startChild } from './child.ts';
import {
  apiServerCommand,
  auditLogFile,
  controllerManagerCommand,
  etcdCommand,
  kwokCommand,
  NODE,
  type Site,
  schedulerCommand,
} from './components.ts';
import { eventually } from './eventually.ts';
import { attach, type ClusterHandle, type ControlPlaneInfo, writeKubeconfig } from './handle.ts';
import { startKeda } from './keda.ts';
import { writePki } from './pki.ts';
import { freePorts } from './ports.ts';
import { CONTROL_PLANE, REQUESTS } from './programs.ts';
import { FOLDER_PREFIX, sweepAbandoned, writeState } from './state.ts';

export interface ControlPlaneOptions {
  /** Controllers for Deployments, HPAs, endpoints, garbage collection; scheduler; kwok with one node. On by default. */
  readonly workloads?: boolean;
  /** Who runs the pods: kwok pretends to, or the caller does. kwok by default. */
  readonly kubelet?: 'kwok' | 'caller';
  /** The KEDA operator and metrics adapter. Off by default; needs `workloads`. */
  readonly keda?: boolean;
  /** Record each API request in `auditLog`. Off by default. */
  readonly audit?: boolean;
  /** Go on after this process has ended; `endControlPlane(folder)` ends it then. */
  readonly leaveRunning?: boolean;
}

export interface ControlPlane extends ClusterHandle {
  /** Process ids of its programs. */
  pids(): readonly number[];
  /** Ends every program, the API server before etcd, and removes the folder. */
  stop(): Promise<void>;
}

/** Resolves when the API server says that it is ready. */
const isReady = (site: Site): Promise<boolean> =>
  new Promise((resolve) => {
    const { pki, ports } = site;
    const probe = request(
      {
        host: '127.0.0.1',
        port: ports.api,
        path: '/readyz',
        ca: readFileSync(pki.caFile),
        cert: readFileSync(pki.admin.certificate),
        key: readFileSync(pki.admin.key),
        agent: false,
        timeout: 2_000,
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === 200));
      },
    );
    probe.on('timeout', () => probe.destroy());
    probe.on('error', () => resolve(false));
    probe.end();
  });

class Starter {
  readonly children: Child[] = [];
  readonly #folder: string;
  readonly #leaveRunning: boolean;

  constructor(folder: string, leaveRunning: boolean) {
    this.#folder = folder;
    this.#leaveRunning = leaveRunning;
    if (!leaveRunning) process.once('exit', this.#killAll);
  }

  readonly #killAll = (): void => {
    for (const child of this.children) if (child.exitReason() === undefined) process.kill(child.pid, 'SIGKILL');
  };

  readonly start = (command: Command): Child => {
    const child = startChild(command, this.#folder, this.#leaveRunning);
    this.children.push(child);
    writeState(this.#folder, this.#leaveRunning ? 0 : process.pid, this.children);
    return child;
  };

  /** Waits for `look`; a program that ends meanwhile is a failure that shows its last words. */
  readonly waitFor = async (what: string, look: () => Promise<boolean>): Promise<void> => {
    let dead: Child | undefined;
    await eventually(
      async () => {
        dead = this.children.find((child) => child.exitReason() !== undefined);
        return dead !== undefined || (await look());
      },
      { what, timeoutMs: 120_000 },
    );
    if (dead !== undefined)
      throw new Error(`${dead.name} ended with ${dead.exitReason()}:\n${lastLines(dead.logFile)}`);
  };

  /** In reverse: clients first; the API server hangs for a minute when etcd goes before it. */
  readonly stop = async (): Promise<void> => {
    const servers = ['kube-apiserver', 'etcd'];
    await Promise.all(this.children.filter((child) => !servers.includes(child.name)).map((child) => child.stop(3_000)));
    for (const name of servers) await this.children.find((child) => child.name === name)?.stop();
    process.removeListener('exit', this.#killAll);
  };
}

const prepare = async (folder: string, programs: Programs): Promise<Site> => {
  const [etcd, etcdPeer, api] = (await freePorts(3)) as [number, number, number];
  const certificates = join(folder, 'pki');
  mkdirSync(certificates);
  const pki = await writePki(certificates);
  const server = `https://127.0.0.1:${api}`;
  const kubeconfig = writeKubeconfig(join(folder, 'kubeconfig'), { server, caFile: pki.caFile }, pki.admin);
  return { folder, programs, pki, kubeconfig, ports: { etcd, etcdPeer, api } };
};

const READY = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'pods are processes' };
const NOT_READY = 'node.kubernetes.io/not-ready';

/** Without a heartbeat that anybody looks at: ready once is ready for ever. */
const addReadyNode = async (cluster: ClusterHandle): Promise<void> => {
  const now = new Date().toISOString();
  const conditions = [{ ...READY, lastHeartbeatTime: now, lastTransitionTime: now }];
  await cluster.apply({ ...NODE, status: { ...NODE.status, conditions } });
  await cluster.kubectl(['taint', 'node', NODE.metadata.name, `${NOT_READY}-`]);
};

const startWorkloads = async (
  site: Site,
  cluster: ClusterHandle,
  starter: Starter,
  kubelet: 'kwok' | 'caller',
): Promise<void> => {
  starter.start(controllerManagerCommand(site, kubelet === 'kwok' ? '*' : '*,-node-lifecycle-controller'));
  starter.start(schedulerCommand(site));
  if (kubelet === 'kwok') starter.start(kwokCommand(site));
  await (kubelet === 'kwok' ? cluster.apply(NODE) : addReadyNode(cluster));
  const answers = async (args: readonly string[]): Promise<string> => (await cluster.kubectl(args)).stdout;
  await starter.waitFor('the node to be ready', async () => {
    const path = '{.status.conditions[?(@.type=="Ready")].status}{.spec.taints}';
    return (await answers(['get', 'node', NODE.metadata.name, '-o', `jsonpath=${path}`])) === 'True';
  });
  await starter.waitFor('the controllers to work', async () => {
    return (
      (await answers(['get', 'serviceaccount', 'default', '-n', 'default', '--ignore-not-found', '-o', 'name'])) !== ''
    );
  });
};

const infoOf = (site: Site, options: ControlPlaneOptions): ControlPlaneInfo => ({
  server: `https://127.0.0.1:${site.ports.api}`,
  folder: site.folder,
  kubeconfig: site.kubeconfig,
  caFile: site.pki.caFile,
  programs: site.programs,
  environment: { KUBECONFIG: site.kubeconfig, KUBECACHEDIR: join(site.folder, 'kubectl-cache') },
  keda: options.keda ?? false,
  auditLog: options.audit === true ? auditLogFile(site.folder) : undefined,
});

const startAll = async (site: Site, starter: Starter, options: ControlPlaneOptions): Promise<ClusterHandle> => {
  starter.start(etcdCommand(site));
  starter.start(apiServerCommand(site, options.audit ?? false));
  await starter.waitFor('the API server to be ready', () => isReady(site));
  const cluster = attach(infoOf(site, options));
  if (options.workloads ?? true) await startWorkloads(site, cluster, starter, options.kubelet ?? 'kwok');
  if (options.keda ?? false) await startKeda(site, cluster, starter.start, starter.waitFor);
  return cluster;
};

/**
 * Starts a fresh control plane in a temporary folder and resolves when it is ready (about 6 s, with KEDA 12 s).
 * Throws an Error with NOT_BUILT when this machine has no programs, or with the last words of the program that failed.
 */
export const startControlPlane = async (options: ControlPlaneOptions = {}): Promise<ControlPlane> => {
  const found = findPrograms(options.kubelet === 'caller' ? REQUESTS : CONTROL_PLANE);
  const needed = found.missing.filter((name) => options.keda === true || !name.startsWith('keda'));
  if (needed.length > 0) throw new Error(NOT_BUILT);
  await sweepAbandoned();
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  const starter = new Starter(folder, options.leaveRunning ?? false);
  const stop = async (): Promise<void> => {
    await starter.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const cluster = await startAll(await prepare(folder, found.programs), starter, options);
    return { ...cluster, pids: () => starter.children.map(({ pid }) => pid), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
