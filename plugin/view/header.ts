/** The lines at the top of every view of one Canary: where it stands, its weight, its checks. */
import type { Canary } from '../../shared/api/canary.ts';
import type { Check } from '../../shared/api/model.ts';
import { columns, plain } from './columns.ts';
import { approvalTexts } from './gates.ts';
import { boundText } from './lines.ts';
import { bar, sparkline } from './spark.ts';
import type { Style } from './style.ts';
import { type Summary, summarize } from './summary.ts';
import { revisionCell, statusCell } from './table.ts';
import { countdown, span } from './times.ts';

const number = (value: number): string => String(Math.round(value * 100) / 100);

const nextText = (canary: Canary, summary: Summary, now: number): string => {
  const due = Date.parse(canary.status?.dueAt ?? '');
  if (summary.phase !== 'Progressing' || summary.isPaused || Number.isNaN(due)) return '';
  const next = summary.progress.weights[summary.progress.step];
  const what = next === undefined ? 'next check' : `next ${next}`;
  return `${what} in ${countdown(due - now)}`;
};

/** Time until promotion if every check passes. */
const etaText = (canary: Canary, summary: Summary, now: number): string => {
  const due = Date.parse(canary.status?.dueAt ?? '');
  const [, amount, unit] = /^(\d+)(s|m|h)$/.exec(canary.spec.analysis?.interval ?? '') ?? [];
  if (summary.phase !== 'Progressing' || summary.isPaused || Number.isNaN(due) || amount === undefined) return '';
  const interval = Number(amount) * { s: 1000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h'];
  const left = Math.max(0, due - now) + interval * Math.max(0, summary.progress.total - summary.progress.step);
  return `promotion in about ${span(left)} if all pass`;
};

/** `podinfo.test ● Progressing  step 4/10  weight 20  next 25 in 0:38`. */
export const headerLine = (canary: Canary, now: number, style: Style): string => {
  const summary = summarize(canary, now);
  const progress = summary.isRunning
    ? `${summary.progress.unit} ${summary.progress.step}/${summary.progress.total}   weight ${summary.weight}`
    : '';
  const parts = [
    `${style.paint('strong', summary.name)}${style.paint('dim', `.${summary.namespace}`)} ${statusCell(summary, style)}`,
    progress,
    nextText(canary, summary, now),
    `revision ${revisionCell(summary, style)}`,
  ];
  return parts.filter((part) => part !== '').join('   ');
};

const BAR_CELLS = 20;

/** Planned weights up to now, and how traffic is split; nothing when no rollout is under way. */
export const weightLines = (canary: Canary, now: number, style: Style): string[] => {
  const summary = summarize(canary, now);
  if (!summary.isRunning) return [];
  const { weights, step } = summary.progress;
  const path =
    weights.length === 0
      ? ''
      : `${sparkline(weights.slice(0, step), Math.max(...weights), style)}${style.paint('dim', style.sign('┄', '.').repeat(Math.max(0, weights.length - step)))} to ${Math.max(...weights)}   `;
  const split = `primary ${bar((100 - summary.weight) / 100, BAR_CELLS, style)} ${100 - summary.weight} : ${summary.weight} canary`;
  return [`weight  ${path}${split}   ${style.paint('dim', etaText(canary, summary, now))}`.trimEnd()];
};

const VERDICTS = { passed: ['good', 'good'], failed: ['bad', 'bad'], inconclusive: ['unknown', 'waiting'] } as const;

const limitText = (check: Check, style: Style): string => {
  const least = check.min === undefined ? [] : [`${style.sign('≥', '>=')} ${number(check.min)}`];
  const most = check.max === undefined ? [] : [`${style.sign('≤', '<=')} ${number(check.max)}`];
  return [...least, ...most].join(' ');
};

const comparedText = ({ compared }: Check): string =>
  compared === undefined
    ? ''
    : ` (${plain(compared.with)} ${compared.value === undefined ? 'no data' : number(compared.value)})`;

/** Name, value, bound and verdict of each last check. */
export const checkLines = (checks: readonly Check[] | undefined, style: Style): string[] =>
  columns(
    (checks ?? []).map((check) => {
      const [icon, tone] = VERDICTS[check.verdict];
      const detail = check.verdict === 'passed' ? '' : plain(check.message ?? boundText(check));
      return [
        plain(check.name),
        style.paint(tone, `${style.icon(icon)} ${check.verdict}`),
        `${check.value === undefined ? 'no data' : number(check.value)}${comparedText(check)}`,
        limitText(check, style),
        check.samples === undefined ? '' : `${check.samples} samples`,
        detail,
      ];
    }),
  );

/** Who opened which gate, and where the rollout will be held. */
const wordLines = (canary: Canary, now: number, style: Style): string[] => {
  const { pauseAt } = canary.status ?? {};
  const approvals = approvalTexts(canary, now);
  const planned =
    pauseAt === undefined
      ? []
      : [`${style.icon('waiting')} will pause at ${pauseAt.at}, as ${pauseAt.by ?? 'somebody'} wished`];
  const approved = approvals.length === 0 ? [] : [`${style.icon('good')} approved: ${approvals.join(', ')}`];
  return [...planned, ...approved].map((line) => style.paint('dim', plain(line)));
};

/** What it waits for, in the colour of waiting; then what people have said. */
export const waitingLine = (canary: Canary, now: number, style: Style): string[] => [
  ...waitsFor(canary, now, style),
  ...wordLines(canary, now, style),
];

const waitsFor = (canary: Canary, now: number, style: Style): string[] => {
  const { waiting } = summarize(canary, now);
  if (waiting === undefined || waiting.startsWith('next check')) return [];
  const reason = canary.status?.paused?.reason;
  return [
    style.paint(
      'waiting',
      plain(`${style.icon('waiting')} waits for ${waiting}${reason === undefined ? '' : `: "${reason}"`}`),
    ),
  ];
};
