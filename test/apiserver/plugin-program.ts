/** The bundled programs, built into a folder of their own, as real kubectl finds them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClusterHandle, type CommandOptions, type CommandResult, runCommand } from './control-plane/handle.ts';

const BUILD = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url));

export interface Program {
  readonly folder: string;
  /** Path of the bundle `kubectl-canary`. */
  readonly file: string;
  remove(): void;
}

/** Builds; takes a few seconds. */
export const buildProgram = async (): Promise<Program> => {
  const folder = mkdtempSync(join(tmpdir(), 'canary-program-'));
  const built = await runCommand(process.execPath, ['--import', import.meta.resolve('tsx'), BUILD, '--outdir', folder]);
  if (built.code !== 0) throw new Error(`the build failed: ${built.stderr}`);
  return {
    folder,
    file: join(folder, 'kubectl-canary.cjs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** A PATH on which the cluster's kubectl finds the plugin. */
const pathWith = (cluster: ClusterHandle, program: Program): string =>
  [join(program.folder, 'bin'), dirname(cluster.programs.paths.kubectl), process.env['PATH']].join(delimiter);

/** For programs that are started without kubectl: as the administrator of the cluster. */
export const environmentOf = (cluster: ClusterHandle, program: Program): Record<string, string> => ({
  ...cluster.environment,
  PATH: pathWith(cluster, program),
});

/** A rollout that is followed to its end takes its time, and commands have limits of their own. */
const PATIENCE_MS = 240_000;

/** Runs `kubectl canary ...` with the real kubectl. */
export const canaryWith =
  (cluster: ClusterHandle, program: Program) =>
  (args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> =>
    cluster.kubectl(['canary', ...args], {
      timeoutMs: PATIENCE_MS,
      ...options,
      env: { ...options.env, PATH: pathWith(cluster, program) },
    });
