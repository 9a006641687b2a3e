/** The lane `e2e` for one data plane, in a network namespace of its own. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataPlane } from '../../test/apiserver/control-plane/programs.ts';
import { inNamespace, unshareFlags } from '../../test/e2e/namespace/command.ts';
import { runLane } from './lanes.ts';
import type { Outcome } from './outcome.ts';

/** Runs the tests and says what they counted. Undefined: this machine allows no namespaces. */
export const runDataPlane = async (plane: DataPlane, say: (text: string) => void): Promise<Outcome | undefined> => {
  const flags = unshareFlags();
  if (flags === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-canary-e2e-'));
  const report = join(folder, 'report.txt');
  try {
    const start = (args: readonly string[]) => inNamespace(flags, args);
    const outcome = await runLane('e2e', [`test/e2e/${plane}`], { start, env: { KUBECTL_CANARY_E2E_REPORT: report } });
    if (existsSync(report)) say(readFileSync(report, 'utf8'));
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
