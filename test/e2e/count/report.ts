/** What a scenario counted, as text: appended to the file that the lane prints when it is over. */
import { appendFileSync } from 'node:fs';
import type { Answer } from '../load/answer.ts';
import { deviationsOff, pointsOff, type Stretch, shareOf } from './stretches.ts';

const COLUMNS = ['weight', 'seconds', 'counted', 'share', 'off by', 'deviations', 'failed', 'revisions'];

const rowOf = (stretch: Stretch): string[] => {
  const { weight, seconds, counted, failed, revisions } = stretch;
  const name = `${100 - weight.canary}/${weight.canary}${weight.mirrored ? ' mirrored' : ''}`;
  const seen = Object.entries(revisions).map(([revision, count]) => `${revision}: ${count}`);
  const numbers =
    counted === 0
      ? ['', '', '']
      : [shareOf(stretch), pointsOff(stretch), deviationsOff(stretch)].map((n) => n.toFixed(2));
  const [share = '', points = '', deviations = ''] = numbers;
  return [
    name,
    seconds.toFixed(1),
    String(counted),
    share && `${share} %`,
    points,
    deviations,
    String(failed),
    seen.join(', '),
  ];
};

/** One line per stretch, columns aligned. */
export const tableOf = (stretches: readonly Stretch[]): string => {
  const rows = [COLUMNS, ...stretches.map(rowOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
};

/** Every failed request with the moment at which it was sent, at most twenty. */
export const failureLines = (answers: readonly Answer[]): string[] =>
  answers
    .filter(({ failure }) => failure !== undefined)
    .slice(0, 20)
    .map(({ at, took, failure }) => `${new Date(at).toISOString()} after ${Math.round(took)} ms: ${failure}`);

/** Adds a part to the report of this run. */
export const report = (title: string, ...lines: readonly string[]): void => {
  const file = process.env['KUBECTL_CANARY_E2E_REPORT'];
  if (file !== undefined) appendFileSync(file, [`\n${title}`, ...lines, ''].join('\n'));
};
