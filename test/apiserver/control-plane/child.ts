/** One started program: its log, whether it lives, and how to end it by its own id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Undefined while the program runs. */
  exitReason(): string | undefined;
  /** Asks the program to end, and kills it after `graceMs`. Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The last lines of a program's log, for the message of a failure. */
export const lastLines = (file: string, count = 12): string =>
  readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** Starts a program in `folder`, where its log is `<name>.log`. With `leaveRunning` it outlives this process. */
export const startChild = (command: Command, folder: string, leaveRunning = false): Child => {
  const logFile = join(folder, `${command.name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(command.file, command.args, {
    cwd: folder,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', log, log],
    detached: leaveRunning,
  });
  closeSync(log);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  if (leaveRunning) child.unref();
  const exitReason = (): string | undefined => {
    if (failure !== undefined) return failure;
    if (child.exitCode !== null) return `exit code ${child.exitCode}`;
    return child.signalCode === null ? undefined : `signal ${child.signalCode}`;
  };
  return {
    name: command.name,
    pid: child.pid ?? 0,
    logFile,
    exitReason,
    stop: async (graceMs = 10_000) => {
      if (exitReason() !== undefined) return;
      const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      child.kill('SIGTERM');
      await ended(child);
      clearTimeout(killer);
    },
  };
};
