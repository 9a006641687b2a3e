import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { CanaryError } from '../../shared/errors.ts';
import type { Run } from '../cli/spec.ts';
import { programFile } from '../program-file.ts';

const BUNDLE = 'kubectl-canary-webhook.cjs';

/** Runs the server that is installed beside this program, with its own flags, until it ends. */
export const run: Run = async (input, io) => {
  const file = join(dirname(programFile()), BUNDLE);
  if (!existsSync(file)) {
    throw new CanaryError('INPUT_UNREADABLE', `the webhook server is not installed: ${file} is missing`, {
      remedy: 'npm run build',
    });
  }
  const child = spawn(process.execPath, [file, ...input.words], { stdio: 'inherit' });
  const onAbort = () => child.kill('SIGTERM');
  io.signal.addEventListener('abort', onAbort, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      io.signal.removeEventListener('abort', onAbort);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
};
