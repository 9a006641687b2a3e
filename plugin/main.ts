/** The one entry of the bin `kubectl-canary`: words in, exit code out. */
import module from 'node:module';
import { dispatch } from './cli/dispatch.ts';
import { reportFailure } from './failure.ts';
import { createTerminal } from './terminal.ts';

/** After the command has ended, anything that still holds the process for this long is let go. */
const LINGER_MS = 2000;

const main = async (): Promise<void> => {
  (module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
  const argv = process.argv.slice(2);
  const terminal = createTerminal();
  // What fails behind the command's back ends like any other bug: one line, the stack in a file.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.once(event, (error: unknown) => {
      terminal.restore();
      void reportFailure(error, argv, terminal).then((code) => process.exit(code));
    });
  }
  try {
    process.exitCode = await dispatch(argv, terminal);
  } catch (error) {
    process.exitCode = await reportFailure(error, argv, terminal);
  }
  terminal.restore();
  const drained = () => process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
  setInterval(() => drained() && process.exit(), LINGER_MS).unref();
};

void main();
