import type { DriveEnd } from '../../shared/engine/drive-one.ts';
import { CanaryError, EXIT } from '../../shared/errors.ts';
import { nameOf, readCanary } from '../canaries.ts';
import type { Run } from '../cli/spec.ts';
import { driveInForeground } from '../drive/foreground.ts';
import { engineSettings } from '../drive/settings.ts';
import { jsonSight, textSight } from '../drive/sight.ts';
import type { Io } from '../io.ts';
import { formOf, outStyle } from '../print.ts';
import { confirmContext, refuseReadOnly } from '../verbs/guard.ts';
import { phaseOf, summarize } from '../view/summary.ts';

/** The Io whose signal also comes when `--timeout` has passed. */
const withTimeout = (io: Io, timeoutMs: number): { io: Io; done: () => void } => {
  if (timeoutMs === 0) return { io, done: () => undefined };
  const late = new AbortController();
  const timer = io.clock.after(timeoutMs, () =>
    late.abort(new CanaryError('TIMEOUT', `the rollout did not end within --timeout`)),
  );
  return { io: { ...io, signal: AbortSignal.any([io.signal, late.signal]) }, done: () => timer.cancel() };
};

/** The exit code, or the error, of an end. */
const conclude = ({ why, canary }: DriveEnd, io: Io): number => {
  const { name, namespace = '' } = canary.metadata;
  const remedy = `kubectl canary why ${name} -n ${namespace}`;
  if (why === 'done')
    throw new CanaryError(
      'NEEDS_PERSON',
      `${name} waits for ${summarize(canary, io.clock.now()).waiting ?? 'a person'}`,
      { remedy },
    );
  if (phaseOf(canary.status) !== 'Failed') return EXIT.done;
  throw new CanaryError('ROLLOUT_FAILED', `rollout of ${name} failed`, { remedy });
};

export const run: Run = async (input, outer) => {
  const form = await formOf(input, outer, ['text', 'json']);
  refuseReadOnly(input, outer);
  const settings = engineSettings(input, { concurrency: 1 }, outer.env);
  const { io, done } = withTimeout(outer, input.duration('timeout') ?? 0);
  const connection = await io.connect(input);
  try {
    const canary = await readCanary(connection, nameOf(input.words[0] as string), io.signal);
    await confirmContext(connection, io);
    const style = outStyle(input, io);
    const sight = form.is === 'json' ? jsonSight(io) : textSight(io, style);
    const untilGate = input.text('until') === 'gate';
    const end = await driveInForeground(canary, {
      connection,
      io,
      settings,
      sight,
      style,
      untilGate,
      takeOver: input.flag('take-over'),
    });
    return conclude(end, io);
  } finally {
    done();
    connection.close();
  }
};
