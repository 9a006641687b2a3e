import type { Canary } from '../../shared/api/canary.ts';
import { PHASES } from '../../shared/api/phase.ts';
import {
  type CanaryList,
  explained,
  listCanaries,
  nameOf,
  nothingFound,
  readCanary,
  type Selection,
  selectionOf,
} from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import { unknownWord, usageError } from '../cli/usage.ts';
import { type Change, followCanaries } from '../follow.ts';
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
  const text = (value: unknown) =>
    value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const compare = (a: unknown, b: unknown) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : text(a).localeCompare(text(b), 'en', { numeric: true });
  return items.toSorted((a, b) => compare(key(a), key(b)));
};

/** What the whole command knows. */
interface Asked {
  readonly input: Input;
  readonly io: Io;
  readonly form: Form;
  readonly connection: Connection;
  readonly selection: Selection;
  readonly keep: Keep;
}

const fetch = async ({ input, io, connection, selection }: Asked): Promise<CanaryList> => {
  if (input.words.length === 0) return listCanaries(connection, selection, io.signal);
  const items = await Promise.all(input.words.map((word) => readCanary(connection, nameOf(word), io.signal)));
  return { items, resourceVersion: items[0]?.metadata.resourceVersion ?? '' };
};

const tableOptions = ({ input, io, form }: Asked): TableOptions => ({
  now: io.clock.now(),
  namespaces: input.flag('all-namespaces'),
  wide: form.is === 'wide',
  showLabels: input.flag('show-labels'),
  labelColumns: input.list('label-columns').flatMap((text) => text.split(',')),
  headers: !input.flag('no-headers'),
});

const writeAll = async (items: readonly Canary[], asked: Asked): Promise<void> => {
  const { input, io, form, selection } = asked;
  if (form.is !== 'text' && form.is !== 'wide') {
    const single = input.words.length === 1;
    const [managed, headers] = [input.flag('show-managed-fields'), !input.flag('no-headers')];
    return writeObjects(items, form, io, { single, managed, headers });
  }
  if (items.length === 0) io.stderr.write(`${nothingFound(selection.namespace)}\n`);
  else io.stdout.write(`${columns(canaryRows(items, tableOptions(asked), outStyle(input, io))).join('\n')}\n`);
};

/** With -w: one row, or one compact object per line, for each change. */
const writeChange = async ({ type, canary }: Change, asked: Asked): Promise<void> => {
  const { input, io, form } = asked;
  const withEvents = input.flag('output-watch-events');
  switch (form.is) {
    case 'json':
      io.stdout.write(`${JSON.stringify(withEvents ? { type, object: canary } : canary)}\n`);
      return;
    case 'name':
      io.stdout.write(`${withEvents ? `${type} ` : ''}${qualifiedName(canary)}\n`);
      return;
    case 'text':
    case 'wide': {
      const [row = []] = canaryRows([canary], { ...tableOptions(asked), headers: false }, outStyle(input, io));
      io.stdout.write(`${withEvents ? `${type.padEnd(8)} ` : ''}${columns([row]).join('')}\n`);
      return;
    }
    default: {
      const managed = input.flag('show-managed-fields');
      await writeObjects([canary], form, io, { single: true, managed, headers: false });
    }
  }
};

const follow = async (list: CanaryList, asked: Asked): Promise<void> => {
  const names = new Set(asked.input.words.map(nameOf));
  try {
    for await (const change of followCanaries(asked.connection, asked.selection, list, asked.io)) {
      const { canary } = change;
      if (names.size > 0 && !names.has(canary.metadata.name)) continue;
      if (asked.keep(canary)) await writeChange(change, asked);
    }
  } catch (error) {
    throw explained(error);
  }
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, FORMS);
  const keep = filterOf(input, io);
  if (input.words.length > 0 && input.flag('all-namespaces'))
    throw usageError('a Canary cannot be named across all namespaces');
  if (input.words.length > 0 && input.has('selector')) throw usageError('name a Canary or select by label, not both');
  const connection = await io.connect(input);
  try {
    const asked: Asked = { input, io, form, connection, selection: selectionOf(input, connection), keep };
    const list = await fetch(asked);
    await writeAll(sorted(list.items.filter(keep), input.text('sort-by')), asked);
    if (input.flag('watch')) await follow(list, asked);
    return 0;
  } finally {
    connection.close();
  }
};
