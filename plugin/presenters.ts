/** How a wait is shown: a frame that is redrawn, lines for logs, JSON lines, or nothing. */
import type { Canary } from '../shared/api/canary.ts';
import { CanaryError } from '../shared/errors.ts';
import type { Connection, Io } from './io.ts';
import { PictureFeed } from './picture-feed.ts';
import { openScreen } from './screen.ts';
import { frameLines } from './view/frame.ts';
import { stateLine, timedLine } from './view/lines.ts';
import { statusView } from './view/status-view.ts';
import type { Style } from './view/style.ts';
import { isRunning, phaseOf } from './view/summary.ts';
import type { Presenter } from './waiting.ts';

const HEARTBEAT_MS = 60_000;
const FRAME_MS = 1000;
/** What fits above the fold before anything around the Canary is known. */
const HEADER_LINES = 4;
const EVENTS = 4;

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
  show: (canary) => io.stdout.write(`${JSON.stringify(statusView(canary, io.clock.now()))}\n`),
  close: () => undefined,
});

/** A tree that is redrawn where it stands; the scrollback is left alone. */
export const treePresenter = (io: Io, connection: Connection, style: Style): Presenter => {
  const screen = openScreen(io, false);
  const over = new AbortController();
  const feed = new PictureFeed({ io, connection, signal: over.signal, onFresh: () => draw() });
  let shown: Canary | undefined;
  const draw = (): void => {
    if (shown === undefined || over.signal.aborted) return;
    const height = feed.has(shown) ? (io.stdout.rows() ?? 24) - 1 : HEADER_LINES;
    screen.draw(frameLines(feed.of(shown), { now: io.clock.now(), height, events: EVENTS }, style));
  };
  const tick = (): void => {
    if (shown !== undefined && isRunning(phaseOf(shown.status))) feed.refresh(shown, false);
    draw();
    timer = io.clock.after(FRAME_MS, tick);
  };
  let timer = io.clock.after(FRAME_MS, tick);
  return {
    show: (canary) => {
      shown = canary;
      feed.refresh(canary, true);
      draw();
    },
    close: () => {
      if (over.signal.aborted) return;
      draw();
      over.abort(new CanaryError('INTERRUPTED', 'closed'));
      timer.cancel();
      screen.close();
    },
  };
};
