/** Where built programs are kept between runs, and how a run finds them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  CONTROL_PLANE,
  DATA_PLANES,
  type DataPlane,
  GROUPS,
  type Group,
  moduleFolder,
  moduleVersion,
  type ProgramName,
} from './programs.ts';
import { WHEELS, type Wheel, wheelVersion } from './wheel.ts';

/** One plain line for a machine that has no control plane. */
export const NOT_BUILT =
  'no control plane on this machine; `npm run control-plane` builds one (needs Go, about 15 minutes once)';

/** One plain line for a machine that lacks a data plane's programs. */
export const noDataPlane = (plane: DataPlane): string =>
  `no ${plane} on this machine; \`npm run test:e2e -- ${plane}\` builds it (needs Go, and Python for Envoy)`;

/** Part of every key: raise it when the way of building changes. */
const RECIPE = '1';

/** The folder that holds every cached control plane program of this user. */
export const cacheRoot = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kubectl-canary', 'control-plane');

const newKey = () => createHash('sha256').update(`${RECIPE} ${process.platform} ${process.arch}\n`);

/** Keyed by what goes into the build: another version, dependency or machine type gets another folder. */
export const groupFolder = (group: Group): string => {
  const key = newKey();
  for (const file of ['go.mod', 'go.sum']) key.update(readFileSync(join(moduleFolder(group), file)));
  key.update(JSON.stringify(group.stamps(moduleVersion(group))));
  return join(cacheRoot(), `${group.name}-${moduleVersion(group)}-${key.digest('hex').slice(0, 10)}`);
};

/** Keyed by version and hashes of the wheel. */
export const wheelFolder = (wheel: Wheel): string => {
  const key = newKey().update(readFileSync(wheel.requirements)).digest('hex').slice(0, 10);
  return join(cacheRoot(), `${wheel.program}-${wheelVersion(wheel)}-${key}`);
};

/** Paths of all programs, there or not, and of the folders with the kinds that some of them bring. */
export interface Programs {
  readonly paths: Readonly<Record<ProgramName, string>>;
  readonly kedaCrds: string;
  /** Each data plane's own kinds, and those of the Gateway API in the version that it was built with. */
  readonly crds: Readonly<Record<DataPlane, string>>;
}

const homeOf = (program: ProgramName): string => {
  const group = GROUPS.find((candidate) => program in candidate.packages);
  const wheel = WHEELS.find((candidate) => candidate.program === program);
  if (group !== undefined) return groupFolder(group);
  if (wheel !== undefined) return wheelFolder(wheel);
  throw new Error(`nothing brings ${program}`);
};

export const cachedProgram = (program: ProgramName): string => join(homeOf(program), program);

const crdsOf = (program: ProgramName): string => join(homeOf(program), 'crds');

const ALL: readonly ProgramName[] = [...new Set([...CONTROL_PLANE, ...Object.values(DATA_PLANES).flat()])];

/**
 * The programs of this machine: those in the folder KUBEBUILDER_ASSETS first, else those that an earlier run built.
 * `missing` names what of the wanted ones, or of the kinds that they bring, is at neither place.
 */
export const findPrograms = (
  wanted: readonly ProgramName[] = CONTROL_PLANE,
): { readonly programs: Programs; readonly missing: readonly string[] } => {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const locate = (program: ProgramName): string => {
    const given = assets === undefined || assets === '' ? undefined : join(assets, program);
    return given !== undefined && existsSync(given) ? given : cachedProgram(program);
  };
  const paths = Object.fromEntries(ALL.map((program) => [program, locate(program)])) as Record<ProgramName, string>;
  const lacksKinds = (group: Group): boolean =>
    group.crds !== undefined &&
    wanted.some((program) => program in group.packages) &&
    !existsSync(join(groupFolder(group), 'crds'));
  const missing = [
    ...wanted.filter((program) => !existsSync(paths[program])),
    ...GROUPS.filter(lacksKinds).map(({ name }) => `${name}-crds`),
  ];
  const crds = { contour: crdsOf('contour'), traefik: crdsOf('traefik') };
  return { programs: { paths, kedaCrds: crdsOf('keda-operator'), crds }, missing };
};
