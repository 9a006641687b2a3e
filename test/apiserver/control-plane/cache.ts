/** Where built programs are kept between runs, and how a run finds them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GROUPS, type Group, moduleFolder, moduleVersion, PROGRAMS, type ProgramName } from './programs.ts';

/** One plain line for a machine that has no control plane. */
export const NOT_BUILT =
  'no control plane on this machine; `npm run control-plane` builds one (needs Go, about 15 minutes once)';

/** Part of every key: raise it when the way of building changes. */
const RECIPE = '1';

/** The folder that holds every cached control plane program of this user. */
export const cacheRoot = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kubectl-canary', 'control-plane');

/** Keyed by what goes into the build: another version, dependency or machine type gets another folder. */
export const groupFolder = (group: Group): string => {
  const key = createHash('sha256').update(`${RECIPE} ${process.platform} ${process.arch}\n`);
  for (const file of ['go.mod', 'go.sum']) key.update(readFileSync(join(moduleFolder(group), file)));
  key.update(JSON.stringify(group.stamps(moduleVersion(group))));
  return join(cacheRoot(), `${group.name}-${moduleVersion(group)}-${key.digest('hex').slice(0, 10)}`);
};

/** Paths of all programs, and of the folder with KEDA's CRDs. */
export interface Programs {
  readonly paths: Readonly<Record<ProgramName, string>>;
  readonly kedaCrds: string;
}

const groupOf = (program: ProgramName): Group => {
  const group = GROUPS.find((candidate) => program in candidate.packages);
  if (group === undefined) throw new Error(`no module builds ${program}`);
  return group;
};

export const cachedProgram = (program: ProgramName): string => join(groupFolder(groupOf(program)), program);

/**
 * The programs of this machine: those in the folder KUBEBUILDER_ASSETS first, else those that an earlier run built.
 * `missing` names what is at neither place.
 */
export const findPrograms = (): { readonly programs: Programs; readonly missing: readonly string[] } => {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const locate = (program: ProgramName): string => {
    const given = assets === undefined || assets === '' ? undefined : join(assets, program);
    return given !== undefined && existsSync(given) ? given : cachedProgram(program);
  };
  const paths = Object.fromEntries(PROGRAMS.map((program) => [program, locate(program)])) as Record<
    ProgramName,
    string
  >;
  const kedaCrds = join(groupFolder(groupOf('keda-operator')), 'crds');
  const missing = PROGRAMS.filter((program) => !existsSync(paths[program]));
  return { programs: { paths, kedaCrds }, missing: existsSync(kedaCrds) ? missing : [...missing, 'keda-crds'] };
};
