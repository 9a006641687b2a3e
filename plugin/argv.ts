/**
 * Brings what was typed into one plain form before yargs sees it: every flag becomes `--name=value`, so that
 * `-ojson`, `-f -`, `-Aw`, `--no-headers` and a name like `1e3` mean what they mean to kubectl.
 */
import { type CommandSpec, type Flags, type FlagSpec, flagsOf, standsAlone } from './cli/spec.ts';
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
  readonly words: string[];
  readonly given: Given[];
  readonly warnings: string[];
}

const HELP = 'kubectl canary --help';

const helpOf = (command: CommandSpec | undefined): string => (command === undefined ? HELP : `kubectl canary ${command.name} --help`);

const byShort = (flags: Flags): Map<string, string> =>
  new Map(Object.entries(flags).flatMap(([name, flag]) => (flag.short === undefined ? [] : [[flag.short, name] as const])));

const bareValue = (name: string, flag: FlagSpec, scan: Scan): string => {
  if (flag.type === 'flag') return 'true';
  if (name === 'dry-run') scan.warnings.push('--dry-run without a value is deprecated; it means --dry-run=client');
  return flag.bare ?? '';
};

/** `--name`, `--name=value` or `--name value`. Returns how many words it took. */
const takeLong = (argv: readonly string[], at: number, flags: Flags, scan: Scan, help: string): number => {
  const word = (argv[at] as string).replace(/^--?/, '');
  const cut = word.indexOf('=');
  const name = cut < 0 ? word : word.slice(0, cut);
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) throw unknownWord('flag', `--${name}`, Object.keys(flags), help);
  if (cut >= 0) scan.given.push({ name, value: word.slice(cut + 1) });
  else if (standsAlone(flag)) scan.given.push({ name, value: bareValue(name, flag, scan) });
  else {
    const value = argv[at + 1];
    if (value === undefined) throw usageError(`flag needs an argument: --${name}`, help);
    scan.given.push({ name, value });
    return 2;
  }
  return 1;
};

/** `-o json`, `-ojson`, `-o=json`, `-Aw`, `-Aojson`. Returns how many words it took. */
const takeShort = (argv: readonly string[], at: number, flags: Flags, scan: Scan, help: string): number => {
  const word = argv[at] as string;
  const shorts = byShort(flags);
  for (let i = 1; i < word.length; i += 1) {
    const letter = word[i] as string;
    const name = shorts.get(letter);
    if (name === undefined) throw usageError(`unknown short flag "-${letter}" in "${word}"`, help);
    const flag = flags[name] as FlagSpec;
    const rest = word.slice(i + 1);
    if (rest.startsWith('=')) {
      scan.given.push({ name, value: rest.slice(1) });
      return 1;
    }
    if (standsAlone(flag)) {
      scan.given.push({ name, value: bareValue(name, flag, scan) });
      continue;
    }
    if (rest !== '') {
      scan.given.push({ name, value: rest });
      return 1;
    }
    const value = argv[at + 1];
    if (value === undefined) throw usageError(`flag needs an argument: -${letter} (--${name})`, help);
    scan.given.push({ name, value });
    return 2;
  }
  return 1;
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
export const normaliseArgv = (argv: readonly string[], commands: readonly CommandSpec[], globals: Flags): Normalised => {
  const scan: Scan = { words: [], given: [], warnings: [] };
  let command: CommandSpec | undefined;
  let flags = globals;
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] as string;
    if (word === '--') {
      scan.words.push(...argv.slice(at + 1));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      if (command === undefined) {
        command = commands.find((one) => one.name === word || one.aliases?.includes(word));
        if (command === undefined) throw unknownCommand(word, commands);
        flags = { ...globals, ...flagsOf(command) };
        if (command.passThrough === true) {
          scan.words.push(...argv.slice(at + 1));
          break;
        }
      } else scan.words.push(word);
      at += 1;
    } else if (word.startsWith('--') || (command?.goStyle === true && isGoStyle(word, flags))) {
      at += takeLong(argv, at, flags, scan, helpOf(command));
    } else {
      at += takeShort(argv, at, flags, scan, helpOf(command));
    }
  }
  return { command, flags: lastOfEach(scan.given, flags), words: scan.words, warnings: scan.warnings };
};

const unknownCommand = (word: string, commands: readonly CommandSpec[]) =>
  unknownWord('command', word, commands.filter((one) => one.hidden !== true).flatMap((one) => [one.name, ...(one.aliases ?? [])]), HELP);
