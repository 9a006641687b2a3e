/** What `run` says: one line per state, or one JSON object per pass. */
import type { Canary } from '../../shared/api/canary.ts';
import type { Log } from '../../shared/engine/ports.ts';
import type { Io } from '../io.ts';
import { plain } from '../view/columns.ts';
import { stateLine } from '../view/lines.ts';
import type { Style } from '../view/style.ts';
import { clockTime, countdown } from '../view/times.ts';

export interface Sight {
  saw(canary: Canary, dueAt: number | undefined): void;
  say(text: string): void;
}

/** Lines on stdout; a state that did not change is not told again. */
export const textSight = (io: Io, style: Style): Sight => {
  let last = '';
  const write = (text: string) =>
    io.stdout.write(`${style.paint('dim', clockTime(io.clock.now(), style.utc))} ${plain(text)}\n`);
  return {
    saw: (canary, dueAt) => {
      const line = stateLine(canary, io.clock.now());
      if (line === last) return;
      last = line;
      const wait = dueAt === undefined ? 0 : dueAt - io.clock.now();
      write(wait > 0 ? `${line}   due in ${countdown(wait)}` : line);
    },
    say: (text) => write(text),
  };
};

/** One compact object per pass. */
export const jsonSight = (io: Io): Sight => ({
  saw: (canary, dueAt) =>
    io.stdout.write(
      `${JSON.stringify({
        time: new Date(io.clock.now()).toISOString(),
        namespace: canary.metadata.namespace,
        name: canary.metadata.name,
        status: canary.status ?? {},
        ...(dueAt === undefined ? {} : { dueAt: new Date(dueAt).toISOString() }),
      })}\n`,
    ),
  say: () => undefined,
});

/** The engine's warnings on stderr; what it merely notes is not shown. */
export const terminalLog = (io: Io, style: Style): Log => {
  const write = (label: string, message: string) => io.stderr.write(`${label} ${plain(message)}\n`);
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => write(style.paint('waiting', 'warning:'), message),
    error: (message) => write(style.paint('bad', 'problem:'), message),
  };
};
