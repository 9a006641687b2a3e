/** Builds the control plane's programs from Go modules into the user's cache. `npm run control-plane` runs it. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism, setPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheRoot, findPrograms, groupFolder, type Programs } from './cache.ts';
import { isAlive, withLock } from './lock.ts';
import { GROUPS, type Group, moduleFolder, moduleVersion } from './programs.ts';

/** More compilers side by side need more than 3 GB and win nothing on two cores. */
const JOBS = Math.min(2, availableParallelism());

/** Unfinished work lies in folders of this name, followed by the id of the process that makes it. */
const DRAFT = '.draft-';

type Say = (line: string) => void;

const go = (args: readonly string[], folder: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, GOFLAGS: `-p=${JOBS} -mod=readonly -buildvcs=false`, GOWORK: 'off' };
    const child = spawn('go', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaints = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (complaints = (complaints + part.toString()).slice(-4000)));
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('Go is not installed: the control plane is built with it') : error),
    );
    child.on('close', (code) =>
      code === 0
        ? resolve(output.trim())
        : reject(new Error(`go ${args[0]} in ${folder} ended with ${code}:\n${complaints}`)),
    );
  });

/** Everything is made in a folder beside the target and renamed, so that a half-written program is never found. */
const atomically = async (target: string, make: (draft: string) => Promise<void>): Promise<void> => {
  const drafts = mkdtempSync(join(cacheRoot(), `${DRAFT}${process.pid}-`));
  try {
    const draft = join(drafts, 'made');
    await make(draft);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(drafts, { recursive: true, force: true });
  }
};

const buildProgram = async (group: Group, target: string, goPackage: string): Promise<void> => {
  const stamps = Object.entries(group.stamps(moduleVersion(group))).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ['-trimpath', '-ldflags', ['-s', '-w', ...stamps].join(' ')];
  await atomically(target, async (draft) => {
    await go(['build', ...flags, '-o', draft, goPackage], moduleFolder(group));
  });
};

const copyCrds = async (group: Group, source: string, target: string): Promise<void> => {
  const module = await go(['list', '-m', '-f', '{{.Dir}}', group.module], moduleFolder(group));
  await atomically(target, async (draft) => {
    mkdirSync(draft);
    for (const file of readdirSync(join(module, source)).filter((name) => name.endsWith('.yaml'))) {
      copyFileSync(join(module, source, file), join(draft, file));
    }
  });
};

const buildGroup = async (group: Group, missing: readonly string[], say: Say): Promise<void> => {
  const folder = groupFolder(group);
  mkdirSync(folder, { recursive: true });
  for (const [program, goPackage] of Object.entries(group.packages)) {
    const target = join(folder, program);
    if (!missing.includes(program) || existsSync(target)) continue;
    const start = performance.now();
    say(`building ${program} ${moduleVersion(group)}`);
    await buildProgram(group, target, goPackage);
    say(`built ${program} in ${Math.round((performance.now() - start) / 1000)} s`);
  }
  if (group.crds !== undefined && !existsSync(join(folder, 'crds')))
    await copyCrds(group, group.crds, join(folder, 'crds'));
};

/** Removes what interrupted builds left half-made. */
const removeDrafts = (): void => {
  for (const name of readdirSync(cacheRoot()).filter((candidate) => candidate.startsWith(DRAFT))) {
    const owner = Number.parseInt(name.slice(DRAFT.length), 10);
    if (!isAlive(owner)) rmSync(join(cacheRoot(), name), { recursive: true, force: true });
  }
};

/**
 * Makes sure that every program exists, and answers where. Programs that exist are kept, so an interrupted build
 * goes on where it stopped. Throws an Error with the compiler's last lines when a build fails.
 */
export const ensurePrograms = async (say: Say = () => {}): Promise<Programs> => {
  const found = findPrograms();
  if (found.missing.length === 0) return found.programs;
  await withLock(
    join(cacheRoot(), 'build.lock'),
    async () => {
      removeDrafts();
      for (const group of GROUPS) await buildGroup(group, found.missing, say);
    },
    (pid) => say(`waiting for the build of process ${pid}`),
  );
  const built = findPrograms();
  if (built.missing.length > 0) throw new Error(`not built: ${built.missing.join(', ')}`);
  return built.programs;
};

const main = async (): Promise<void> => {
  setPriority(10);
  const programs = await ensurePrograms((line) => console.log(`control plane: ${line}`));
  console.log(`control plane: ready, ${Object.keys(programs.paths).length} programs under ${cacheRoot()}`);
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main().catch((error: unknown) => {
    console.error(`control plane: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
