/** One lane of tests: a Vitest project in a process of its own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runCommand } from './command.ts';
import type { Outcome } from './outcome.ts';

export type Lane = 'unit' | 'laws' | 'conformance' | 'golden' | 'apiserver' | 'e2e';

/** This lane's tests mostly wait for controllers, so more of them than cores run side by side. */
const WORKERS: Partial<Record<Lane, number>> = { apiserver: 3 };

const readTotals = (file: string): Outcome | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Outcome;
  } catch {
    return undefined;
  }
};

const judge = (totals: Outcome | undefined, code: number, output: string): Outcome => {
  const broken = (message: string): Outcome => ({
    passed: 0,
    skipped: 0,
    ...totals,
    failures: [{ name: 'the lane', message }],
  });
  if (totals === undefined)
    return broken(`Vitest ended with ${code} and no totals:\n${output.trim().split('\n').slice(-20).join('\n')}`);
  if (totals.failures.length > 0) return totals;
  if (code !== 0) return broken(`Vitest ended with ${code}:\n${output.trim().split('\n').slice(-20).join('\n')}`);
  return totals.passed === 0 ? broken('no test ran') : totals;
};

export interface LaneOptions {
  /** Makes of Node's arguments the command to run the tests with; this Node by default. */
  readonly start?: (args: readonly string[]) => { readonly file: string; readonly args: readonly string[] };
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the lane's tests; `filters` narrow it to files whose path contains one of them. A lane without a test fails. */
export const runLane = async (lane: Lane, filters: readonly string[], options: LaneOptions = {}): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-canary-totals-'));
  const totals = join(folder, 'totals.json');
  const workers = WORKERS[lane] === undefined ? [] : [`--maxWorkers=${WORKERS[lane]}`];
  const args = [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--passWithNoTests',
    '--project',
    lane,
    '--reporter',
    join(ROOT, 'scripts/reporter.ts'),
    ...workers,
    ...filters,
  ];
  try {
    const env = { ...options.env, KUBECTL_CANARY_TOTALS: totals, NO_COLOR: '1' };
    const command = options.start?.(args) ?? { file: process.execPath, args };
    const { code, output } = await runCommand(command.file, command.args, { env, show: true });
    return judge(readTotals(totals), code, output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
