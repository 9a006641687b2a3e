/**
 * How long a rollout takes beside its analysis, and what it asks of the API server. On a real control plane where there
 * is one, the controller's bundle takes Canaries with two weight steps and with two and three iterations, 10 s each,
 * through a new revision; n steps take n intervals. What its pods need at the least is measured in the same run on plain
 * Deployments of the same template: one wave for the target, one for the primary. Requests are counted by the server,
 * from the new revision to 3 s after the end, events and the primary's included.
 * Goals: wall time without pods at most 1.15 times the analysis; at most 30 requests (the reference: 91).
 */
import { setTimeout as wait } from 'node:timers/promises';
import { KINDS } from '../../shared/api/kinds.ts';
import { atMost, type Bench, type Report, type Row, type Site } from './bench.ts';
import { type BenchCluster, openBest } from './cluster.ts';
import { median, range, shown } from './numbers.ts';
import { follow, inPhase } from './phases.ts';
import { startControllerProgram } from './programs.ts';
import { describeRequests, type SeenRequest } from './requests.ts';
import { measureWaves } from './waves.ts';
import { install, NAME, namespacesFor, newRevision } from './workload.ts';

const EACH = 5;
const INTERVAL_S = 10;
const AFTERMATH_MS = 3000;
const WALL_GOAL = 1.15;
const REQUESTS_GOAL = 30;
const PATIENCE_S = 240;

interface Kind {
  readonly name: string;
  readonly scenario: 'bluegreen-hpa' | 'nginx-canary';
  readonly prefix: string;
  readonly steps: number;
}

const ROLLOUTS: readonly Kind[] = [
  { name: 'two weight steps, nginx', scenario: 'nginx-canary', prefix: 'weights', steps: 2 },
  { name: 'two iterations, blue/green', scenario: 'bluegreen-hpa', prefix: 'two', steps: 2 },
  { name: 'three iterations, blue/green', scenario: 'bluegreen-hpa', prefix: 'three', steps: 3 },
];

interface Outcome {
  readonly kind: Kind;
  readonly wallMs: readonly number[];
  /** Of each rollout. */
  readonly requests: readonly (readonly SeenRequest[])[];
}

const installAll = async (cluster: BenchCluster): Promise<void> => {
  for (const { scenario, prefix, steps } of ROLLOUTS) {
    await install(cluster.kube, scenario, namespacesFor(prefix, EACH), (canary) =>
      scenario === 'bluegreen-hpa'
        ? { ...canary, spec: { ...canary.spec, analysis: { ...canary.spec.analysis, iterations: steps } } }
        : canary,
    );
  }
};

const spaces = (kind: Kind): string[] => namespacesFor(kind.prefix, EACH);

/** One kind of rollout after the other, each kind's Canaries at once. */
const roll = async (cluster: BenchCluster, kind: Kind): Promise<Outcome> => {
  const namespaces = spaces(kind);
  const canaries = await follow(cluster.kube, KINDS.canary);
  try {
    const started = new Map<string, number>();
    for (const namespace of namespaces) {
      started.set(namespace, Date.now());
      await newRevision(cluster.kube, namespace, '2');
    }
    const test = inPhase('Succeeded');
    const ended = await canaries.all({ what: kind.name, name: NAME, namespaces, test, seconds: PATIENCE_S });
    await wait(AFTERMATH_MS);
    const all = cluster.requests();
    return {
      kind,
      wallMs: namespaces.map((namespace) => (ended.get(namespace) ?? 0) - (started.get(namespace) ?? 0)),
      requests: namespaces.map((namespace) =>
        all.filter((one) => one.namespace === namespace && one.at >= (started.get(namespace) ?? 0)),
      ),
    };
  } finally {
    canaries.stop();
  }
};

const wallRow = ({ kind, wallMs }: Outcome, podsMs: number): Row => {
  const seconds = wallMs.map((ms) => ms / 1000);
  const analysis = kind.steps * INTERVAL_S;
  const ratio = (median(seconds) - podsMs / 1000) / analysis;
  return {
    cells: [kind.name, shown(analysis), shown(median(seconds)), range(seconds), ratio.toFixed(2)],
    verdict: atMost(ratio, WALL_GOAL, 'x'),
  };
};

const requestsRow = ({ kind, requests }: Outcome): Row => {
  const counts = requests.map((one) => one.length);
  return {
    cells: [kind.name, shown(median(counts)), range(counts)],
    verdict: atMost(median(counts), REQUESTS_GOAL, ''),
  };
};

const reports = (cluster: BenchCluster, outcomes: readonly Outcome[], waves: readonly number[]): Report[] => {
  const podsMs = waves.reduce((sum, ms) => sum + ms, 0);
  const seconds = waves.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(' and ');
  return [
    {
      title: `ROLLOUT: wall time on a ${cluster.name}`,
      headings: [`${EACH} at once`, 'analysis s', 'wall s', 'lowest–highest', 'without pods to analysis'],
      rows: outcomes.map((outcome) => wallRow(outcome, podsMs)),
      notes: [`the two waves of pods alone take ${seconds}`],
    },
    {
      title: `ROLLOUT: API requests of the controller on a ${cluster.name}`,
      headings: ['', 'each', 'lowest–highest'],
      rows: outcomes.map(requestsRow),
      notes: outcomes.map(({ kind, requests }) => `${kind.name}: ${describeRequests(requests[0] ?? [])}`),
    },
  ];
};

const run = async (site: Site): Promise<Report[]> => {
  const cluster = await openBest(site);
  try {
    const waves = await measureWaves(cluster, 'plain', EACH);
    await installAll(cluster);
    const controller = await startControllerProgram(site, cluster.kubeconfig);
    try {
      const canaries = await follow(cluster.kube, KINDS.canary);
      const test = inPhase('Initialized');
      const namespaces = ROLLOUTS.flatMap(spaces);
      await canaries.all({ what: 'initialised', name: NAME, namespaces, test, seconds: PATIENCE_S });
      canaries.stop();
      await wait(AFTERMATH_MS);
      const outcomes: Outcome[] = [];
      for (const kind of ROLLOUTS) outcomes.push(await roll(cluster, kind));
      return reports(cluster, outcomes, waves.ms);
    } finally {
      await controller.stop();
    }
  } finally {
    await cluster.stop();
  }
};

export const rollout: Bench = { name: 'rollout', about: 'wall time and API requests of rollouts', run };
