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
import { median, range, shown } from './numbers.ts';
import { follow, inPhase } from './phases.ts';
import { startControllerProgram } from './programs.ts';
import { measureWaves } from './waves.ts';
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

/** Seconds of the first and the second wave of pods. */
const waves = async ({ kube }: BenchCluster, prefix: string): Promise<readonly number[]> =>
  (await measureWaves(kube, prefix, ROLLOUTS)).map((ms) => ms / 1000);

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const words = (seconds: readonly number[]): string => seconds.map((one) => `${shown(one)} s`).join(' and ');

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
    const cpu = cpuOfProcess(controller.pid);
    const rolled = await rollAll(cluster, namespaces);
    const cpuSeconds = (cpuOfProcess(controller.pid) - cpu) / 1000;
    return { ...rolled, cpuSeconds, megabytes: memoryOfProcess(controller.pid).most };
  } finally {
    await controller.stop();
  }
};

const together = async (site: Site): Promise<Report[]> => {
  const cluster = await openBest(site);
  try {
    site.say(`${ROLLOUTS} times two waves of pods`);
    const before = await waves(cluster, 'before');
    const { seconds, requests, cpuSeconds, megabytes } = await measure(site, cluster);
    site.say('the waves once more');
    const after = await waves(cluster, 'after');
    const last = Math.max(...seconds);
    const limit = Number((ANALYSIS_S + (1.3 * (sumOf(before) + sumOf(after))) / 2).toFixed(1));
    const each = median(requests);
    return [
      {
        title: `SCALE: ${ROLLOUTS} rollouts of three iterations at once on a ${cluster.name}`,
        headings: ['', 'value', 'lowest–highest'],
        rows: [
          { cells: ['all ended after, s', shown(last), range(seconds)], verdict: atMost(last, limit, ' s') },
          { cells: ['requests each', shown(each), range(requests)], verdict: atMost(each, 30, '') },
          { cells: ['CPU of the controller, s', shown(cpuSeconds), ''] },
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
