/**
 * `npm test`: every lane in turn, from the cheapest to the real control plane. The last line is `N passed, N failed`.
 * `npm test -- unit golden` runs some lanes only; further words that name no lane filter test files.
 */
import { findPrograms, NOT_BUILT, noDataPlane } from '../test/apiserver/control-plane/cache.ts';
import { DATA_PLANES } from '../test/apiserver/control-plane/programs.ts';
import { NO_NAMESPACES } from '../test/e2e/namespace/command.ts';
import { runChecks } from './gate/checks.ts';
import { type CommandResult, runCommand } from './gate/command.ts';
import { runDataPlane } from './gate/data-plane.ts';
import { type Lane, runLane } from './gate/lanes.ts';
import { ensureOtherNode, otherVersion } from './gate/other-node.ts';
import { joined, type LaneOutcome, laneLine, type Outcome, summaryOf } from './gate/outcome.ts';

/** `other-node`: the quickest lanes once more, on another supported Node. */
type Step = 'check' | Lane | 'other-node';

const STEPS: readonly Step[] = ['check', 'unit', 'laws', 'conformance', 'golden', 'other-node', 'apiserver', 'e2e'];

const IS_CI = ['1', 'true'].includes(process.env['CI'] ?? '');

const isStep = (word: string): word is Step => (STEPS as readonly string[]).includes(word);

const hasControlPlane = (): boolean => findPrograms().missing.length === 0;
/** The data plane that is quickest to have. */
const hasContour = (): boolean => findPrograms(DATA_PLANES.contour).missing.length === 0;

/** In CI what is missing is built while the quick lanes run; it takes a quarter of an hour once. */
const startBuild = (steps: readonly Step[]): Promise<CommandResult> | undefined => {
  const wanted = [
    ...(steps.includes('apiserver') && !hasControlPlane() ? ['control-plane'] : []),
    ...(steps.includes('e2e') && !hasContour() ? ['contour'] : []),
  ];
  if (!IS_CI || wanted.length === 0) return undefined;
  const build = ['--import', 'tsx', 'test/apiserver/control-plane/build.ts', ...wanted];
  return runCommand(process.execPath, build, { show: true });
};

/** A lane that this machine can't run: a failure in CI, left out elsewhere. */
const leftOut = (note: string, built?: CommandResult): Outcome & { note?: string } => {
  if (!IS_CI) return { passed: 0, failures: [], skipped: 1, note: `skipped: ${note}` };
  const message = built === undefined ? note : built.output.trim().split('\n').slice(-20).join('\n');
  return { passed: 0, failures: [{ name: 'what it runs on', message }], skipped: 0 };
};

const runOnOtherNode = async (filters: readonly string[]): Promise<Outcome & { note?: string }> => {
  const version = otherVersion(process.versions.node);
  const note = `Node ${version}`;
  try {
    const node = await ensureOtherNode(version);
    const outcomes: Outcome[] = [];
    for (const lane of ['unit', 'laws', 'golden'] as const)
      outcomes.push(await runLane(lane, filters, { start: (args) => ({ file: node, args }) }));
    return { ...joined(outcomes), note };
  } catch (error) {
    return { passed: 0, failures: [{ name: note, message: String(error) }], skipped: 0 };
  }
};

const runStep = async (
  step: Step,
  filters: readonly string[],
  build: Promise<CommandResult> | undefined,
): Promise<Outcome & { note?: string }> => {
  if (step === 'check') return runChecks(console.log);
  if (step === 'other-node') return runOnOtherNode(filters);
  if (step !== 'apiserver' && step !== 'e2e') return runLane(step, filters);
  const built = await build;
  if (step === 'apiserver') return hasControlPlane() ? runLane(step, filters) : leftOut(NOT_BUILT, built);
  if (!hasContour()) return leftOut(noDataPlane('contour'), built);
  return (await runDataPlane('contour', console.log)) ?? leftOut(NO_NAMESPACES);
};

const main = async (words: readonly string[]): Promise<void> => {
  const chosen = words.filter(isStep);
  const filters = words.filter((word) => !isStep(word));
  // A user's machine tests the Node that it has, unless asked.
  const usual = IS_CI ? STEPS : STEPS.filter((step) => step !== 'other-node');
  const steps = chosen.length === 0 ? usual : STEPS.filter((step) => chosen.includes(step));
  const build = startBuild(steps);
  const outcomes: LaneOutcome[] = [];
  for (const step of steps) {
    const start = performance.now();
    console.log(`${step}:`);
    const outcome = await runStep(step, filters, build);
    outcomes.push({ ...outcome, lane: step, seconds: (performance.now() - start) / 1000 });
    console.log(`${outcomes.map(laneLine).at(-1)}\n`);
  }
  console.log(summaryOf(outcomes));
  process.exitCode = outcomes.every(({ failures }) => failures.length === 0) ? 0 : 1;
};

await main(process.argv.slice(2));
