import type { Canary } from '../../shared/api/canary.ts';
import { PHASES } from '../../shared/api/phase.ts';
import { type CanaryList, explained, listCanaries, nameOf, nothingFound, readCanary, type Selection, selectionOf } from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import { unknownWord, usageError } from '../cli/usage.ts';
import { followCanaries } from '../follow.ts';
import type { Connection, Io } from '../io.ts';
import { type Form, formOf, outStyle, qualifiedName, writeObjects } from '../print.ts';
import { columns } from '../view/columns.ts';
import { compilePath } from '../view/jsonpath.ts';
import { summarize } from '../view/summary.ts';
import { canaryRows, type TableOptions } from '../view/table.ts';

const FORMS = ['text', 'wide', 'json', 'yaml', 'name', 'jsonpath', 'custom-columns'] as const;

type Keep = (canary: Canary) => boolean;

const phasesOf = (input: Input): string[] => {
  const known = PHASES.filter((phase) => phase !== '');
  return input
    .list('phase')
    .flatMap((text) => text.split(','))
    .map((word) => {
      const phase = known.find((one) => one.toLowerCase() === word.toLowerCase());
      if (phase === undefined) throw unknownWord('phase', word, known, 'kubectl canary help vocabulary');
      return phase;
    });
};

const filterOf = (input: Input, io: Io): Keep => {
  const phases = phasesOf(input);
  return (canary) => {
    const summary = summarize(canary, io.clock.now());
    if (phases.length > 0 && !phases.includes(summary.phase)) return false;
    if (input.flag('failed') && summary.phase !== 'Failed') return false;
    return !input.flag('waiting') || summary.needsPerson;
  };
};

const sorted = (items: readonly Canary[], path: string | undefined): Canary[] => {
  if (path === undefined) return [...items];
  const read = compilePath(path);
  const key = (canary: Canary) => read(canary)[0];
  const compare = (a: unknown, b: unknown) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a ?? '').localeCompare(String(b ?? ''), 'en', { numeric: true });
  return items.toSorted((a, b) => compare(key(a), key(b)));
};

const fetch = async (input: Input, io: Io, connection: Connection, selection: Selection): Promise<CanaryList> => {
  if (input.words.length === 0) return listCanaries(connection, selection, io.signal);
  const items = await Promise.all(input.words.map((word) => readCanary(connection, nameOf(word), io.signal)));
  return { items, resourceVersion: items[0]?.metadata.resourceVersion ?? '' };
};

const tableOptions = (input: Input, io: Io, form: Form): TableOptions => ({
  now: io.clock.now(),
  namespaces: input.flag('all-namespaces'),
  wide: form.is === 'wide',
  showLabels: input.flag('show-labels'),
  labelColumns: input.list('label-columns').flatMap((text) => text.split(',')),
  headers: !input.flag('no-headers'),
});

const writeTable = (items: readonly Canary[], input: Input, io: Io, form: Form): void => {
  const rows = canaryRows(items, tableOptions(input, io, form), outStyle(input, io));
  if (rows.length > 0) io.stdout.write(`${columns(rows).join('\n')}\n`);
};

const writeAll = async (list: CanaryList, input: Input, io: Io, form: Form, selection: Selection): Promise<void> => {
  if (form.is !== 'text' && form.is !== 'wide') {
    const single = input.words.length === 1;
    return writeObjects(list.items, form, io, { single, managed: input.flag('show-managed-fields'), headers: !input.flag('no-headers') });
  }
  if (list.items.length === 0) io.stderr.write(`${nothingFound(selection.namespace)}\n`);
  else writeTable(list.items, input, io, form);
};

/** With -w: one row, or one compact object per line, for each change. */
const writeChange = (type: string, canary: Canary, input: Input, io: Io, form: Form): Promise<void> | void => {
  const withEvents = input.flag('output-watch-events');
  if (form.is === 'json') return void io.stdout.write(`${JSON.stringify(withEvents ? { type, object: canary } : canary)}\n`);
  if (form.is === 'name') return void io.stdout.write(`${withEvents ? `${type} ` : ''}${qualifiedName(canary)}\n`);
  if (form.is !== 'text' && form.is !== 'wide') {
    return writeObjects([canary], form, io, { single: true, managed: input.flag('show-managed-fields'), headers: false });
  }
  const options = { ...tableOptions(input, io, form), headers: false };
  const [row] = canaryRows([canary], options, outStyle(input, io));
  io.stdout.write(`${withEvents ? `${type.padEnd(8)} ` : ''}${columns([row as string[]]).join('')}\n`);
};

const follow = async (list: CanaryList, selection: Selection, keep: Keep, context: { input: Input; io: Io; form: Form; connection: Connection }): Promise<void> => {
  const { input, io, form, connection } = context;
  const names = new Set(input.words.map(nameOf));
  try {
    for await (const { type, canary } of followCanaries(connection, selection, list, io)) {
      if ((names.size > 0 && !names.has(canary.metadata.name)) || !keep(canary)) continue;
      await writeChange(type, canary, input, io, form);
    }
  } catch (error) {
    throw explained(error);
  }
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, FORMS);
  const keep = filterOf(input, io);
  if (input.words.length > 0 && input.flag('all-namespaces')) throw usageError('a Canary cannot be named across all namespaces');
  if (input.words.length > 0 && input.has('selector')) throw usageError('name a Canary or select by label, not both');
  const connection = await io.connect(input);
  try {
    const selection = selectionOf(input, connection);
    const list = await fetch(input, io, connection, selection);
    const items = sorted(list.items.filter(keep), input.text('sort-by'));
    await writeAll({ ...list, items }, input, io, form, selection);
    if (input.flag('watch')) await follow(list, selection, keep, { input, io, form, connection });
    return 0;
  } finally {
    connection.close();
  }
};
