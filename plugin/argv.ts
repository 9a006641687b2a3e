/**
 * Brings what was typed into one plain form before yargs sees it: every flag becomes `--name=value`, so that
 * `-ojson`, `-f -`, `-Aw`, `--no-headers` and a name like `1e3` mean what they mean to kubectl.
 */
import { type CommandSpec, type FlagSpec, type Flags, flagsOf, standsAlone } from './cli/spec.ts';
import { unknownWord, usageError } from './cli/usage.ts';

export interface Normalised {
  readonly command: CommandSpec | undefined;
  /** Flags as `--name=value`, the last of a repeated scalar only. */
  readonly flags: readonly string[];
  /** Words that are not flags, the command's name left out. */
  readonly words: readonly string[];
  /** What to tell on stderr. */
  readonly warnings: readonly string[];
}

interface Given {
  readonly name: string;
  readonly value: string;
}

interface Scan {
  readonly argv: readonly string[];
  /** The word that is read now. */
  at: number;
  /** Flags that are known here. */
  flags: Flags;
  /** The command that shows what would have been right. */
  help: string;
  readonly words: string[];
  readonly given: Given[];
  readonly warnings: string[];
}

const HELP = 'kubectl canary --help';

const byShort = (flags: Flags): Map<string, string> =>
  new Map(
    Object.entries(flags).flatMap(([name, flag]) => (flag.short === undefined ? [] : [[flag.short, name] as const])),
  );

const bareValue = (name: string, flag: FlagSpec, scan: Scan): string => {
  if (flag.type === 'flag') return 'true';
  if (name === 'dry-run') scan.warnings.push('--dry-run without a value is deprecated; it means --dry-run=client');
  return flag.bare ?? '';
};

/** The word after the present one, which the flag `shown` takes as its value. */
const takeNext = (scan: Scan, shown: string): string => {
  scan.at += 1;
  const value = scan.argv[scan.at];
  if (value === undefined) throw usageError(`flag needs an argument: ${shown}`, scan.help);
  return value;
};

/** `--name`, `--name=value` or `--name value`. */
const takeLong = (scan: Scan): void => {
  const word = (scan.argv[scan.at] as string).replace(/^--?/, '');
  const cut = word.indexOf('=');
  const name = cut < 0 ? word : word.slice(0, cut);
  const flag = Object.hasOwn(scan.flags, name) ? scan.flags[name] : undefined;
  if (flag === undefined) throw unknownWord('flag', `--${name}`, Object.keys(scan.flags), scan.help);
  if (cut >= 0) scan.given.push({ name, value: word.slice(cut + 1) });
  else if (standsAlone(flag)) scan.given.push({ name, value: bareValue(name, flag, scan) });
  else scan.given.push({ name, value: takeNext(scan, `--${name}`) });
};

/** `-o json`, `-ojson`, `-o=json`, `-Aw`, `-Aojson`. */
const takeShort = (scan: Scan): void => {
  const word = scan.argv[scan.at] as string;
  const shorts = byShort(scan.flags);
  for (let i = 1; i < word.length; i += 1) {
    const letter = word[i] as string;
    const name = shorts.get(letter);
    if (name === undefined) throw usageError(`unknown short flag "-${letter}" in "${word}"`, scan.help);
    const flag = scan.flags[name] as FlagSpec;
    const rest = word.slice(i + 1);
    if (standsAlone(flag) && !rest.startsWith('=')) {
      scan.given.push({ name, value: bareValue(name, flag, scan) });
      continue;
    }
    const value = rest === '' ? takeNext(scan, `-${letter} (--${name})`) : rest.replace(/^=/, '');
    scan.given.push({ name, value });
    return;
  }
};

const isGoStyle = (word: string, flags: Flags): boolean => {
  const name = /^-([a-z][a-z0-9-]+)/.exec(word)?.[1];
  return name !== undefined && Object.hasOwn(flags, name);
};

const lastOfEach = (given: readonly Given[], flags: Flags): string[] => {
  const last = new Map(given.map((one, index) => [one.name, index]));
  return given
    .filter((one, index) => flags[one.name]?.type === 'list' || last.get(one.name) === index)
    .map((one) => `--${one.name}=${one.value}`);
};

/**
 * Finds the command among `commands` and rewrites the rest; `globals` are the flags that may stand before the
 * command's name. Throws USAGE for an unknown command or flag, with the nearest known one.
 */
export const normaliseArgv = (
  argv: readonly string[],
  commands: readonly CommandSpec[],
  globals: Flags,
): Normalised => {
  const scan: Scan = { argv, at: 0, flags: globals, help: HELP, words: [], given: [], warnings: [] };
  let command: CommandSpec | undefined;
  for (; scan.at < argv.length; scan.at += 1) {
    const word = argv[scan.at] as string;
    if (word === '--') {
      scan.words.push(...argv.slice(scan.at + 1));
      break;
    }
    if (isFlag(word)) {
      if (word.startsWith('--') || (command?.goStyle === true && isGoStyle(word, scan.flags))) takeLong(scan);
      else takeShort(scan);
    } else if (command === undefined) {
      command = commandOf(word, commands);
      scan.flags = { ...globals, ...flagsOf(command) };
      scan.help = `kubectl canary ${command.name} --help`;
      if (command.passThrough === true) {
        scan.words.push(...argv.slice(scan.at + 1));
        break;
      }
    } else scan.words.push(word);
  }
  return { command, flags: lastOfEach(scan.given, scan.flags), words: scan.words, warnings: scan.warnings };
};

/** A lone dash is a word: stdin. */
const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-';

const commandOf = (word: string, commands: readonly CommandSpec[]): CommandSpec => {
  const found = commands.find((one) => one.name === word || one.aliases?.includes(word));
  if (found !== undefined) return found;
  const known = commands.filter((one) => one.hidden !== true).flatMap((one) => [one.name, ...(one.aliases ?? [])]);
  throw unknownWord('command', word, known, HELP);
};
