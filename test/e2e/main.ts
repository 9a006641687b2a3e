/**
 * `npm run test:e2e -- contour traefik`: real requests through real data planes, Contour's by default. Builds what this
 * machine lacks, which takes a quarter of an hour once, and prints what was counted.
 */
import { runCommand } from '../../scripts/gate/command.ts';
import { runDataPlane } from '../../scripts/gate/data-plane.ts';
import { type LaneOutcome, summaryOf } from '../../scripts/gate/outcome.ts';
import { findPrograms } from '../apiserver/control-plane/cache.ts';
import { DATA_PLANES, type DataPlane } from '../apiserver/control-plane/programs.ts';
import { NO_NAMESPACES } from './namespace/command.ts';

const isPlane = (word: string): word is DataPlane => Object.hasOwn(DATA_PLANES, word);

const fail = (message: string): void => {
  console.error(`test:e2e: ${message}`);
  process.exitCode = 2;
};

/** What is missing, in a process of its own that gives way to others. */
const build = async (planes: readonly DataPlane[]): Promise<void> => {
  if (findPrograms(planes.flatMap((plane) => DATA_PLANES[plane])).missing.length === 0) return;
  const script = 'test/apiserver/control-plane/build.ts';
  const { code } = await runCommand(process.execPath, ['--import', 'tsx', script, ...planes], { show: true });
  if (code !== 0) throw new Error('the build failed');
};

const main = async (words: readonly string[]): Promise<void> => {
  const unknown = words.find((word) => !isPlane(word));
  if (unknown !== undefined) return fail(`no ${unknown}; known: ${Object.keys(DATA_PLANES).join(', ')}`);
  const planes = words.length === 0 ? (['contour'] as const) : words.filter(isPlane);
  await build(planes);
  const outcomes: LaneOutcome[] = [];
  for (const plane of planes) {
    const start = performance.now();
    const outcome = await runDataPlane(plane, console.log);
    if (outcome === undefined) return fail(NO_NAMESPACES);
    outcomes.push({ ...outcome, lane: plane, seconds: (performance.now() - start) / 1000 });
  }
  console.log(summaryOf(outcomes));
  process.exitCode = outcomes.every(({ failures }) => failures.length === 0) ? 0 : 1;
};

await main(process.argv.slice(2)).catch((error: unknown) =>
  fail(error instanceof Error ? error.message : String(error)),
);
