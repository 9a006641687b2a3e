/**
 * Runs a job on a fresh clone: installs the locked dependencies when they are missing or differ from the lock, then
 * starts the job. Plain Node without dependencies, since there may be none yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const JOBS = {
  test: 'scripts/test.ts',
  check: 'scripts/check.ts',
  format: 'scripts/format.ts',
  demo: 'scripts/demo.ts',
  bench: 'test/bench/main.ts',
  mutation: 'scripts/mutation.ts',
  e2e: 'test/e2e/main.ts',
  'control-plane': 'test/apiserver/control-plane/build.ts',
};

const fail = (message) => {
  console.error(`kubectl-canary: ${message}`);
  process.exit(2);
};

const isSupported = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
};

const readLock = (file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;

/** npm keeps what it installed in a lock of its own; packages of other platforms are absent there. */
const isInstalled = () => {
  if (!existsSync(join(ROOT, 'node_modules/.package-lock.json'))) return false;
  const installed = readLock('node_modules/.package-lock.json');
  const wanted = Object.entries(readLock('package-lock.json')).filter(
    ([path, entry]) => path !== '' && !entry.optional,
  );
  return wanted.every(([path, entry]) => installed[path]?.version === entry.version && existsSync(join(ROOT, path)));
};

const run = (command, args) =>
  spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' });

const install = () => {
  console.log('kubectl-canary: installing dependencies (once)');
  const result = run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  if (result.status !== 0) fail('npm ci failed');
};

const [job, ...args] = process.argv.slice(2);
const script = JOBS[job];
if (script === undefined) fail(`unknown job ${job}; known: ${Object.keys(JOBS).join(', ')}`);
if (!isSupported(process.versions.node))
  fail(`Node ${process.versions.node} is too old; 20.19, 22.12, 24 or newer is needed`);
if (!isInstalled()) install();
const result = spawnSync(process.execPath, ['--import', 'tsx', join(ROOT, script), ...args], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
