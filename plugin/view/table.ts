/** Canaries as a table. */
import type { Canary } from '../../shared/api/canary.ts';
import { strategyOf } from '../../shared/api/names.ts';
import { plain } from './columns.ts';
import { sparkline } from './spark.ts';
import type { Style } from './style.ts';
import { type Summary, shortRevision, summarize } from './summary.ts';
import { since } from './times.ts';

export interface TableOptions {
  readonly now: number;
  readonly namespaces: boolean;
  readonly wide: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  readonly headers: boolean;
}

const NONE = '-';

const stepCell = (summary: Summary): string =>
  summary.isRunning ? `${summary.progress.step}/${summary.progress.total}` : NONE;

const weightCell = (summary: Summary, style: Style): string => {
  if (!summary.isRunning) return NONE;
  const { weights, step } = summary.progress;
  const line =
    weights.length === 0 ? '' : ` ${sparkline(weights.slice(0, step).slice(-10), Math.max(...weights), style)}`;
  return `${summary.weight}${line}`.trimEnd();
};

const checksCell = (summary: Summary, style: Style): string => {
  if (!summary.isRunning) return NONE;
  const isFailing = summary.failedChecks > 0;
  const text = `${style.icon(isFailing ? 'bad' : 'good')}${summary.failedChecks}/${summary.threshold}`;
  return style.paint(isFailing ? 'bad' : 'plain', text);
};

/** `7f9c` when nothing moves, `9d31 ⇒ b02e` while the second takes over from the first. */
export const revisionCell = (summary: Summary, style: Style): string => {
  const { revision, stable } = summary;
  if (revision === undefined) return NONE;
  if (stable === undefined || stable === revision) return shortRevision(revision);
  const arrow = summary.phase === 'Failed' ? style.sign('⇏', '!>') : style.sign('⇒', '=>');
  return `${shortRevision(stable)} ${arrow} ${shortRevision(revision)}`;
};

/** `● Progressing`, in the colour of its state. */
export const statusCell = (summary: Summary, style: Style): string =>
  style.paint(summary.tone, `${style.icon(summary.icon)} ${summary.word}`);

const wideCells = (canary: Canary): string[] => {
  const history = canary.status?.history?.at(-1);
  return [
    `${canary.spec.targetRef.kind ?? 'Deployment'}/${canary.spec.targetRef.name}`,
    canary.spec.provider ?? NONE,
    strategyOf(canary),
    canary.spec.analysis?.interval ?? NONE,
    canary.spec.analysis?.maxWeight === undefined ? NONE : String(canary.spec.analysis.maxWeight),
    plain(history?.image ?? NONE),
  ];
};

const rowOf = (canary: Canary, options: TableOptions, style: Style): string[] => {
  const summary = summarize(canary, options.now);
  const labels = canary.metadata.labels ?? {};
  return [
    ...(options.namespaces ? [summary.namespace] : []),
    summary.name,
    statusCell(summary, style),
    stepCell(summary),
    weightCell(summary, style),
    checksCell(summary, style),
    summary.waiting === undefined ? NONE : plain(summary.waiting),
    revisionCell(summary, style),
    since(canary.metadata.creationTimestamp, options.now),
    ...(options.wide ? [...wideCells(canary), since(canary.status?.lastTransitionTime, options.now)] : []),
    ...options.labelColumns.map((name) => labels[name] ?? ''),
    ...(options.showLabels
      ? [
          Object.entries(labels)
            .map(([name, value]) => `${name}=${value}`)
            .join(',') || '<none>',
        ]
      : []),
  ];
};

const COLUMNS = ['NAME', 'STATUS', 'STEP', 'WEIGHT', 'CHECKS', 'WAITING ON', 'REVISION', 'AGE'];

const headersOf = (options: TableOptions): string[] => [
  ...(options.namespaces ? ['NAMESPACE'] : []),
  ...COLUMNS,
  ...(options.wide ? ['TARGET', 'PROVIDER', 'STRATEGY', 'INTERVAL', 'MAX', 'IMAGE', 'LAST CHANGE'] : []),
  ...options.labelColumns.map((name) => (name.split('/').at(-1) as string).toUpperCase()),
  ...(options.showLabels ? ['LABELS'] : []),
];

/** Header and one row per Canary, as cells. */
export const canaryRows = (canaries: readonly Canary[], options: TableOptions, style: Style): string[][] => [
  ...(options.headers ? [headersOf(options)] : []),
  ...canaries.map((canary) => rowOf(canary, options, style)),
];
