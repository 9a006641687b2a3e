/**
 * What it costs to start: CPU time of the plugin's commands as ratios to a bare `node -e 0` and to `kubectl version
 * --client`, all measured in turns in one run, so that a busy machine harms all of them alike.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { customResourceDefinitions } from '../../shared/api/crd.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { createSimServer } from '../../shared/sim/server.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/kubectl-canary.cjs', import.meta.url));
const ROUNDS = 15;

interface Case {
  readonly name: string;
  readonly command: readonly string[];
  /** At most this many times the CPU time of bare node; absent: only shown. */
  readonly goal?: number;
}

const BARE = 'node -e 0';
const KUBECTL = 'kubectl version --client';

const CANARY = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: {
    provider: 'nginx',
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' },
    service: { port: 80 },
    analysis: { interval: '30s', threshold: 5, maxWeight: 50, stepWeight: 10 },
  },
};

/** Milliseconds of CPU, user and system, as the shell counts them; undefined when the program cannot be run. */
const cpuOf = (command: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined> =>
  new Promise((resolve) => {
    const script = `TIMEFORMAT='%3U %3S'; time "$@" >/dev/null 2>&1`;
    const child = spawn('bash', ['-c', script, 'bash', ...command], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('close', (code) => {
      const [user, system] = text.trim().split(/\s+/).map(Number);
      resolve(code === 0 && user !== undefined && system !== undefined ? (user + system) * 1000 : undefined);
    });
  });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const measure = async (cases: readonly Case[], env: NodeJS.ProcessEnv): Promise<Map<string, number>> => {
  const samples = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, command } of cases) {
      const cpu = await cpuOf(command, env);
      if (cpu !== undefined && round > 0) samples.get(name)?.push(cpu);
    }
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]));
};

const times = (value: number, base: number | undefined): string =>
  base === undefined || Number.isNaN(base) || Number.isNaN(value) ? '-' : `${(value / base).toFixed(2)}x`;

const report = (cases: readonly Case[], costs: ReadonlyMap<string, number>): boolean => {
  const bare = costs.get(BARE) ?? Number.NaN;
  let isMet = true;
  console.log(`${'START-UP'.padEnd(30)}${'CPU'.padStart(8)}${'node'.padStart(9)}${'kubectl'.padStart(9)}   goal`);
  for (const { name, goal } of cases) {
    const cpu = costs.get(name) ?? Number.NaN;
    const isMissed = goal !== undefined && !(cpu / bare <= goal);
    if (isMissed) isMet = false;
    const verdict = goal === undefined ? '' : `at most ${goal}x of node: ${isMissed ? 'MISSED' : 'met'}`;
    const shown = Number.isNaN(cpu) ? 'not run' : `${Math.round(cpu)} ms`;
    console.log(
      `${name.padEnd(30)}${shown.padStart(8)}${times(cpu, bare).padStart(9)}${times(cpu, costs.get(KUBECTL)).padStart(9)}   ${verdict}`.trimEnd(),
    );
  }
  return isMet;
};

/** Measures and prints; true when every goal is met. */
export const benchStartup = async (): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), 'canary-bench-'));
  const server = createSimServer({ clock: systemClock });
  for (const crd of customResourceDefinitions()) await server.kube.create(KINDS.crd, crd);
  await server.kube.create(KINDS.canary, CANARY);
  const listening = await server.listen({ tls: true });
  const [kubeconfig, manifest] = [join(folder, 'kubeconfig'), join(folder, 'canary.json')];
  writeFileSync(kubeconfig, listening.kubeconfig);
  writeFileSync(manifest, JSON.stringify(CANARY));
  const node = process.execPath;
  const cases: readonly Case[] = [
    { name: BARE, command: [node, '-e', '0'] },
    { name: KUBECTL, command: ['kubectl', 'version', '--client'] },
    { name: 'kubectl-canary --help', command: [node, PROGRAM, '--help'], goal: 2 },
    { name: 'kubectl-canary version', command: [node, PROGRAM, 'version', '--client'] },
    { name: 'kubectl-canary validate -f', command: [node, PROGRAM, 'validate', '-f', manifest], goal: 5 },
    { name: 'kubectl-canary get', command: [node, PROGRAM, 'get', '-n', 'test'], goal: 5 },
  ];
  try {
    const costs = await measure(cases, { ...process.env, KUBECONFIG: kubeconfig });
    return report(cases, costs);
  } finally {
    await listening.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url) && !(await benchStartup())) process.exitCode = 1;
