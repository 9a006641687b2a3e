/** API servers to measure against: a real control plane, or a simulated one in a process of its own. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKube, type KubeClient } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { findPrograms } from '../apiserver/control-plane/cache.ts';
import { startControlPlane } from '../apiserver/control-plane/start.ts';
import type { Site } from './bench.ts';
import { cpuOfProcess } from './cpu.ts';
import { startProgram } from './programs.ts';
import { BENCH_VERSION, readAuditLog, readSimRecord, type SeenRequest } from './requests.ts';

export interface BenchCluster {
  /** `real control plane` or `simulated API server`. */
  readonly name: string;
  readonly isReal: boolean;
  readonly kubeconfig: string;
  readonly kube: KubeClient;
  /** All requests of controllers so far, in order. */
  requests(): SeenRequest[];
  /** Milliseconds of CPU of its programs so far, all together. */
  cpuMs(): number;
  stop(): Promise<void>;
}

const clientFor = async (kubeconfig: string): Promise<KubeClient> =>
  createKube(await loadConnection({ kubeconfig }), { clock: systemClock, version: BENCH_VERSION });

/** Our kinds are served. Controllers for workloads run and pods are ready after a second, or there are no pods at all. */
export const openSimulated = async (site: Site, pods: 'real' | 'ready at once' = 'real'): Promise<BenchCluster> => {
  const folder = mkdtempSync(join(site.folder, 'simulated-'));
  const [kubeconfig, record] = [join(folder, 'kubeconfig'), join(folder, 'requests.jsonl')];
  const file = fileURLToPath(new URL('api-server.ts', import.meta.url));
  const program = startProgram(['--import', 'tsx', file, kubeconfig, record, pods], site.env);
  await program.line((line) => line['msg'] === 'listens');
  const kube = await clientFor(kubeconfig);
  return {
    name: 'simulated API server',
    isReal: false,
    kubeconfig,
    kube,
    requests: () => readSimRecord(record),
    cpuMs: () => cpuOfProcess(program.pid),
    async stop() {
      kube.close();
      await program.stop();
    },
  };
};

/** Without any kinds of ours yet. Throws when this machine has no control plane. */
const openReal = async (): Promise<BenchCluster> => {
  const plane = await startControlPlane({ audit: true });
  const kube = await clientFor(plane.kubeconfig);
  const applied = await plane.kubectl(['apply', '--server-side', '-f', CRDS]);
  if (applied.code !== 0) throw new Error(applied.stderr);
  const served = ['wait', '--for=condition=established', '--timeout=60s', '-f', CRDS];
  await plane.kubectl(served);
  return {
    name: 'real control plane',
    isReal: true,
    kubeconfig: plane.kubeconfig,
    kube,
    requests: () => readAuditLog(plane.auditLog ?? ''),
    cpuMs: () => plane.pids().reduce((sum, pid) => sum + cpuOfProcess(pid), 0),
    async stop() {
      kube.close();
      await plane.stop();
    },
  };
};

const CRDS = fileURLToPath(new URL('../../charts/kubectl-canary/crds', import.meta.url));

/** A real control plane where this machine has one built, else a simulated one, and says so. */
export const openBest = async (site: Site): Promise<BenchCluster> => {
  const { missing } = findPrograms();
  const needed = missing.filter((name) => !name.startsWith('keda') && name !== 'helm');
  if (needed.length === 0) return openReal();
  site.say('no real control plane on this machine; `npm run control-plane` builds one');
  return openSimulated(site);
};
