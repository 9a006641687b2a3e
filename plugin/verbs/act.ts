/** One verb over one or several Canaries: read, decide, write, wait for the answer, say what happened. */
import type { Canary } from '../../shared/api/canary.ts';
import { revisionAtHand } from '../../shared/api/command.ts';
import { CanaryError, EXIT } from '../../shared/errors.ts';
import { listCanaries, nameOf, nothingFound, readCanary, selectionOf } from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import { usageError } from '../cli/usage.ts';
import { findDrivers } from '../drivers.ts';
import { reportFailure } from '../failure.ts';
import { followCanaries } from '../follow.ts';
import { type Form, formOf, qualifiedName, writeObjects } from '../print.ts';
import { plain } from '../view/columns.ts';
import { phaseOf, progressOf } from '../view/summary.ts';
import { whoAmI } from './actor.ts';
import { confirmContext, confirmRisk, confirmSeveral, refuseReadOnly } from './guard.ts';
import type { VerbSpec } from './verb.ts';
import { awaitAnswer, type Context, dryRunOf, isStale, refusePending, type Written, writeCommand } from './write.ts';

const ATTEMPTS = 5;

const SUFFIX = { none: '', client: ' (dry run)', server: ' (server dry run)' } as const;

const selects = (input: Input): boolean =>
  input.has('selector') || input.flag('all-namespaces') || input.has('field-selector');

/** Throws USAGE when nothing, or two different things, say which Canaries are meant. */
const checkChoice = (spec: VerbSpec, input: Input): void => {
  const names = spec.names?.(input) ?? input.words;
  if (names.length === 0) {
    if (selects(input)) return;
    throw usageError(`${input.command.name} needs NAME or a selector`, `kubectl canary ${input.command.name} --help`);
  }
  if (input.flag('all-namespaces')) throw usageError('a Canary cannot be named across all namespaces');
  if (input.has('selector')) throw usageError('name a Canary or select by label, not both');
  for (const word of names) nameOf(word);
};

const chosen = async (spec: VerbSpec, { input, io, connection }: Omit<Context, 'by'>): Promise<Canary[]> => {
  const names = spec.names?.(input) ?? input.words;
  if (names.length > 0) return Promise.all(names.map((word) => readCanary(connection, nameOf(word), io.signal)));
  const selection = selectionOf(input, connection);
  const { items } = await listCanaries(connection, selection, io.signal);
  if (items.length === 0) throw new CanaryError('API_NOT_FOUND', nothingFound(selection.namespace).replace(/\.$/, ''));
  await confirmSeveral(
    items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
    input,
    io,
  );
  return items;
};

type Result =
  | { readonly written: Written; readonly before: Canary }
  | { readonly unchanged: string; readonly before: Canary };

/** Two people who press the same key move the rollout once: a retry holds on to the revision and step first seen. */
const refuseMoved = (first: Canary, fresh: Canary, spec: VerbSpec): void => {
  const [was, is] = [progressOf(first), progressOf(fresh)];
  if (revisionAtHand(first.status) !== revisionAtHand(fresh.status))
    throw new CanaryError('REFUSED', `${spec.verb} refused: another revision has come meanwhile`);
  if ((spec.verb === 'promote' || spec.verb === 'skip-step') && is.step !== was.step)
    throw new CanaryError('REFUSED', `${spec.verb} refused: already past ${was.unit} ${was.step}`);
};

/** Decides and writes; a Canary that changed between reading and writing is read again. */
const decideAndWrite = async (first: Canary, spec: VerbSpec, context: Context): Promise<Result> => {
  const { input, io, connection } = context;
  let canary = first;
  for (let attempt = 1; ; attempt += 1) {
    const plan = spec.plan(canary, input, io.clock.now());
    if (plan.is === 'unchanged') return { unchanged: plan.why, before: canary };
    if (plan.is === 'refused')
      throw new CanaryError(
        'REFUSED',
        `${spec.verb} refused: ${plan.why}`,
        plan.remedy === undefined ? {} : { remedy: plan.remedy },
      );
    refusePending(canary, spec.verb, io.clock.now());
    if (plan.confirm !== undefined && attempt === 1) await confirmRisk(plan.confirm, canary.metadata.name, input, io);
    try {
      return { written: await writeCommand(canary, spec, plan.order, context), before: canary };
    } catch (error) {
      if (!isStale(error) || attempt >= ATTEMPTS) throw error;
      canary = await readCanary(
        { ...connection, namespace: first.metadata.namespace ?? '' },
        first.metadata.name,
        io.signal,
      );
      refuseMoved(first, canary, spec);
    }
  }
};

/** `--wait`: until the command has had its whole effect. */
const awaitEffect = async (
  before: Canary,
  after: Canary,
  spec: VerbSpec,
  { input, io, connection }: Context,
): Promise<Canary> => {
  if (!input.flag('wait') || spec.isComplete(before, after)) return after;
  const abort = new AbortController();
  const stop = () => abort.abort(io.signal.reason);
  io.signal.addEventListener('abort', stop, { once: true });
  const limit = input.duration('timeout') ?? 0;
  const timer =
    limit === 0
      ? undefined
      : io.clock.after(limit, () =>
          abort.abort(new CanaryError('TIMEOUT', `timed out waiting for ${spec.verb} of ${after.metadata.name}`)),
        );
  try {
    const selection = {
      namespace: after.metadata.namespace ?? '',
      fieldSelector: `metadata.name=${after.metadata.name}`,
    };
    const list = { items: [after], resourceVersion: after.metadata.resourceVersion ?? '' };
    for await (const { type, canary } of followCanaries(connection, selection, list, { ...io, signal: abort.signal })) {
      if (type === 'DELETED')
        throw new CanaryError(
          'API_NOT_FOUND',
          `canary ${canary.metadata.name} was deleted while ${spec.verb} was under way`,
        );
      if (spec.isComplete(before, canary)) return canary;
    }
    return after;
  } finally {
    timer?.cancel();
    abort.abort(new CanaryError('INTERRUPTED', 'done'));
    io.signal.removeEventListener('abort', stop);
  }
};

export interface Done {
  /** One line: what was done, by whom. */
  readonly text: string;
  readonly canary: Canary;
}

/** Waits for the driver's answer to what was written, and with --wait for its effect. */
const settle = async (
  result: Extract<Result, { written: Written }>,
  spec: VerbSpec,
  context: Context,
): Promise<Done> => {
  const { record, canary } = await awaitAnswer(result.written, context);
  if (record.result === 'refused')
    throw new CanaryError('REFUSED', `${spec.verb} refused: ${record.message ?? 'the driver gave no reason'}`);
  const end = await awaitEffect(result.before, canary, spec, context);
  const effect = spec.effect(result.before, end, context.io.clock.now());
  const by = record.by ?? result.written.command.by;
  const hint = spec.hint?.(end);
  const text = `${qualifiedName(end)} ${spec.done}${effect === '' ? '' : `: ${effect}`}${by === undefined ? '' : ` (by ${by})`}`;
  return { text: hint === undefined || hint === '' ? text : `${text}        ${hint}`, canary: end };
};

/** Reads nothing: `first` is acted on as it stands. Throws REFUSED, DRIVER_MISSING, TIMEOUT and what the server says. */
export const actOnCanary = async (first: Canary, spec: VerbSpec, context: Context): Promise<Done> => {
  const { input } = context;
  const result = await decideAndWrite(first, spec, context);
  const name = qualifiedName(result.before);
  if ('unchanged' in result) return { text: `${name} unchanged: ${result.unchanged}`, canary: result.before };
  const dryRun = dryRunOf(input);
  if (dryRun !== 'none') return { text: `${name} ${spec.done}${SUFFIX[dryRun]}`, canary: result.written.canary };
  if (await wantsDrive(result.written, context)) return driveOn(result.written, spec, context);
  return settle(result, spec, context);
};

/** `--drive`, and nobody else is there to obey. */
const wantsDrive = async ({ canary }: Written, { input, io, connection }: Context): Promise<boolean> => {
  if (!input.command.groups.some(({ flags }) => 'drive' in flags) || !input.flag('drive')) return false;
  return (
    (await findDrivers(connection, { namespace: canary.metadata.namespace ?? '', canary: canary.metadata.name }, io))
      .length === 0
  );
};

/** Obeys the command here and takes the rollout to its end. */
const driveOn = async (
  { canary, command }: Written,
  spec: VerbSpec,
  { input, io, connection }: Context,
): Promise<Done> => {
  const { driveVerb } = await import('../drive/verb.ts');
  const end = await driveVerb(canary, { input, io, connection });
  const record = end.status?.commands?.find(({ id }) => id === command.id);
  if (record?.result === 'refused')
    throw new CanaryError('REFUSED', `${spec.verb} refused: ${record.message ?? 'the driver gave no reason'}`);
  const by = command.by === undefined ? '' : ` (by ${command.by})`;
  return { text: `${qualifiedName(end)} ${spec.done}: ${phaseOf(end.status)}${by}`, canary: end };
};

const actOnOne = async (first: Canary, spec: VerbSpec, form: Form, context: Context): Promise<void> => {
  const { text, canary } = await actOnCanary(first, spec, context);
  if (form.is === 'text') context.io.stdout.write(`${plain(text)}\n`);
  else await writeObjects([canary], form, context.io, { single: true, managed: false, headers: true });
};

/** The command of a verb. All names are tried; the worst exit code is returned. */
export const runVerb =
  (spec: VerbSpec): Run =>
  async (input, io) => {
    const form = await formOf(input, io, ['text', 'json', 'yaml', 'name']);
    refuseReadOnly(input, io);
    spec.check?.(input);
    checkChoice(spec, input);
    const connection = await io.connect(input);
    try {
      const canaries = await chosen(spec, { input, io, connection });
      if (dryRunOf(input) === 'none') await confirmContext(connection, io);
      const context: Context = { input, io, connection, by: await whoAmI(connection, io) };
      if (canaries.length === 1) {
        await actOnOne(canaries[0] as Canary, spec, form, context);
        return EXIT.done;
      }
      let worst: number = EXIT.done;
      for (const canary of canaries) {
        worst = Math.max(
          worst,
          await actOnOne(canary, spec, form, context).then(
            () => EXIT.done,
            (error: unknown) => reportFailure(error, [], io),
          ),
        );
        io.signal.throwIfAborted();
      }
      return worst;
    } finally {
      connection.close();
    }
  };
