/** Writing a command and waiting for the driver's answer. */
import type { AnsweredCommand, Canary } from '../../shared/api/canary.ts';
import {
  COMMAND_ANNOTATION,
  type Command,
  parseCommand,
  pendingCommand,
  revisionAtHand,
  serializeCommand,
} from '../../shared/api/command.ts';
import { FIELD_MANAGERS } from '../../shared/api/names.ts';
import { CanaryError, hasCode } from '../../shared/errors.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { canaryRef, explained } from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import { knownDrivers } from '../drivers.ts';
import { followCanaries } from '../follow.ts';
import type { Connection, Io } from '../io.ts';
import { instantOf, span } from '../view/times.ts';
import type { Order, VerbSpec } from './verb.ts';

export interface Context {
  readonly input: Input;
  readonly io: Io;
  readonly connection: Connection;
  /** From SelfSubjectReview; undefined where the server cannot say. */
  readonly by: string | undefined;
}

export type DryRun = 'none' | 'client' | 'server';

export const dryRunOf = (input: Input): DryRun => {
  const text = input.text('dry-run') ?? 'none';
  return text === 'unchanged' ? 'client' : (text as DryRun);
};

const ACKNOWLEDGE_MS = 10_000;
/** Without an answer by then, the leases are looked at: where no driver lives, waiting longer is no use. */
const DOUBT_MS = 1500;

/** Throws REFUSED when another word has not been answered yet. */
export const refusePending = (canary: Canary, verb: string, now: number): void => {
  const pending = pendingCommand(canary.metadata.annotations, canary.status);
  if (pending === undefined) return;
  const who = pending.by === undefined ? '' : ` by ${pending.by}`;
  throw new CanaryError(
    'REFUSED',
    `${verb} refused: ${pending.verb}${who}, ${span(now - Date.parse(pending.at))} ago, is not obeyed yet`,
    {
      remedy: `kubectl canary why ${canary.metadata.name} -n ${canary.metadata.namespace ?? ''}`,
    },
  );
};

const commandFor = (canary: Canary, spec: VerbSpec, order: Order, { input, io, by }: Context): Command => {
  const revision = revisionAtHand(canary.status);
  const reason = input.text('reason');
  return {
    id: systemRandom.uuid(),
    verb: spec.verb,
    ...(revision === undefined ? {} : { revision }),
    ...(by === undefined ? {} : { by }),
    at: instantOf(io.clock.now()),
    ...order,
    ...(reason === undefined || reason === '' ? {} : { reason }),
  };
};

export interface Written {
  readonly command: Command;
  /** As the server answered. */
  readonly canary: Canary;
}

/** Puts the annotation on the Canary, with the version that was read. Throws API_CONFLICT when it has changed. */
export const writeCommand = async (
  canary: Canary,
  spec: VerbSpec,
  order: Order,
  context: Context,
): Promise<Written> => {
  const { connection, input, io } = context;
  const command = commandFor(canary, spec, order, context);
  const namespace = canary.metadata.namespace ?? '';
  const patch = {
    metadata: {
      resourceVersion: canary.metadata.resourceVersion,
      annotations: { [COMMAND_ANNOTATION]: serializeCommand(command) },
    },
  };
  const dryRun = dryRunOf(input);
  if (dryRun === 'client') {
    const annotations = { ...canary.metadata.annotations, [COMMAND_ANNOTATION]: serializeCommand(command) };
    return { command, canary: { ...canary, metadata: { ...canary.metadata, annotations } } };
  }
  try {
    const options = {
      type: 'merge',
      fieldManager: input.text('field-manager') ?? FIELD_MANAGERS.plugin,
      dryRun: dryRun === 'server',
      signal: io.signal,
    } as const;
    const written = (await connection.kube.patch(canaryRef(namespace, canary.metadata.name), patch, options)) as Canary;
    const stamped = parseCommand(written.metadata.annotations?.[COMMAND_ANNOTATION]);
    return {
      command: stamped !== undefined && 'id' in stamped && stamped.id === command.id ? stamped : command,
      canary: written,
    };
  } catch (error) {
    throw explained(error);
  }
};

export interface Acknowledged {
  readonly record: AnsweredCommand;
  readonly canary: Canary;
}

const recordOf = (canary: Canary, id: string): AnsweredCommand | undefined =>
  canary.status?.commands?.find((record) => record.id === id);

const noDriver = (canary: Canary): CanaryError =>
  new CanaryError(
    'DRIVER_MISSING',
    'no driver is alive: the command is written, but nothing will happen until one runs',
    {
      remedy: `kubectl canary run ${canary.metadata.name} -n ${canary.metadata.namespace ?? ''}`,
    },
  );

/**
 * Waits up to ten seconds until a driver has recorded the command. Throws DRIVER_MISSING when none is alive, TIMEOUT
 * when one is but did not answer.
 */
export const awaitAnswer = async ({ command, canary }: Written, context: Context): Promise<Acknowledged> => {
  const { connection, io } = context;
  const present = recordOf(canary, command.id);
  if (present !== undefined) return { record: present, canary };
  const namespace = canary.metadata.namespace ?? '';
  const abort = new AbortController();
  const stop = () => abort.abort(io.signal.reason);
  io.signal.addEventListener('abort', stop, { once: true });
  const late = io.clock.after(ACKNOWLEDGE_MS, () =>
    abort.abort(
      new CanaryError(
        'TIMEOUT',
        `the driver did not answer within ${ACKNOWLEDGE_MS / 1000} s; the command stays written`,
      ),
    ),
  );
  const doubt = io.clock.after(DOUBT_MS, () => {
    void knownDrivers(connection, { namespace, canary: canary.metadata.name }, { ...io, signal: abort.signal }).then(
      (drivers) => drivers?.length === 0 && abort.abort(noDriver(canary)),
      () => undefined,
    );
  });
  try {
    const list = { items: [canary], resourceVersion: canary.metadata.resourceVersion ?? '' };
    const selection = { namespace, fieldSelector: `metadata.name=${canary.metadata.name}` };
    for await (const change of followCanaries(connection, selection, list, { ...io, signal: abort.signal })) {
      const record = recordOf(change.canary, command.id);
      if (record !== undefined) return { record, canary: change.canary };
      if (change.type === 'DELETED')
        throw new CanaryError('API_NOT_FOUND', `canary ${canary.metadata.name} was deleted`);
    }
    throw new CanaryError('TIMEOUT', 'the watch ended');
  } finally {
    late.cancel();
    doubt.cancel();
    abort.abort(new CanaryError('INTERRUPTED', 'done'));
    io.signal.removeEventListener('abort', stop);
  }
};

/** True when the write should be tried again on a fresh copy. */
export const isStale = (error: unknown): boolean => hasCode(error, 'API_CONFLICT');
