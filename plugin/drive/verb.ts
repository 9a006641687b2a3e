/** A verb that drives the rollout itself, because nobody else is there to obey it. */
import type { Canary } from '../../shared/api/canary.ts';
import type { Input } from '../cli/input.ts';
import type { Connection, Io } from '../io.ts';
import { errStyle } from '../print.ts';
import { driveInForeground } from './foreground.ts';
import { engineSettings } from './settings.ts';
import { textSight } from './sight.ts';

/** Drives to the end and returns the Canary as it stands then. Its lines go to stderr: stdout is for the answer. */
export const driveVerb = async (
  canary: Canary,
  context: { input: Input; io: Io; connection: Connection },
): Promise<Canary> => {
  const { input, io, connection } = context;
  const settings = engineSettings(input, { concurrency: 1 }, io.env);
  const style = errStyle(input, io);
  const sight = textSight({ ...io, stdout: io.stderr }, style);
  const end = await driveInForeground(canary, {
    connection,
    io,
    settings,
    sight,
    style,
    untilGate: false,
    takeOver: false,
  });
  return end.canary;
};
