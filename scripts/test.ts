/**
 * `npm test`: every lane in turn, from the cheapest to the real control plane. The last line is `N passed, N failed`.
 * `npm test -- unit golden` runs some lanes only; further words that name no lane filter test files.
 */
import { findPrograms, NOT_BUILT } from '../test/apiserver/control-plane/cache.ts';
import { runChecks } from './gate/checks.ts';
import { type CommandResult, runCommand } from './gate/command.ts';
import { type Lane, runLane } from './gate/lanes.ts';
import { ensureOtherNode, otherVersion } from './gate/other-node.ts';
import { joined, type LaneOutcome, laneLine, type Outcome, summaryOf } from './gate/outcome.ts';

/** `other-node`: the quickest lanes once more, on another supported Node. */
type Step = 'check' | Lane | 'other-node';

const STEPS: readonly Step[] = ['check', 'unit', 'laws', 'conformance', 'golden', 'other-node', 'apiserver'];

const IS_CI = ['1', 'true'].includes(process.env['CI'] ?? '');

const isStep = (word: string): word is Step => (STEPS as readonly string[]).includes(word);

const hasControlPlane = (): boolean => findPrograms().missing.length === 0;

/** In CI the control plane is built while the quick lanes run; it takes a quarter of an hour once. */
const startBuild = (steps: readonly Step[]): Promise<CommandResult> | undefined =>
  IS_CI && steps.includes('apiserver') && !hasControlPlane()
    ? runCommand(process.execPath, ['--import', 'tsx', 'test/apiserver/control-plane/build.ts'], { show: true })
    : undefined;

/** Why the real control plane can't be used: a failure in CI, a lane left out elsewhere. */
const withoutControlPlane = (built: CommandResult | undefined): Outcome & { note?: string } => {
  if (!IS_CI) return { passed: 0, failures: [], skipped: 1, note: `skipped: ${NOT_BUILT}` };
  const message = built === undefined ? NOT_BUILT : built.output.trim().split('\n').slice(-20).join('\n');
  return { passed: 0, failures: [{ name: 'the control plane', message }], skipped: 0 };
};

const runOnOtherNode = async (filters: readonly string[]): Promise<Outcome & { note?: string }> => {
  const version = otherVersion(process.versions.node);
  const note = `Node ${version}`;
  try {
    const node = await ensureOtherNode(version);
    const outcomes: Outcome[] = [];
    for (const lane of ['unit', 'laws', 'golden'] as const) outcomes.push(await runLane(lane, filters, node));
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
  if (step !== 'apiserver') return runLane(step, filters);
  const built = await build;
  return hasControlPlane() ? runLane(step, filters) : withoutControlPlane(built);
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
