/** How a wait is shown: a frame that is redrawn, lines for logs, JSON lines, or nothing. */
import type { Canary } from '../shared/api/canary.ts';
import type { Connection, Io } from './io.ts';
import { readPicture } from './picture.ts';
import { openScreen } from './screen.ts';
import { frameLines } from './view/frame.ts';
import { stateLine, timedLine } from './view/lines.ts';
import type { Picture } from './view/picture.ts';
import type { Style } from './view/style.ts';
import { isRunning, phaseOf } from './view/summary.ts';
import type { Presenter } from './waiting.ts';

const HEARTBEAT_MS = 60_000;
const FRAME_MS = 1000;
/** How often the objects around a Canary are read again while something moves. */
const OBJECTS_MS = 2000;

export const silentPresenter = (): Presenter => ({ show: () => undefined, close: () => undefined });

/** One line per change, and a sign of life each minute. */
export const linePresenter = (io: Io): Presenter => {
  let last = '';
  let closed = false;
  let timer = io.clock.after(HEARTBEAT_MS, () => beat());
  const arm = () => {
    timer.cancel();
    if (!closed) timer = io.clock.after(HEARTBEAT_MS, beat);
  };
  const beat = () => {
    io.stdout.write(`${timedLine(`${last} (still)`, io.clock.now())}\n`);
    arm();
  };
  return {
    show: (canary) => {
      const line = stateLine(canary, io.clock.now());
      if (line === last) return;
      last = line;
      io.stdout.write(`${timedLine(line, io.clock.now())}\n`);
      arm();
    },
    close: () => {
      closed = true;
      timer.cancel();
    },
  };
};

/** One compact object per change. */
export const jsonPresenter = (io: Io): Presenter => ({
  show: (canary) => io.stdout.write(`${JSON.stringify(canary)}\n`),
  close: () => undefined,
});

const bare = (canary: Canary): Picture => ({
  canary,
  target: { object: undefined, pods: [] },
  primary: { object: undefined, pods: [] },
  scaler: undefined,
  primaryScaler: undefined,
  services: { apex: undefined, primary: undefined, canary: undefined },
  events: [],
});

/** A tree that is redrawn where it stands; the scrollback is left alone. */
export const treePresenter = (io: Io, connection: Connection, style: Style): Presenter => {
  const screen = openScreen(io, false);
  let picture: Picture | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading = false;
  let closed = false;
  const draw = () => {
    if (picture !== undefined && !closed) screen.draw(frameLines(picture, { now: io.clock.now(), height: (io.stdout.rows() ?? 24) - 1, events: 4 }, style));
  };
  const refresh = (canary: Canary) => {
    if (reading || closed) return;
    reading = true;
    readAt = io.clock.monotonic();
    void readPicture(canary, connection, { pods: true, events: true, signal: io.signal })
      .then((fresh) => {
        picture = { ...fresh, canary: picture?.canary ?? canary };
        draw();
      })
      .catch(() => undefined)
      .finally(() => {
        reading = false;
      });
  };
  const tick = () => {
    if (closed) return;
    if (picture !== undefined && isRunning(phaseOf(picture.canary.status)) && io.clock.monotonic() - readAt > OBJECTS_MS) refresh(picture.canary);
    draw();
    timer = io.clock.after(FRAME_MS, tick);
  };
  let timer = io.clock.after(FRAME_MS, tick);
  return {
    show: (canary) => {
      picture = picture === undefined ? undefined : { ...picture, canary };
      refresh(canary);
      if (picture === undefined) screen.draw(frameLines(bare(canary), { now: io.clock.now(), height: 4, events: 0 }, style));
      else draw();
    },
    close: () => {
      if (closed) return;
      draw();
      closed = true;
      timer.cancel();
      screen.close();
    },
  };
};
