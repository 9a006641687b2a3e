import type { Canary } from '../../shared/api/canary.ts';
import { listCanaries, nameOf, nothingFound, readCanary, selectionOf } from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import type { Connection, Io } from '../io.ts';
import { type Form, formOf, writeView } from '../print.ts';
import { columns, plain } from '../view/columns.ts';
import { type GateView, gateViews } from '../view/gates.ts';
import { shortRevision } from '../view/summary.ts';
import { since, span } from '../view/times.ts';

interface Row extends GateView {
  readonly namespace: string;
  readonly canary: string;
}

const rowsOf = (canary: Canary, now: number): Row[] =>
  gateViews(canary, now).map((gate) => ({
    namespace: canary.metadata.namespace ?? '',
    canary: canary.metadata.name,
    ...gate,
  }));

const untilText = ({ until, onTimeout, state }: Row, now: number): string =>
  until === undefined || state !== 'waiting' ? '' : `${onTimeout ?? 'reject'} in ${span(Date.parse(until) - now)}`;

const cellsOf = (row: Row, now: number, namespaces: boolean): string[] => [
  ...(namespaces ? [row.namespace] : []),
  row.canary,
  plain(row.name),
  row.type,
  row.native ? 'native' : 'hook',
  row.state,
  row.since === undefined ? '' : since(row.since, now),
  plain(row.by ?? ''),
  row.revision === undefined ? '' : shortRevision(row.revision),
  untilText(row, now),
];

const HEADER = ['CANARY', 'GATE', 'TYPE', 'ASKS', 'STATE', 'SINCE', 'BY', 'REVISION', 'TIMEOUT'];

const readAll = async (input: Input, io: Io, connection: Connection): Promise<Canary[]> => {
  const word = input.words[0];
  if (word !== undefined) return [await readCanary(connection, nameOf(word), io.signal)];
  return (await listCanaries(connection, selectionOf(input, connection), io.signal)).items;
};

const write = async (rows: readonly Row[], form: Form, input: Input, io: Io): Promise<void> => {
  if (form.is !== 'text')
    return writeView({ kind: 'GateList', apiVersion: 'view.kubectl-canary/v1', items: rows }, form, io);
  if (rows.length === 0) return;
  const namespaces = input.flag('all-namespaces');
  const header = input.flag('no-headers') ? [] : [[...(namespaces ? ['NAMESPACE'] : []), ...HEADER]];
  const now = io.clock.now();
  io.stdout.write(`${columns([...header, ...rows.map((row) => cellsOf(row, now, namespaces))]).join('\n')}\n`);
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'json', 'yaml']);
  const connection = await io.connect(input);
  try {
    const canaries = await readAll(input, io, connection);
    const rows = canaries.flatMap((canary) => rowsOf(canary, io.clock.now()));
    const shown = input.flag('waiting') ? rows.filter(({ state }) => state === 'waiting') : rows;
    await write(shown, form, input, io);
    if (form.is === 'text' && shown.length === 0) {
      const text =
        input.flag('waiting') && rows.length > 0
          ? 'no gate waits'
          : `${nothingFound(selectionOf(input, connection).namespace)}`;
      io.stderr.write(`${canaries.length > 0 && rows.length === 0 ? 'no gates' : text}\n`);
    }
    return 0;
  } finally {
    connection.close();
  }
};
