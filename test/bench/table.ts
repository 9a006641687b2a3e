/** Reports as text. */
import type { Report, Row } from './bench.ts';

const verdictOf = ({ verdict }: Row): string =>
  verdict === undefined ? '' : `${verdict.goal}: ${verdict.met ? 'met' : 'MISSED'}`;

/** The first column to the left, numbers to the right. */
export const renderReport = ({ title, headings, rows, notes = [] }: Report): string => {
  const lines = [[...headings, 'goal'], ...rows.map((row) => [...row.cells, verdictOf(row)])];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const render = (line: readonly string[]): string =>
    line
      .map((cell, column) => {
        if (column === line.length - 1) return `  ${cell}`;
        return column === 0 ? cell.padEnd(widths[column] ?? 0) : `  ${cell.padStart(widths[column] ?? 0)}`;
      })
      .join('')
      .trimEnd();
  return [title, ...lines.map((line) => `  ${render(line)}`), ...notes.map((note) => `  (${note})`), ''].join('\n');
};
