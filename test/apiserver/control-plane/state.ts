/** What runs, written down in each control plane's folder, so that another process can end it by its own ids. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from './child.ts';
import { eventually } from './eventually.ts';
import { isAlive } from './lock.ts';

export const FOLDER_PREFIX = 'kubectl-canary-control-plane-';

interface State {
  /** The process that ends the control plane; 0 when it is to go on by itself. */
  readonly owner: number;
  readonly programs: readonly { readonly name: string; readonly pid: number }[];
}

const stateFile = (folder: string): string => join(folder, 'state.json');

export const writeState = (folder: string, owner: number, children: readonly Child[]): void => {
  const state: State = { owner, programs: children.map(({ name, pid }) => ({ name, pid })) };
  writeFileSync(stateFile(folder), JSON.stringify(state));
};

/** A process id may have been given to another program since: ours names its folder on its command line. */
const isOurs = (pid: number, folder: string): boolean => {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
  } catch {
    return !existsSync('/proc');
  }
};

const endProcess = async (pid: number, folder: string, graceMs: number): Promise<void> => {
  if (!isOurs(pid, folder)) return;
  process.kill(pid, 'SIGTERM');
  const gone = (): boolean => !isOurs(pid, folder);
  await eventually(gone, { what: `process ${pid} to end`, timeoutMs: graceMs }).catch(() =>
    process.kill(pid, 'SIGKILL'),
  );
};

/** Ends the control plane of a folder, started by whichever process, and removes the folder. */
export const endControlPlane = async (folder: string): Promise<void> => {
  const { programs } = JSON.parse(readFileSync(stateFile(folder), 'utf8')) as State;
  const servers = ['kube-apiserver', 'etcd'];
  await Promise.all(
    programs.filter(({ name }) => !servers.includes(name)).map(({ pid }) => endProcess(pid, folder, 3_000)),
  );
  for (const name of servers) {
    const server = programs.find((program) => program.name === name);
    if (server !== undefined) await endProcess(server.pid, folder, 10_000);
  }
  rmSync(folder, { recursive: true, force: true });
};

const readOwner = (folder: string): number | undefined => {
  try {
    return (JSON.parse(readFileSync(stateFile(folder), 'utf8')) as State).owner;
  } catch {
    return undefined;
  }
};

/** Ends control planes whose test run was killed before it could. */
export const sweepAbandoned = async (): Promise<void> => {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(FOLDER_PREFIX));
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    const owner = readOwner(folder);
    if (owner !== undefined && owner !== 0 && !isAlive(owner)) await endControlPlane(folder);
  }
};
