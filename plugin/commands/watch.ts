import type { Canary } from '../../shared/api/canary.ts';
import { listCanaries, nameOf, readCanary, selectionOf } from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import { usageError } from '../cli/usage.ts';
import { followCanaries } from '../follow.ts';
import type { Connection, Io } from '../io.ts';
import { liveView } from '../live/view.ts';
import { jsonPresenter, linePresenter } from '../presenters.ts';
import { formOf, outStyle } from '../print.ts';
import { isLive } from '../view/style.ts';
import { phaseOf, summarize } from '../view/summary.ts';

const LEAST_COLUMNS = 60;

type ExitOn = 'end' | 'gate' | 'never';

const isEnd = (canary: Canary, exitOn: ExitOn, now: number): boolean => {
  if (exitOn === 'never') return false;
  if (['Succeeded', 'Failed', 'Initialized'].includes(phaseOf(canary.status))) return true;
  return exitOn === 'gate' && summarize(canary, now).needsPerson;
};

/** Without a terminal: the lines of `status`, for every Canary that is watched. */
const asLines = async (input: Input, io: Io, connection: Connection, json: boolean): Promise<number> => {
  const exitOn = (input.text('exit-on') ?? 'never') as ExitOn;
  const word = input.words[0];
  const selection =
    word === undefined
      ? selectionOf(input, connection)
      : { namespace: connection.namespace, fieldSelector: `metadata.name=${nameOf(word)}` };
  const list =
    word === undefined
      ? await listCanaries(connection, selection, io.signal)
      : await readCanary(connection, nameOf(word), io.signal).then((canary) => ({
          items: [canary],
          resourceVersion: canary.metadata.resourceVersion ?? '',
        }));
  const presenter = json ? jsonPresenter(io) : linePresenter(io);
  try {
    for (const canary of list.items) presenter.show(canary);
    if (word !== undefined && list.items.some((canary) => isEnd(canary, exitOn, io.clock.now()))) return 0;
    for await (const { canary, type } of followCanaries(connection, selection, list, io)) {
      if (type === 'DELETED') continue;
      presenter.show(canary);
      if (word !== undefined && isEnd(canary, exitOn, io.clock.now())) return 0;
    }
    return 0;
  } finally {
    presenter.close();
  }
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'json']);
  if (input.words.length > 0 && input.flag('all-namespaces'))
    throw usageError('a Canary cannot be named across all namespaces');
  const connection = await io.connect(input);
  try {
    if (form.is !== 'text' || !isLive(io.env, io.stdout.isTTY))
      return await asLines(input, io, connection, form.is === 'json');
    const width = io.stdout.columns() ?? 80;
    if (width < LEAST_COLUMNS) throw usageError(`terminal is ${width} columns wide, need ${LEAST_COLUMNS}; use status`);
    return await liveView({
      input,
      io,
      connection,
      style: outStyle(input, io),
      isEnd: (canary) => isEnd(canary, (input.text('exit-on') ?? 'never') as ExitOn, io.clock.now()),
    });
  } finally {
    connection.close();
  }
};
