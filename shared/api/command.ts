/**
 * A person's word to the driver: one JSON annotation on the Canary. A writer puts it there with the
 * resourceVersion that it read; the driver obeys each id once and records it in `status.commands`.
 */
import { ANNOTATIONS } from './names.ts';

export const COMMAND_ANNOTATION = ANNOTATIONS.command;

export const VERBS = [
  'promote',
  'rollback',
  'pause',
  'resume',
  'approve',
  'reject',
  'retry',
  'set-weight',
  'skip-step',
  'undo',
  'restart',
] as const;

export type Verb = (typeof VERBS)[number];

export interface Command {
  /** Chosen by the writer, unique per command; the driver obeys an id once. */
  readonly id: string;
  readonly verb: Verb;
  /** Our digest (`status.revision`) that the writer looked at; a command for another revision is refused. */
  readonly revision?: string;
  /** The user as the API server knows them; unverified where the webhook did not stamp it. */
  readonly by?: string;
  /** RFC 3339. */
  readonly at: string;
  readonly gate?: string;
  /** Percent to the canary; for `pause`: hold when it has got that much. */
  readonly weight?: number;
  /** `promote`, `skip-step`: the step that the writer saw; two people pressing promote advance once. `pause`: where to hold. */
  readonly step?: number;
  /** `promote`: all the way, without the remaining analysis. */
  readonly full?: boolean;
  /** How long a pause lasts, a Go duration. */
  readonly for?: string;
  /** `set-weight`: and stay there until somebody resumes. */
  readonly hold?: boolean;
  /** Until when an approval counts, RFC 3339. */
  readonly until?: string;
  /** `undo`: the history entry to return to, by digest or number; absent: the last one before that was promoted. */
  readonly toRevision?: string;
  /** `skip-step`: how many. */
  readonly count?: number;
  readonly force?: boolean;
  readonly reason?: string;
}

type Shape = 'string' | 'whole' | 'flag';

/** In the order in which they are written. */
const FIELDS = {
  id: 'string',
  verb: 'string',
  revision: 'string',
  by: 'string',
  at: 'string',
  gate: 'string',
  weight: 'whole',
  step: 'whole',
  full: 'flag',
  for: 'string',
  hold: 'flag',
  until: 'string',
  toRevision: 'string',
  count: 'whole',
  force: 'flag',
  reason: 'string',
} as const satisfies Record<keyof Command, Shape>;

const FITS: Record<Shape, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  whole: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  flag: (value) => typeof value === 'boolean',
};

const WANTED: Record<Shape, string> = { string: 'a text', whole: 'a whole number', flag: 'true or false' };

const isVerb = (value: unknown): value is Verb => (VERBS as readonly unknown[]).includes(value);

/**
 * Reads the annotation's text. Undefined: there is none. `invalid` says in one line why it cannot be obeyed;
 * keys that are not ours are left out, so a newer writer does not stop an older driver.
 */
export const parseCommand = (annotation: string | undefined): Command | { invalid: string } | undefined => {
  if (annotation === undefined || annotation.trim() === '') return undefined;
  let read: unknown;
  try {
    read = JSON.parse(annotation);
  } catch {
    return { invalid: `${COMMAND_ANNOTATION} is not JSON` };
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    return { invalid: `${COMMAND_ANNOTATION} is not an object` };
  }
  return readFields(read as Record<string, unknown>);
};

const readFields = (read: Readonly<Record<string, unknown>>): Command | { invalid: string } => {
  const command: Record<string, unknown> = {};
  for (const [field, shape] of Object.entries(FIELDS)) {
    const value = read[field];
    if (value === undefined || value === null) continue;
    if (!FITS[shape](value)) return { invalid: `${COMMAND_ANNOTATION}: ${field} must be ${WANTED[shape]}` };
    command[field] = value;
  }
  if (command['id'] === undefined || command['id'] === '') return { invalid: `${COMMAND_ANNOTATION}: id is missing` };
  if (!isVerb(command['verb'])) {
    return {
      invalid: `${COMMAND_ANNOTATION}: unknown verb ${JSON.stringify(command['verb'] ?? '')}; known: ${VERBS.join(', ')}`,
    };
  }
  if (command['at'] === undefined) return { invalid: `${COMMAND_ANNOTATION}: at is missing` };
  return command as unknown as Command;
};

/** The annotation's text: fields in one order, absent ones left out. */
export const serializeCommand = (command: Command): string => {
  const written: Record<string, unknown> = {};
  for (const field of Object.keys(FIELDS) as (keyof Command)[]) {
    if (command[field] !== undefined) written[field] = command[field];
  }
  return JSON.stringify(written);
};

/** The revision that a command written now is about: the one that waits to be rolled out, else the one of the status. */
export const revisionAtHand = (
  status: { readonly revision?: string; readonly waitingFor?: { readonly revision?: string } } | undefined,
): string | undefined => status?.waitingFor?.revision ?? status?.revision;

/** True when `parseCommand` found something that cannot be obeyed. */
export const isInvalidCommand = (read: Command | { invalid: string } | undefined): read is { invalid: string } =>
  read !== undefined && 'invalid' in read;

/** True when the driver has recorded this id, whether it obeyed or refused. */
export const isAcknowledged = (
  status: { readonly commands?: readonly { readonly id: string }[] | undefined } | undefined,
  id: string,
): boolean => status?.commands?.some((record) => record.id === id) ?? false;

/** The command that the driver has still to obey; undefined when there is none, or it is recorded, or unreadable. */
export const pendingCommand = (
  annotations: Readonly<Record<string, string>> | undefined,
  status: { readonly commands?: readonly { readonly id: string }[] | undefined } | undefined,
): Command | undefined => {
  const command = parseCommand(annotations?.[COMMAND_ANNOTATION]);
  if (command === undefined || isInvalidCommand(command) || isAcknowledged(status, command.id)) return undefined;
  return command;
};
