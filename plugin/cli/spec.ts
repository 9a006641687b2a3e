/** A command as data: help, argv normalisation, parsing and completion all read the same record. */
import type { Io } from '../io.ts';
import type { Input } from './input.ts';

export type FlagType =
  | 'text'
  /** May be given several times; keeps all values. */
  | 'list'
  | 'flag'
  | 'whole'
  /** `30s`, `1m30s`, or a bare number of seconds. */
  | 'duration';

/** What completion offers for a value. */
export type Offers = 'contexts' | 'namespaces' | 'clusters' | 'users' | 'files' | 'phases' | 'canaries';

export interface FlagSpec {
  readonly type: FlagType;
  readonly about: string;
  readonly short?: string;
  /** Name of the value in help: `--filename FILE`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** What holds when the flag is absent, for help only. */
  readonly default?: string;
  /** The value meant when the flag stands without one, and then it never takes the next word (as pflag does). */
  readonly bare?: string;
  readonly hidden?: boolean;
  readonly offers?: Offers;
}

export type Flags = Readonly<Record<string, FlagSpec>>;

export interface FlagGroup {
  readonly title: string;
  readonly flags: Flags;
}

/** Runs a command; the number is the exit code. */
export type Run = (input: Input, io: Io) => Promise<number>;

export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** As it stands in the usage line: `[NAME...]`. */
  readonly args?: string;
  /** How many words may follow; absent: none. */
  readonly min?: number;
  readonly max?: number;
  readonly about: string;
  readonly details?: string;
  readonly examples: readonly string[];
  readonly groups: readonly FlagGroup[];
  /** Go style: `-mesh-provider=x` means `--mesh-provider=x`. */
  readonly goStyle?: boolean;
  /** Everything after the command's name goes to another program as it stands. */
  readonly passThrough?: boolean;
  /** Under which heading of the command list it stands. */
  readonly section: 'look' | 'act' | 'offline' | 'serve' | 'other';
  readonly hidden?: boolean;
  /** What completion offers for a bare word. */
  readonly offers?: Offers;
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** All flags of a command in one record; a later group wins over an earlier one. */
export const flagsOf = (spec: Pick<CommandSpec, 'groups'>): Flags =>
  Object.assign({}, ...spec.groups.map((group) => group.flags)) as Flags;

/** True when the flag can stand without a value. */
export const standsAlone = (flag: FlagSpec): boolean => flag.type === 'flag' || flag.bare !== undefined;
