/** The values of flags, by the parser of yargs. Loaded only when there are flags to read. */
import { Parser } from 'yargs/helpers';
import type { CommandSpec, Flags } from './spec.ts';
import { usageError } from './usage.ts';

const CONFIGURATION = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
  'unknown-options-as-args': true,
};

/** yargs takes one pair of quotes off a value; this pair is for it. */
const guardQuotes = (flag: string): string => {
  const cut = flag.indexOf('=');
  const value = flag.slice(cut + 1);
  return /^(["']).*\1$/s.test(value) ? `${flag.slice(0, cut)}="${value}"` : flag;
};

/** `flags` are `--name=value`. The values are texts, or lists of them; their meaning is checked by `makeInput`. */
export const parseFlags = (spec: CommandSpec, known: Flags, flags: readonly string[]): Record<string, unknown> => {
  const names = Object.keys(known);
  const isList = (name: string): boolean => known[name]?.type === 'list';
  const { argv, error } = Parser.detailed(flags.map(guardQuotes), {
    string: names,
    array: names.filter(isList),
    narg: Object.fromEntries(names.filter(isList).map((name) => [name, 1])),
    configuration: CONFIGURATION,
  });
  const help = `kubectl canary ${spec.name} --help`;
  if (error !== null) throw usageError(error.message, help);
  if (argv._.length > 0) throw usageError(`cannot read ${argv._.join(' ')}`, help);
  return argv;
};
