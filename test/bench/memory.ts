/**
 * Resident memory of the controller's bundle with 200 Canaries, each with its Deployment, autoscaler and what the
 * controller makes of them; the API server is simulated in another process and spoken to over HTTP.
 * Goal: under 150 MB, after the start and after all are initialised.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { KINDS } from '../../shared/api/kinds.ts';
import { atMost, type Bench, type Report, type Site } from './bench.ts';
import { openSimulated } from './cluster.ts';
import { memoryOfProcess } from './cpu.ts';
import { shown, times } from './numbers.ts';
import { follow, inPhase } from './phases.ts';
import { startControllerProgram, startProgram, synced } from './programs.ts';
import { install, NAME, namespacesFor } from './workload.ts';

const CANARIES = 200;
const GOAL_MB = 150;
const SETTLE_MS = 5000;
const PATIENCE_S = 300;

/** A Node that does nothing: what no program can be below. */
const bareMemory = async (site: Site): Promise<number> => {
  const bare = startProgram(['-e', 'console.log(0); setInterval(() => {}, 1000)'], site.env);
  await bare.line(() => true);
  const { now } = memoryOfProcess(bare.pid);
  await bare.stop();
  return now;
};

const run = async (site: Site): Promise<Report[]> => {
  const bare = await bareMemory(site);
  const cluster = await openSimulated(site);
  const namespaces = namespacesFor('memory', CANARIES);
  await install(cluster.kube, 'bluegreen-hpa', namespaces);
  const canaries = await follow(cluster.kube, KINDS.canary);
  const wish = { what: 'initialised', name: NAME, namespaces, test: inPhase('Initialized'), seconds: PATIENCE_S };
  try {
    const first = await startControllerProgram(site, cluster.kubeconfig);
    await canaries.all(wish);
    await wait(SETTLE_MS);
    const initialised = memoryOfProcess(first.pid);
    await first.stop();
    const second = await startControllerProgram(site, cluster.kubeconfig);
    await synced(second, CANARIES);
    await wait(SETTLE_MS);
    const started = memoryOfProcess(second.pid);
    await second.stop();
    const row = (what: string, { now, most }: typeof started) => ({
      cells: [what, shown(now), shown(most), times(now, bare)],
      verdict: atMost(most, GOAL_MB, ' MB'),
    });
    return [
      {
        title: `MEMORY: the controller with ${CANARIES} Canaries`,
        headings: ['', 'resident MB', 'at most', 'to bare node'],
        rows: [
          row('after it has initialised all', initialised),
          row('started with all initialised', started),
          { cells: ['bare node', shown(bare), '', '1.00x'] },
        ],
      },
    ];
  } finally {
    canaries.stop();
    await cluster.stop();
  }
};

export const memory: Bench = { name: 'memory', about: 'resident memory of the controller', run };
