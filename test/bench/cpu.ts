/** CPU time and memory of other processes. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Milliseconds of CPU, user and system, that a command takes from start to end, children included; undefined when it
 * cannot be run or fails. The shell reads them from the kernel's accounting.
 */
export const cpuOfCommand = (command: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined> =>
  new Promise((resolve) => {
    const script = `TIMEFORMAT='%3U %3S'; time "$@" >/dev/null 2>&1`;
    const child = spawn('bash', ['-c', script, 'bash', ...command], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => {
      const [user, system] = text.trim().split(/\s+/).map(Number);
      resolve(code === 0 && user !== undefined && system !== undefined ? (user + system) * 1000 : undefined);
    });
  });

/** `cpuMs` of a running process so far, all its threads together. Throws where there is no /proc. */
export const cpuOfProcess = (pid: number): number => {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return nanoseconds / 1e6;
};

/** Resident memory in MB (10^6 bytes), now and at its highest. */
export const memoryOfProcess = (pid: number): { readonly now: number; readonly most: number } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
  return { now: read('VmRSS'), most: read('VmHWM') };
};
