/**
 * 200 blue/green rollouts of three 10 s iterations at once on a real control plane, against what the same control plane
 * needs in the same run for the two waves of pods alone: measured before and after, since other programs may keep the
 * machine busy. Without autoscalers, whose own requests would be most of all.
 * Goals: 30 s plus 1.3 times the waves, at most 30 requests each (the reference on two such cores: 158 s, 91 requests
 * each, 10.2 s of CPU, 87 MB).
 */
import { setTimeout as wait } from 'node:timers/promises';
import { KINDS } from '../../shared/api/kinds.ts';
import { atMost, type Bench, type Report, type Site } from './bench.ts';
import { type BenchCluster, openBest } from './cluster.ts';
import { cpuOfProcess, memoryOfProcess } from './cpu.ts';
import { median, range, shown, times } from './numbers.ts';
import { follow, inPhase } from './phases.ts';
import { startControllerProgram } from './programs.ts';
import { measureWaves, type Waves } from './waves.ts';
import { inParallel, install, NAME, namespacesFor, newRevision, withoutAutoscaler } from './workload.ts';

const ROLLOUTS = 200;
const SETTLE_MS = 10_000;
const PATIENCE_S = 1800;
const ANALYSIS_S = 30;

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

const secondsOf = ({ ms }: Waves): number => (ms[0] + ms[1]) / 1000;

const words = ({ ms }: Waves): string => ms.map((one) => `${shown(one / 1000)} s`).join(' and ');

/** All Canaries are initialised and left alone before their rollouts begin. */
const measure = async (site: Site, cluster: BenchCluster) => {
  const namespaces = namespacesFor('together', ROLLOUTS);
  await install(cluster.kube, 'bluegreen-hpa', namespaces, withoutAutoscaler);
  const controller = await startControllerProgram(site, cluster.kubeconfig);
  try {
    const canaries = await follow(cluster.kube, KINDS.canary);
    const test = inPhase('Initialized');
    await canaries.all({ what: 'initialised', name: NAME, namespaces, test, seconds: PATIENCE_S });
    canaries.stop();
    await wait(SETTLE_MS);
    site.say(`${ROLLOUTS} rollouts`);
    const [cpu, serversCpu] = [cpuOfProcess(controller.pid), cluster.cpuMs()];
    const rolled = await rollAll(cluster, namespaces);
    const cpuMs = cpuOfProcess(controller.pid) - cpu;
    return {
      ...rolled,
      cpuMs,
      serversCpuMs: cluster.cpuMs() - serversCpu,
      megabytes: memoryOfProcess(controller.pid).most,
    };
  } finally {
    await controller.stop();
  }
};

const together = async (site: Site): Promise<Report[]> => {
  const cluster = await openBest(site);
  try {
    site.say(`${ROLLOUTS} times two waves of pods`);
    const before = await measureWaves(cluster, 'before', ROLLOUTS);
    const { seconds, requests, cpuMs, serversCpuMs, megabytes } = await measure(site, cluster);
    site.say('the waves once more');
    const after = await measureWaves(cluster, 'after', ROLLOUTS);
    const last = Math.max(...seconds);
    const limit = Number((ANALYSIS_S + (1.3 * (secondsOf(before) + secondsOf(after))) / 2).toFixed(1));
    const each = median(requests);
    const wavesCpuMs = (before.cpuMs + after.cpuMs) / 2;
    return [
      {
        title: `SCALE: ${ROLLOUTS} rollouts of three iterations at once on a ${cluster.name}`,
        headings: ['', 'value', 'lowest–highest'],
        rows: [
          { cells: ['all ended after, s', shown(last), range(seconds)], verdict: atMost(last, limit, ' s') },
          { cells: ['requests each', shown(each), range(requests)], verdict: atMost(each, 30, '') },
          { cells: ['CPU of the controller, s', shown(cpuMs / 1000), ''] },
          { cells: ['CPU of the servers, s', shown(serversCpuMs / 1000), ''] },
          { cells: ['CPU of all to that of the waves', times(cpuMs + serversCpuMs, wavesCpuMs), ''] },
          { cells: ['resident at most, MB', shown(megabytes), ''] },
        ],
        notes: [`the two waves of pods alone take ${words(before)} before, ${words(after)} after`],
      },
    ];
  } finally {
    await cluster.stop();
  }
};

export const scaleRollouts: Bench = {
  name: 'scale-rollouts',
  about: '200 rollouts at once',
  run: together,
};
