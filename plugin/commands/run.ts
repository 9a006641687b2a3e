import { CanaryError } from '../../shared/errors.ts';
import { nameOf, readCanary } from '../canaries.ts';
import type { Run } from '../cli/spec.ts';
import { driveInForeground } from '../drive/foreground.ts';
import { engineSettings } from '../drive/settings.ts';
import { jsonSight, textSight } from '../drive/sight.ts';
import type { Io } from '../io.ts';
import { formOf, outStyle } from '../print.ts';
import { confirmContext, refuseReadOnly } from '../verbs/guard.ts';

/** The Io whose signal also comes when `--timeout` has passed. */
const withTimeout = (io: Io, timeoutMs: number): { io: Io; done: () => void } => {
  if (timeoutMs === 0) return { io, done: () => undefined };
  const late = new AbortController();
  const timer = io.clock.after(timeoutMs, () => late.abort(new CanaryError('TIMEOUT', `the rollout did not end within --timeout`)));
  return { io: { ...io, signal: AbortSignal.any([io.signal, late.signal]) }, done: () => timer.cancel() };
};

export const run: Run = async (input, outer) => {
  const form = await formOf(input, outer, ['text', 'json']);
  refuseReadOnly(input, outer);
  const settings = engineSettings(input, { meshProvider: 'kubernetes', concurrency: 1 }, outer.env);
  const { io, done } = withTimeout(outer, input.duration('timeout') ?? 0);
  const connection = await io.connect(input);
  try {
    const canary = await readCanary(connection, nameOf(input.words[0] as string), io.signal);
    await confirmContext(connection, io);
    const style = outStyle(input, io);
    const sight = form.is === 'json' ? jsonSight(io) : textSight(io, style);
    const untilGate = input.text('until') === 'gate';
    return await driveInForeground(canary, { connection, io, settings, sight, style, untilGate, takeOver: input.flag('take-over') });
  } finally {
    done();
    connection.close();
  }
};
