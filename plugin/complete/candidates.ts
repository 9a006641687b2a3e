/** What could stand where the cursor is. Pure but for `ask`, which answers what only a cluster or kubeconfig knows. */

import { PHASES } from '../../shared/api/phase.ts';
import { GLOBALS } from '../cli/flags.ts';
import { type CommandSpec, type FlagSpec, type Flags, flagsOf, type Offers, standsAlone } from '../cli/spec.ts';
import { COMMANDS, findCommand } from '../cli/table.ts';

/** cobra's directives: what the shell does with the answer. */
export const DIRECTIVE = { files: 0, noSpace: 2, noFiles: 4 } as const;

export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: number;
}

export interface Asked {
  readonly what: Offers;
  readonly command: CommandSpec | undefined;
  /** Flags typed so far, `--name=value`. */
  readonly flags: readonly string[];
  /** Words typed already. */
  readonly words: readonly string[];
}

export type Ask = (asked: Asked) => Promise<readonly Candidate[]>;

interface Typed {
  readonly command: CommandSpec | undefined;
  readonly flags: string[];
  readonly words: string[];
  /** A flag that waits for its value. */
  readonly open: { readonly name: string; readonly flag: FlagSpec } | undefined;
}

const flagFor = (word: string, flags: Flags): { name: string; flag: FlagSpec } | undefined => {
  const name = word.startsWith('--')
    ? word.slice(2)
    : Object.keys(flags).find((one) => flags[one]?.short === word.slice(1, 2));
  const flag = name === undefined || !Object.hasOwn(flags, name) ? undefined : flags[name];
  return flag === undefined ? undefined : { name: name as string, flag };
};

interface Reading {
  command: CommandSpec | undefined;
  open: Typed['open'];
  readonly flags: string[];
  readonly words: string[];
}

const readFlag = (word: string, reading: Reading): void => {
  const known: Flags = { ...GLOBALS, ...(reading.command === undefined ? {} : flagsOf(reading.command)) };
  if (word.startsWith('--') && word.includes('=')) {
    reading.flags.push(word);
    return;
  }
  const found = flagFor(word, known);
  if (found === undefined) return;
  if (standsAlone(found.flag)) reading.flags.push(`--${found.name}=true`);
  else if (!word.startsWith('--') && word.length > 2) reading.flags.push(`--${found.name}=${word.slice(2)}`);
  else reading.open = found;
};

/** Reads the words before the cursor; what it does not understand it passes over. */
const readTyped = (words: readonly string[]): Typed => {
  const reading: Reading = { command: undefined, open: undefined, flags: [], words: [] };
  for (const word of words) {
    if (reading.open !== undefined) {
      reading.flags.push(`--${reading.open.name}=${word}`);
      reading.open = undefined;
    } else if (word.startsWith('-') && word !== '-') readFlag(word, reading);
    else if (reading.command === undefined) reading.command = findCommand(word);
    else reading.words.push(word);
  }
  return reading;
};

const choicesOf = (flag: FlagSpec): Candidate[] | undefined => {
  if (flag.choices !== undefined) return flag.choices.map((word) => ({ word }));
  if (flag.offers === 'phases') return PHASES.filter((phase) => phase !== '').map((word) => ({ word }));
  if (flag.short === 'o')
    return flag.about
      .replace(/^one of: /, '')
      .split(', ')
      .map((word) => ({ word }));
  return undefined;
};

const valuesOf = async (flag: FlagSpec, typed: Typed, ask: Ask): Promise<Completion> => {
  const choices = choicesOf(flag);
  if (choices !== undefined)
    return {
      candidates: choices,
      directive: choices.some(({ word }) => word.endsWith('='))
        ? DIRECTIVE.noFiles | DIRECTIVE.noSpace
        : DIRECTIVE.noFiles,
    };
  if (flag.offers === 'files') return { candidates: [], directive: DIRECTIVE.files };
  if (flag.offers === undefined) return { candidates: [], directive: DIRECTIVE.noFiles };
  return {
    candidates: await ask({ what: flag.offers, command: typed.command, flags: typed.flags, words: typed.words }),
    directive: DIRECTIVE.noFiles,
  };
};

const flagCandidates = (command: CommandSpec | undefined): Candidate[] => {
  const flags: Flags = command === undefined ? GLOBALS : flagsOf(command);
  return Object.entries(flags)
    .filter(([, flag]) => flag.hidden !== true)
    .map(([name, flag]) => ({ word: `--${name}`, about: flag.about }));
};

const wordCandidates = async (typed: Typed, ask: Ask): Promise<Completion> => {
  const { command, words, flags } = typed;
  if (command === undefined) {
    return {
      candidates: COMMANDS.filter((spec) => spec.hidden !== true).map((spec) => ({
        word: spec.name,
        about: spec.about,
      })),
      directive: DIRECTIVE.noFiles,
    };
  }
  if (command.offers === 'files') return { candidates: [], directive: DIRECTIVE.files };
  if (command.name === 'completion')
    return { candidates: (command.args ?? '').split('|').map((word) => ({ word })), directive: DIRECTIVE.noFiles };
  if (command.name === 'help')
    return {
      candidates: COMMANDS.map((spec) => ({ word: spec.name, about: spec.about })),
      directive: DIRECTIVE.noFiles,
    };
  if (command.offers === undefined || words.length >= (command.max ?? 0))
    return { candidates: [], directive: DIRECTIVE.noFiles };
  const found = await ask({ what: command.offers, command, flags, words });
  return { candidates: found.filter(({ word }) => !words.includes(word)), directive: DIRECTIVE.noFiles };
};

const startingWith = (completion: Completion, start: string): Completion => ({
  ...completion,
  candidates: completion.candidates.filter(({ word }) => word.startsWith(start)),
});

/** `words`: what stands after the plugin's name; the last one is being typed and may be empty. */
export const complete = async (words: readonly string[], ask: Ask): Promise<Completion> => {
  const last = words.at(-1) ?? '';
  const typed = readTyped(words.slice(0, -1));
  if (typed.open !== undefined) return startingWith(await valuesOf(typed.open.flag, typed, ask), last);
  const [, long, value] = /^(--[^=]+)=(.*)$/s.exec(last) ?? [];
  if (long !== undefined) {
    const found = flagFor(long, { ...GLOBALS, ...(typed.command === undefined ? {} : flagsOf(typed.command)) });
    if (found === undefined) return { candidates: [], directive: DIRECTIVE.noFiles };
    const values = startingWith(await valuesOf(found.flag, typed, ask), value as string);
    return { ...values, candidates: values.candidates.map((one) => ({ ...one, word: `${long}=${one.word}` })) };
  }
  if (last.startsWith('-'))
    return startingWith({ candidates: flagCandidates(typed.command), directive: DIRECTIVE.noFiles }, last);
  return startingWith(await wordCandidates(typed, ask), last);
};

/** As kubectl reads it: one candidate a line, a tab, what it is; last the directive. */
export const completionText = ({ candidates, directive }: Completion): string =>
  [
    ...candidates.map(({ word, about }) => (about === undefined ? word : `${word}\t${about}`)),
    `:${directive}`,
    '',
  ].join('\n');
