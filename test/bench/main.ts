/** `npm run bench [-- NAME…]`: builds the programs afresh, runs the benches, prints their tables. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveEndpoint } from '../support/endpoint.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { admission } from './admission.ts';
import type { Bench, Site } from './bench.ts';
import { idle } from './idle.ts';
import { memory } from './memory.ts';
import { buildInto, plainEnvironment } from './programs.ts';
import { rollout } from './rollout.ts';
import { scaleCanaries } from './scale-canaries.ts';
import { scaleReplicas } from './scale-replicas.ts';
import { scaleRollouts } from './scale-rollouts.ts';
import { startup } from './startup.ts';
import { renderReport } from './table.ts';

const BENCHES: readonly Bench[] = [
  startup,
  admission,
  rollout,
  idle,
  memory,
  scaleReplicas,
  scaleRollouts,
  scaleCanaries,
];

/** `scale` stands for every bench whose name starts with it and a dash. */
const answersTo = (bench: Bench, name: string): boolean => bench.name === name || bench.name.startsWith(`${name}-`);

const choose = (names: readonly string[]): readonly Bench[] => {
  const unknown = names.filter((name) => !BENCHES.some((bench) => answersTo(bench, name)));
  if (unknown.length > 0) {
    const known = BENCHES.map(({ name, about }) => `  ${name.padEnd(16)}${about}`);
    throw new Error(`no bench ${unknown.join(', ')}; there are:\n${known.join('\n')}`);
  }
  return BENCHES.filter((bench) => names.length === 0 || names.some((name) => answersTo(bench, name)));
};

/** What was started ends with this process, also when a person ends it: they listen to `exit`. */
const endOnSignals = (): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
};

const main = async (): Promise<void> => {
  endOnSignals();
  const chosen = choose(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), 'canary-bench-'));
  const say = (text: string): void => console.error(`bench: ${text}`);
  const metrics = await serveEndpoint(new ScriptedPrometheus());
  const metricsServer = `http://${metrics.host}`;
  const site: Site = { folder, dist: join(folder, 'dist'), metricsServer, env: plainEnvironment(), say };
  try {
    say('building');
    buildInto(site.dist);
    const load = loadavg()[0]?.toFixed(1);
    console.log(`Node ${process.versions.node}, ${cpus().length} CPUs, load ${load}\n`);
    for (const bench of chosen) {
      say(bench.name);
      for (const report of await bench.run(site)) console.log(renderReport(report));
    }
  } finally {
    await metrics.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

try {
  await main();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
