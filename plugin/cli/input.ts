import { DNS_LABEL } from '../../shared/api/dns-names.ts';
import { nearest } from './nearest.ts';
import { type CommandSpec, type FlagSpec, type Flags, flagsOf } from './spec.ts';
import { usageError } from './usage.ts';

/** What was asked for, checked. Asking for a flag that the command does not declare is a bug and throws. */
export interface Input {
  readonly command: CommandSpec;
  /** Words that are not flags. */
  readonly words: readonly string[];
  has(name: string): boolean;
  text(name: string): string | undefined;
  flag(name: string): boolean;
  list(name: string): readonly string[];
  whole(name: string): number | undefined;
  /** Milliseconds. */
  duration(name: string): number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `30s`, `1h30m`, `500ms`, or a bare number of seconds; milliseconds, undefined when it is none of these. */
export const readDuration = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit as string] as number),
    0,
  );
};

/** Any other text than a namespace's name would be a path of its own in the request. */
const isNamespace = (text: string): boolean => text.length <= 63 && new RegExp(DNS_LABEL).test(text);

const check = (name: string, flag: FlagSpec, value: string): void => {
  const bad = (wanted: string) => usageError(`invalid value "${value}" for --${name}: ${wanted}`);
  if (flag.type === 'flag' && !/^(true|false)$/i.test(value)) throw bad('true or false');
  if (flag.type === 'whole' && !/^-?\d+$/.test(value)) throw bad('must be a whole number');
  if (flag.type === 'duration' && readDuration(value) === undefined)
    throw bad('must be a duration such as 30s or 1m30s');
  if (flag.offers === 'namespaces' && value !== '' && !isNamespace(value)) throw bad('must be a namespace');
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    const meant = nearest(value, flag.choices);
    throw bad(`${meant === undefined ? '' : `did you mean "${meant}"? `}known: ${flag.choices.join(', ')}`);
  }
};

const checkWords = (spec: CommandSpec, words: readonly string[]): void => {
  const help = `kubectl canary ${spec.name} --help`;
  const [min, max] = [spec.min ?? 0, spec.max ?? 0];
  if (words.length < min) throw usageError(`${spec.name} needs ${spec.args ?? 'an argument'}`, help);
  if (words.length > max) {
    const extra = words
      .slice(max)
      .map((word) => `"${word}"`)
      .join(' ');
    throw usageError(
      max === 0 ? `${spec.name} takes no arguments, got ${extra}` : `too many arguments for ${spec.name}: ${extra}`,
      help,
    );
  }
};

/** Checks the parsed values against the command's record. Throws USAGE, one line. */
export const makeInput = (
  spec: CommandSpec,
  globals: Flags,
  values: Readonly<Record<string, unknown>>,
  words: readonly string[],
): Input => {
  const flags: Flags = { ...globals, ...flagsOf(spec) };
  const given = new Map<string, readonly string[]>();
  for (const [name, flag] of Object.entries(flags)) {
    const value = values[name];
    if (value === undefined) continue;
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    for (const text of texts) check(name, flag, text);
    given.set(name, texts);
  }
  checkWords(spec, words);
  const list = (name: string): readonly string[] => {
    if (!Object.hasOwn(flags, name)) throw new Error(`${spec.name} has no flag --${name}`);
    return given.get(name) ?? [];
  };
  const text = (name: string) => list(name).at(-1);
  return {
    command: spec,
    words,
    has: (name) => given.has(name),
    text,
    flag: (name) => text(name)?.toLowerCase() === 'true',
    list,
    whole: (name) => (text(name) === undefined ? undefined : Number(text(name))),
    duration: (name) => (text(name) === undefined ? undefined : readDuration(text(name) as string)),
  };
};
