/** Turns whatever was thrown into lines on stderr and an exit code. */
import { CanaryError, EXIT, messageOf } from '../shared/errors.ts';
import type { Io } from './io.ts';
import { failureLines } from './view/failure.ts';
import { makeStyle, wantsColor } from './view/style.ts';

/** Where the stack of a bug goes: a file, never the screen. */
const saveCrash = async (error: unknown, argv: readonly string[]): Promise<string | undefined> => {
  const [{ writeFileSync }, { tmpdir }, { join }] = await Promise.all([
    import('node:fs'),
    import('node:os'),
    import('node:path'),
  ]);
  const file = join(tmpdir(), `kubectl-canary-crash-${process.pid}.txt`);
  const words = argv.map((word) => (word.startsWith('-') ? word.replace(/=.*/s, '=…') : word));
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    writeFileSync(
      file,
      `kubectl canary ${words.join(' ')}\nnode ${process.version} ${process.platform}/${process.arch}\n\n${stack}\n`,
      { mode: 0o600 },
    );
    return file;
  } catch {
    return undefined;
  }
};

/** Writes what to tell and gives the exit code. A second answer for an interrupt: it is quiet. */
export const reportFailure = async (error: unknown, argv: readonly string[], io: Io): Promise<number> => {
  const signalled = io.interruptedBy();
  if (signalled !== undefined && (!(error instanceof CanaryError) || error.code === 'INTERRUPTED')) return signalled;
  const choice = argv.includes('--no-color') || argv.includes('--color=never') ? 'never' : undefined;
  const style = makeStyle({ color: wantsColor(choice, io.env, io.stderr.isTTY) });
  if (error instanceof CanaryError && error.code !== 'BUG') {
    io.stderr.write(failureLines(error, style));
    return error.exitCode;
  }
  const file = await saveCrash(error, argv);
  const where = file === undefined ? {} : { remedy: `report it with the stack in ${file}` };
  io.stderr.write(failureLines(new CanaryError('BUG', `a bug in kubectl canary: ${messageOf(error)}`, where), style));
  return EXIT.bug;
};
