/** One builder at a time: two runs on one machine would compile the same thing twice. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** True while a process with this id exists. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const take = (file: string): boolean => {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
};

const ownerOf = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
};

/**
 * Runs `work` while holding the lock file. Waits for another holder, and takes the lock over from one whose
 * process is gone. `onWait` is called once, with the holder's process id, when there is a wait.
 */
export const withLock = async <T>(file: string, work: () => Promise<T>, onWait: (pid: number) => void): Promise<T> => {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  while (!take(file)) {
    const owner = ownerOf(file);
    if (owner > 0 && !isAlive(owner)) rmSync(file, { force: true });
    else {
      if (!told && owner > 0) onWait(owner);
      told ||= owner > 0;
      await wait(500);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
};
