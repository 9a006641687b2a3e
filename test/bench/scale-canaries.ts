/**
 * One controller with 5,000 Canaries, on a simulated API server in another process: the controller's bundle initialises
 * them, is started anew, and then has nothing to do.
 * Goals: idle at most 700 MB, 0.3 of a core and no request but for Leases, one watch per kind; 30 s from start to synced.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { KINDS } from '../../shared/api/kinds.ts';
import { atMost, type Bench, type Report, type Site } from './bench.ts';
import { type BenchCluster, openSimulated } from './cluster.ts';
import { cpuOfProcess, memoryOfProcess } from './cpu.ts';
import { shown } from './numbers.ts';
import { follow, inPhase } from './phases.ts';
import { startControllerProgram, synced } from './programs.ts';
import { install, NAME, namespacesFor } from './workload.ts';

const CANARIES = 5000;
const IDLE_S = 60;
const SETTLE_MS = 10_000;
const PATIENCE_S = 1800;

const secondsSince = (from: number): number => (performance.now() - from) / 1000;

const idleReport = async (site: Site, cluster: BenchCluster): Promise<Report> => {
  const [from, started] = [performance.now(), Date.now()];
  const controller = await startControllerProgram(site, cluster.kubeconfig);
  try {
    await synced(controller, CANARIES);
    const toSync = secondsSince(from);
    const startCpu = cpuOfProcess(controller.pid) / 1000;
    await wait(SETTLE_MS);
    const atStart = cluster.requests().filter(({ at }) => at >= started);
    const watched = atStart.filter(({ verb }) => verb === 'watch').map(({ resource }) => resource);
    const idleFrom = Date.now();
    const cpu = cpuOfProcess(controller.pid);
    await wait(IDLE_S * 1000);
    const asked = cluster.requests().filter(({ at, resource }) => at >= idleFrom && resource !== KINDS.lease.plural);
    const cores = (cpuOfProcess(controller.pid) - cpu) / (IDLE_S * 1000);
    const { now, most } = memoryOfProcess(controller.pid);
    return {
      title: `SCALE: ${CANARIES} Canaries, controller started anew`,
      headings: ['', 'value'],
      rows: [
        { cells: ['start to synced, s', shown(toSync)], verdict: atMost(toSync, 30, ' s') },
        { cells: ['CPU until then, s', shown(startCpu)] },
        { cells: ['idle, cores', shown(cores)], verdict: atMost(cores, 0.3, '') },
        { cells: ['idle, API requests', shown(asked.length)], verdict: atMost(asked.length, 0, '') },
        {
          cells: ['watches per kind', shown(watched.length / new Set(watched).size)],
          verdict: atMost(watched.length / new Set(watched).size, 1, ''),
        },
        { cells: ['resident, MB', shown(now)], verdict: atMost(now, 700, ' MB') },
        { cells: ['resident at most, MB', shown(most)] },
      ],
    };
  } finally {
    await controller.stop();
  }
};

const many = async (site: Site): Promise<Report[]> => {
  const cluster = await openSimulated(site, 'ready at once');
  try {
    const namespaces = namespacesFor('many', CANARIES);
    site.say(`creating ${CANARIES} Canaries`);
    await install(cluster.kube, 'bluegreen-hpa', namespaces);
    const canaries = await follow(cluster.kube, KINDS.canary);
    site.say('initialising them');
    const from = performance.now();
    const controller = await startControllerProgram(site, cluster.kubeconfig);
    const test = inPhase('Initialized');
    await canaries.all({ what: 'initialised', name: NAME, namespaces, test, seconds: PATIENCE_S });
    canaries.stop();
    const took = secondsSince(from);
    const cpu = cpuOfProcess(controller.pid) / 1000;
    await controller.stop();
    site.say('starting anew');
    const report = await idleReport(site, cluster);
    const note = `initialising all took ${shown(took)} s of time and ${shown(cpu)} s of the controller's CPU`;
    return [{ ...report, notes: [note] }];
  } finally {
    await cluster.stop();
  }
};

export const scaleCanaries: Bench = {
  name: 'scale-canaries',
  about: 'one controller with 5,000 Canaries',
  run: many,
};
