/**
 * One controller at its limits. First 5,000 Canaries on a simulated API server in another process: the controller's bundle
 * initialises them, is started anew, and then has nothing to do. Then 200 blue/green rollouts of three 10 s iterations at
 * once on a real control plane, against what the same control plane needs in the same run for the two waves of pods alone.
 * Goals: idle at most 700 MB and 0.3 of a core, 30 s from start to synced; 30 s plus 1.3 times the waves, at most 30
 * requests each (the reference on two such cores: 158 s, 91 requests each, 10.2 s of CPU, 87 MB).
 */
import { setTimeout as wait } from 'node:timers/promises';
import { KINDS } from '../../shared/api/kinds.ts';
import { serveEndpoint } from '../support/endpoint.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { atMost, type Bench, type Report, type Site } from './bench.ts';
import { type BenchCluster, openBest, openSimulated } from './cluster.ts';
import { cpuOfProcess, memoryOfProcess } from './cpu.ts';
import { median, range, shown } from './numbers.ts';
import { follow, inPhase } from './phases.ts';
import { type ControllerProgram, readMetric, startControllerProgram } from './programs.ts';
import { measureWaves } from './waves.ts';
import { inParallel, install, NAME, namespacesFor, newRevision } from './workload.ts';

const CANARIES = 5000;
const ROLLOUTS = 200;
const IDLE_S = 60;
const SETTLE_MS = 10_000;
const PATIENCE_S = 1800;
const ANALYSIS_S = 30;

const secondsSince = (from: number): number => (performance.now() - from) / 1000;

/** The controller has looked at every Canary: each has its series. */
const synced = async (controller: ControllerProgram, canaries: number): Promise<void> => {
  while ((await readMetric(controller.health, 'flagger_canary_status')).count < canaries) await wait(250);
};

const idleReport = async (site: Site, cluster: BenchCluster): Promise<Report> => {
  const from = performance.now();
  const controller = await startControllerProgram(site, cluster.kubeconfig);
  try {
    await synced(controller, CANARIES);
    const toSync = secondsSince(from);
    const startCpu = cpuOfProcess(controller.pid) / 1000;
    await wait(SETTLE_MS);
    const cpu = cpuOfProcess(controller.pid);
    await wait(IDLE_S * 1000);
    const cores = (cpuOfProcess(controller.pid) - cpu) / (IDLE_S * 1000);
    const { now, most } = memoryOfProcess(controller.pid);
    return {
      title: `SCALE: ${CANARIES} Canaries, controller started anew`,
      headings: ['', 'value'],
      rows: [
        { cells: ['start to synced, s', shown(toSync)], verdict: atMost(toSync, 30, ' s') },
        { cells: ['CPU until then, s', shown(startCpu)] },
        { cells: ['idle, cores', shown(cores)], verdict: atMost(cores, 0.3, '') },
        { cells: ['resident, MB', shown(now)], verdict: atMost(now, 700, ' MB') },
        { cells: ['resident at most, MB', shown(most)] },
      ],
    };
  } finally {
    await controller.stop();
  }
};

const many = async (site: Site): Promise<Report[]> => {
  const cluster = await openSimulated(site);
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

/** Wall seconds of each rollout, and its requests. */
const rollAll = async (cluster: BenchCluster, namespaces: readonly string[]) => {
  const canaries = await follow(cluster.kube, KINDS.canary);
  try {
    const from = Date.now();
    await inParallel(namespaces, (namespace) => newRevision(cluster.kube, namespace, '2'));
    const test = inPhase('Succeeded');
    const ended = await canaries.all({ what: 'rolled out', name: NAME, namespaces, test, seconds: PATIENCE_S });
    await wait(SETTLE_MS);
    const counts = new Map<string, number>();
    for (const { at, namespace } of cluster.requests())
      if (at >= from) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
    return {
      seconds: namespaces.map((namespace) => ((ended.get(namespace) ?? 0) - from) / 1000),
      requests: namespaces.map((namespace) => counts.get(namespace) ?? 0),
    };
  } finally {
    canaries.stop();
  }
};

const together = async (site: Site): Promise<Report[]> => {
  const metrics = await serveEndpoint(new ScriptedPrometheus());
  const cluster = await openBest(site);
  try {
    site.say(`${ROLLOUTS} times two waves of pods`);
    const waves = (await measureWaves(cluster.kube, 'plain', ROLLOUTS)).map((ms) => ms / 1000);
    const least = waves.reduce((sum, seconds) => sum + seconds, 0);
    const namespaces = namespacesFor('together', ROLLOUTS);
    await install(cluster.kube, 'bluegreen-hpa', namespaces);
    const controller = await startControllerProgram(site, cluster.kubeconfig, [
      '--metrics-server',
      `http://${metrics.host}`,
    ]);
    try {
      const canaries = await follow(cluster.kube, KINDS.canary);
      const test = inPhase('Initialized');
      await canaries.all({ what: 'initialised', name: NAME, namespaces, test, seconds: PATIENCE_S });
      canaries.stop();
      await wait(SETTLE_MS);
      site.say(`${ROLLOUTS} rollouts`);
      const cpu = cpuOfProcess(controller.pid);
      const { seconds, requests } = await rollAll(cluster, namespaces);
      const used = (cpuOfProcess(controller.pid) - cpu) / 1000;
      const last = Math.max(...seconds);
      const limit = Number((ANALYSIS_S + 1.3 * least).toFixed(1));
      return [
        {
          title: `SCALE: ${ROLLOUTS} rollouts of three iterations at once on a ${cluster.name}`,
          headings: ['', 'value', 'lowest–highest'],
          rows: [
            { cells: ['all ended after, s', shown(last), range(seconds)], verdict: atMost(last, limit, ' s') },
            {
              cells: ['requests each', shown(median(requests)), range(requests)],
              verdict: atMost(median(requests), 30, ''),
            },
            { cells: ['CPU of the controller, s', shown(used), ''] },
            { cells: ['resident at most, MB', shown(memoryOfProcess(controller.pid).most), ''] },
          ],
          notes: [`the two waves of pods alone take ${waves.map((one) => `${shown(one)} s`).join(' and ')}`],
        },
      ];
    } finally {
      await controller.stop();
    }
  } finally {
    await cluster.stop();
    await metrics.close();
  }
};

export const scale: Bench = {
  name: 'scale',
  about: '5,000 Canaries, and 200 rollouts at once; takes about ten minutes',
  onlyNamed: true,
  run: async (site) => [...(await together(site)), ...(await many(site))],
};
