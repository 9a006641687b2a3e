/** Another supported Node than the one that runs: a new one where an old one runs, the oldest elsewhere. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from './command.ts';

const NEW = '24.21.0';
const OLD = '20.19.6';

/** The version to run with beside `running`, as in `process.versions.node`. */
export const otherVersion = (running: string): string => (Number.parseInt(running, 10) >= 24 ? OLD : NEW);

const cacheFolder = (version: string): string =>
  join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'kubectl-canary',
    `node-${version}-${process.platform}-${process.arch}`,
  );

/** Path of that Node's program, from the user's cache, else from the package of this platform. Throws when npm fails. */
export const ensureOtherNode = async (version: string): Promise<string> => {
  const folder = cacheFolder(version);
  const name = `node-${process.platform}-${process.arch}`;
  const program = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(program)) return program;
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    const quiet = ['--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, output } = await runCommand('npm', ['--prefix', draft, 'install', ...quiet, `${name}@${version}`]);
    if (code !== 0) throw new Error(`npm could not install Node ${version}:\n${output}`);
    // Another run may have been quicker; its copy is as good.
    if (!existsSync(folder)) renameSync(draft, folder);
    return program;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};
