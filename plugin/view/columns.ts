import stringWidth from 'fast-string-width';

const GAP = '   ';

/** How many cells a text takes; colours take none. */
export const cells = (text: string): number => stringWidth(text);

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - cells(text)));

/** Columns as kubectl writes them: as wide as their widest cell, three spaces between, no trailing blanks. */
export const columns = (rows: readonly (readonly string[])[]): string[] => {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cells(cell))));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : padEnd(cell, widths[i] ?? 0)))
      .join(GAP)
      .trimEnd(),
  );
};

const ESCAPE = /\u001b\[[0-9;]*m/y;

/** Cuts a line to `width` cells, colours kept; what is cut is marked. */
export const clip = (line: string, width: number, mark = '…'): string => {
  if (cells(line) <= width) return line;
  let out = '';
  let used = 0;
  let colored = false;
  for (let i = 0; i < line.length; ) {
    ESCAPE.lastIndex = i;
    const escape = ESCAPE.exec(line)?.[0];
    if (escape !== undefined) {
      out += escape;
      colored = true;
      i += escape.length;
      continue;
    }
    const char = String.fromCodePoint(line.codePointAt(i) as number);
    const size = cells(char);
    if (used + size > width - cells(mark)) break;
    out += char;
    used += size;
    i += char.length;
  }
  return `${out}${colored ? '\u001b[0m' : ''}${mark}`;
};

/** Control characters of texts that others wrote must not reach the terminal. */
export const plain = (text: string): string =>
  text
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b[@-_]/g, '')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .replace(/[\n\t]+/g, ' ');
