/** From words to a command: normalise, parse, check, load the command's code, run it. */
import { normaliseArgv } from '../argv.ts';
import type { Io } from '../io.ts';
import { commandList, fullHelp, shortHelp } from '../view/help.ts';
import { GLOBALS } from './flags.ts';
import { makeInput } from './input.ts';
import { type CommandSpec, flagsOf } from './spec.ts';
import { COMMANDS } from './table.ts';

const widthOf = (io: Io): number => Math.min(110, Math.max(60, io.stdout.columns() ?? 100));

/** The help that was asked for, if any: of everything, or of one command, short or full. */
const helpFor = (command: CommandSpec | undefined, flags: readonly string[], io: Io): string | undefined => {
  if (command === undefined) return commandList(COMMANDS, widthOf(io));
  if (flags.includes('--help=true')) return fullHelp(command, widthOf(io));
  return flags.includes('--h=true') ? shortHelp(command) : undefined;
};

/** Runs what was asked for; the number is the exit code. Failures are thrown. */
export const dispatch = async (argv: readonly string[], io: Io): Promise<number> => {
  const { command, flags, words, warnings } = normaliseArgv(argv, COMMANDS, GLOBALS);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const help = helpFor(command, flags, io);
  if (command === undefined || help !== undefined) {
    io.stdout.write(help ?? '');
    return 0;
  }
  const known = { ...GLOBALS, ...flagsOf(command) };
  const values = flags.length === 0 ? {} : (await import('./parse.ts')).parseFlags(command, known, flags);
  const input = makeInput(command, GLOBALS, values, words);
  const { run } = await command.load();
  return run(input, io);
};
