import type { HistoryEntry } from '../../shared/api/canary.ts';
import { readOne } from '../canaries.ts';
import type { Run } from '../cli/spec.ts';
import { usageError } from '../cli/usage.ts';
import { formOf, outStyle, writeView } from '../print.ts';
import { columns, plain } from '../view/columns.ts';
import type { Style } from '../view/style.ts';
import { dayTime, span } from '../view/times.ts';

const RESULTS = {
  initialized: ['good', 'good'],
  promoted: ['good', 'good'],
  skipped: ['good', 'good'],
  running: ['moving', 'moving'],
  failed: ['bad', 'bad'],
} as const;

const tookText = (entry: HistoryEntry, now: number): string => {
  const started = Date.parse(entry.started ?? '');
  const ended = entry.ended === undefined ? now : Date.parse(entry.ended);
  return Number.isNaN(started) || Number.isNaN(ended) ? '-' : span(ended - started);
};

const rowOf = (entry: HistoryEntry, now: number, style: Style, wide: boolean): string[] => {
  const [icon, tone] = RESULTS[entry.result];
  const image = wide ? (entry.image ?? '-') : ((entry.image ?? '-').split('/').at(-1) as string);
  const detail = [entry.reason, entry.worstCheck, entry.by === undefined ? undefined : `by ${entry.by}`]
    .filter((text) => text !== undefined)
    .join(', ');
  return [
    String(entry.number),
    entry.revision,
    plain(image),
    dayTime(entry.started, now, style.utc),
    tookText(entry, now),
    style.paint(tone, `${style.icon(icon)} ${entry.result}`),
    plain(detail),
  ];
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'wide', 'json', 'yaml']);
  const limit = input.whole('limit') ?? 10;
  if (limit < 1) throw usageError('--limit must be at least 1');
  const connection = await io.connect(input);
  try {
    const canary = await readOne(input, io, connection);
    const entries = (canary.status?.history ?? []).slice(-limit).reverse();
    if (form.is === 'json' || form.is === 'yaml') {
      await writeView(
        {
          kind: 'History',
          apiVersion: 'view.kubectl-canary/v1',
          namespace: canary.metadata.namespace,
          name: canary.metadata.name,
          entries,
        },
        form,
        io,
      );
      return 0;
    }
    if (entries.length === 0) {
      io.stderr.write(`no history of ${canary.metadata.name} is recorded\n`);
      return 0;
    }
    const style = outStyle(input, io);
    const headers = input.flag('no-headers')
      ? []
      : [['NO', 'REVISION', 'IMAGE', 'STARTED', 'TOOK', 'RESULT', 'DETAIL']];
    const rows = entries.map((entry) => rowOf(entry, io.clock.now(), style, form.is === 'wide'));
    io.stdout.write(`${columns([...headers, ...rows]).join('\n')}\n`);
    return 0;
  } finally {
    connection.close();
  }
};
