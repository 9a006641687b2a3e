/**
 * Runs Node with the given arguments inside the namespace, and ends whatever was started there once that is over, so that
 * a run that breaks leaves nothing behind.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';

const namespaceOf = (pid: string): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
};

const processesHere = (): number[] => {
  const here = namespaceOf('self');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && namespaceOf(name) === here)
    .map(Number)
    .filter((pid) => pid !== process.pid);
};

const endAll = (): void => {
  for (const pid of processesHere()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
};

/** There is no way out of here: a proxy that the environment names can't be reached. */
const localEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));

const env = { ...localEnvironment(), KUBECTL_CANARY_NAMESPACE: 'own' };
const child = spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  endAll();
  process.exitCode = code ?? 1;
});
