/**
 * Three controllers share Canaries over the Leases of shards; one is killed in the middle of 60 blue/green rollouts of
 * three 10 s iterations. A simulated API server in another process tells every state of every Canary.
 * Goals: its share is taken over within the Lease's 15 s, no iteration is lost or doubled.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Canary } from '../../shared/api/canary.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import { LEASE_DURATION_MS, SHARD_PREFIX, SHARDS } from '../../shared/engine/lease-names.ts';
import type { Kube } from '../../shared/engine/ports.ts';
import { atMost, type Bench, type Report, type Site } from './bench.ts';
import { openSimulated } from './cluster.ts';
import { shown } from './numbers.ts';
import { type Following, follow, inPhase } from './phases.ts';
import { startControllerProgram } from './programs.ts';
import { inParallel, install, NAME, namespacesFor, newRevision, withoutAutoscaler } from './workload.ts';

const CANARIES = 60;
const INTERVAL_S = 10;
const PATIENCE_S = 300;
const LOOK_MS = 100;
/** A status is written and told a little later than it was due. */
const TOLERANCE_S = 1;

/** Who holds each shard that is held. */
const holdersOf = async (kube: Kube): Promise<string[]> => {
  const { items } = await kube.list(KINDS.lease);
  const shards = items.filter(({ metadata }) => metadata.name.startsWith(SHARD_PREFIX));
  return shards.map((lease) => (lease['spec'] as { holderIdentity?: string }).holderIdentity ?? '').filter(Boolean);
};

/** Seconds until the holders are as wished. */
const until = async (kube: Kube, test: (holders: readonly string[]) => boolean): Promise<number> => {
  const from = performance.now();
  while (!test(await holdersOf(kube))) await wait(LOOK_MS);
  return (performance.now() - from) / 1000;
};

/** When each Canary was first seen in each iteration, in seconds. */
type Diary = Map<string, Map<number, number>>;

const keepDiary = (canaries: Following, diary: Diary): (() => void) =>
  canaries.each((object) => {
    const { metadata, status } = object as Canary;
    if (status?.phase !== 'Progressing') return;
    const days = diary.get(metadata.namespace ?? '') ?? new Map<number, number>();
    diary.set(metadata.namespace ?? '', days);
    const { iterations = 0 } = status;
    if (!days.has(iterations)) days.set(iterations, Date.now() / 1000);
  });

/** Iterations that came out of order, not at all, or sooner than an interval after the one before. */
const faultsOf = (days: ReadonlyMap<number, number>): number => {
  const seen = [...days].filter(([iteration]) => iteration > 0);
  const bad = seen.filter(([iteration, at], index) => {
    const before = seen[index - 1];
    return iteration !== index + 1 || (before !== undefined && at - before[1] < INTERVAL_S - TOLERANCE_S);
  });
  return bad.length + Math.max(0, 3 - seen.length);
};

const longestPause = (days: ReadonlyMap<number, number>): number => {
  const times = [...days.values()];
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)));
};

const report = (diary: Diary, tookOver: number, lost: number): Report => {
  const faults = [...diary.values()].reduce((sum, days) => sum + faultsOf(days), 0);
  const lease = LEASE_DURATION_MS / 1000;
  return {
    title: `SCALE: one of three controllers killed during ${CANARIES} rollouts`,
    headings: ['', 'value'],
    rows: [
      { cells: ['its share taken over after, s', shown(tookOver)], verdict: atMost(tookOver, lease, ' s') },
      { cells: ['iterations lost or doubled', shown(faults)], verdict: atMost(faults, 0, '') },
      { cells: ['longest from step to step, s', shown(Math.max(...[...diary.values()].map(longestPause)))] },
    ],
    notes: [`it held ${lost} of ${SHARDS} shards`],
  };
};

const run = async (site: Site): Promise<Report[]> => {
  const cluster = await openSimulated(site);
  const { kube } = cluster;
  const namespaces = namespacesFor('replicas', CANARIES);
  const canaries = await follow(kube, KINDS.canary);
  const all = (what: string, test: Parameters<Following['all']>[0]['test']) =>
    canaries.all({ what, name: NAME, namespaces, test, seconds: PATIENCE_S });
  const diary: Diary = new Map();
  const start = () => startControllerProgram(site, cluster.kubeconfig);
  await install(kube, 'bluegreen-hpa', namespaces, withoutAutoscaler);
  const first = await start();
  try {
    await all('initialised', inPhase('Initialized'));
    const [victim] = await holdersOf(kube);
    const others = [await start(), await start()];
    try {
      await until(kube, (holders) => new Set(holders).size === 3);
      const stop = keepDiary(canaries, diary);
      await inParallel(namespaces, (namespace) => newRevision(kube, namespace, '2'));
      await all('in analysis', (object) => ((object as Canary).status?.iterations ?? 0) >= 1);
      const lost = (await holdersOf(kube)).filter((holder) => holder === victim).length;
      process.kill(first.pid, 'SIGKILL');
      const tookOver = await until(kube, (holders) => !holders.includes(victim ?? ''));
      await all('rolled out', inPhase('Succeeded'));
      stop();
      return [report(diary, tookOver, lost)];
    } finally {
      for (const other of others) await other.stop();
    }
  } finally {
    canaries.stop();
    await first.stop();
    await cluster.stop();
  }
};

export const scaleReplicas: Bench = {
  name: 'scale-replicas',
  about: 'a controller killed while three share the work',
  run,
};
