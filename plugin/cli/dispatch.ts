/** From words to a command: normalise, parse with yargs, check, load the command's code, run it. */
import yargs from 'yargs';
import { normaliseArgv } from '../argv.ts';
import type { Io } from '../io.ts';
import { commandList, fullHelp, shortHelp } from '../view/help.ts';
import { GLOBALS } from './flags.ts';
import { makeInput } from './input.ts';
import { type CommandSpec, type Flags, flagsOf } from './spec.ts';
import { COMMANDS } from './table.ts';
import { usageError } from './usage.ts';

const PARSER = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'populate--': true,
  'short-option-groups': false,
};

/** yargs takes one pair of quotes off a value; this pair is for it. */
const guardQuotes = (flag: string): string => {
  const cut = flag.indexOf('=');
  const value = flag.slice(cut + 1);
  return /^(["']).*\1$/s.test(value) ? `${flag.slice(0, cut)}="${value}"` : flag;
};

/** The values of the flags; they are texts, their meaning is checked by `makeInput`. */
const parseFlags = async (spec: CommandSpec, flags: readonly string[]): Promise<Record<string, unknown>> => {
  const known: Flags = { ...GLOBALS, ...flagsOf(spec) };
  const parser = yargs()
    .parserConfiguration(PARSER)
    .detectLocale(false)
    .help(false)
    .version(false)
    .exitProcess(false)
    .strict()
    .fail((message: string, error: Error | undefined) => {
      throw error ?? usageError(message, `kubectl canary ${spec.name} --help`);
    })
    .command(
      spec.name,
      spec.about,
      (builder) =>
        builder.options(
          Object.fromEntries(
            Object.entries(known).map(([name, flag]) => [
              name,
              flag.type === 'list' ? { type: 'array', nargs: 1, string: true } : { type: 'string' },
            ]),
          ),
        ),
      () => undefined,
    );
  return parser.parseAsync([spec.name, ...flags.map(guardQuotes)]);
};

const widthOf = (io: Io): number => Math.min(110, Math.max(60, io.stdout.columns() ?? 100));

/** Runs what was asked for; the number is the exit code. Failures are thrown. */
export const dispatch = async (argv: readonly string[], io: Io): Promise<number> => {
  const { command, flags, words, warnings } = normaliseArgv(argv, COMMANDS, GLOBALS);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  if (command === undefined) {
    io.stdout.write(commandList(COMMANDS, widthOf(io)));
    return 0;
  }
  const values = await parseFlags(command, flags);
  if (values['help'] === 'true' || values['h'] === 'true') {
    io.stdout.write(values['help'] === 'true' ? fullHelp(command, widthOf(io)) : shortHelp(command));
    return 0;
  }
  const input = makeInput(command, GLOBALS, values, words);
  const { run } = await command.load();
  return run(input, io);
};
