import type { Canary } from '../../shared/api/canary.ts';
import { CanaryError } from '../../shared/errors.ts';
import { listCanaries, nameOf, nothingFound, readCanary, selectionOf } from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import { usageError } from '../cli/usage.ts';
import { reportFailure } from '../failure.ts';
import type { Connection, Io } from '../io.ts';
import { silentPresenter } from '../presenters.ts';
import { formOf, qualifiedName, writeView } from '../print.ts';
import { statusView } from '../view/status-view.ts';
import { summarize } from '../view/summary.ts';
import { waitFor, waitOptions } from '../waiting.ts';

const chosen = async (input: Input, io: Io, connection: Connection): Promise<Canary[]> => {
  if (input.words.length > 0 && input.flag('all-namespaces'))
    throw usageError('a Canary cannot be named across all namespaces');
  if (input.words.length > 0)
    return Promise.all(input.words.map((word) => readCanary(connection, nameOf(word), io.signal)));
  if (!input.has('selector') && !input.flag('all-namespaces') && !input.has('field-selector'))
    throw usageError('wait needs NAME... or a selector', 'kubectl canary wait --help');
  const selection = selectionOf(input, connection);
  const { items } = await listCanaries(connection, selection, io.signal);
  if (items.length === 0) throw new CanaryError('API_NOT_FOUND', nothingFound(selection.namespace).replace(/\.$/, ''));
  return items;
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'json', 'yaml']);
  if (!input.has('for')) throw usageError('wait needs --for', 'kubectl canary wait NAME --for promoted');
  waitOptions(input, 'promoted');
  const connection = await io.connect(input);
  try {
    const canaries = await chosen(input, io, connection);
    const codes = await Promise.all(
      canaries.map(async (canary) => {
        try {
          const end = await waitFor(canary, waitOptions(input, 'promoted'), silentPresenter(), { io, connection });
          if (form.is === 'text')
            io.stdout.write(`${qualifiedName(end)} ${input.text('for')} (${summarize(end, io.clock.now()).word})\n`);
          else await writeView(statusView(end, io.clock.now()), form, io);
          return 0;
        } catch (error) {
          return reportFailure(error, [], io);
        }
      }),
    );
    return Math.max(...codes);
  } finally {
    connection.close();
  }
};
