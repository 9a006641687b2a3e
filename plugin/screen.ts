/** Redrawing in place: only changed lines are written, never more than fits, and the cursor always comes back. */
import type { Io } from './io.ts';
import { cells, clip } from './view/columns.ts';

export interface Screen {
  /** Replaces what is drawn. Lines that do not fit are folded from the end of the frame, `keep` at its foot stay. */
  draw(lines: readonly string[]): void;
  /** Ends the drawing. In the normal screen the last frame stays; after the alternate one `last` is written there. */
  close(last?: readonly string[]): void;
}

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';
const ALTERNATE = '\u001b[?1049h';
const NORMAL = '\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Long lines are cut by us; the terminal must not wrap them. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';

const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A\r` : '\r');

const fit = (lines: readonly string[], columns: number, rows: number): string[] => {
  const cut = lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more`] : lines;
  return cut.map((line) => clip(line, columns));
};

/** Opens a drawing area on stdout, which must be a terminal. `alternate`: the whole screen, the scrollback untouched. */
export const openScreen = (io: Io, alternate: boolean): Screen => {
  const { stdout } = io;
  let shown: string[] = [];
  let size = '';
  let wanted: readonly string[] = [];
  const restore = () => stdout.write(`${WRAP}${SHOW}${alternate ? NORMAL : ''}`);
  const forget = io.onHardExit(restore);

  const paint = (): void => {
    const columns = stdout.columns() ?? 80;
    const rows = (stdout.rows() ?? 24) - (alternate ? 0 : 1);
    const lines = fit(wanted, columns, rows);
    const isResized = size !== '' && size !== `${columns}x${rows}`;
    let out = alternate ? HOME : up(shown.length);
    if (isResized) out += CLEAR_BELOW;
    const known = isResized ? [] : shown;
    lines.forEach((line, index) => {
      const isLast = alternate && index === lines.length - 1;
      // In the last cell the cursor stays where it wrote: clearing from there would take the last sign away.
      const clear = cells(line) < columns ? CLEAR_LINE : '';
      out += (known[index] === line ? '' : `\r${line}${clear}`) + (isLast ? '' : '\r\n');
    });
    if ((lines.length < known.length || isResized) && lines.length < rows)
      out += alternate ? `\r\n${CLEAR_BELOW}` : CLEAR_BELOW;
    stdout.write(out);
    shown = lines;
    size = `${columns}x${rows}`;
  };

  stdout.write(`${alternate ? ALTERNATE : ''}${HIDE}${NO_WRAP}`);
  const stopResize = stdout.onResize(paint);
  return {
    draw: (lines) => {
      wanted = lines;
      paint();
    },
    close: (last = []) => {
      stopResize();
      forget();
      restore();
      const columns = stdout.columns() ?? 80;
      if (alternate && last.length > 0) stdout.write(`${last.map((line) => clip(line, columns)).join('\n')}\n`);
    },
  };
};
