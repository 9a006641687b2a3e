import type { Canary } from '../../shared/api/canary.ts';
import { readOne } from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import type { Connection, Io } from '../io.ts';
import { readPicture } from '../picture.ts';
import { jsonPresenter, linePresenter, treePresenter } from '../presenters.ts';
import { type Form, formOf, outStyle, writeView } from '../print.ts';
import { frameLines } from '../view/frame.ts';
import { statusView } from '../view/status-view.ts';
import { isLive } from '../view/style.ts';
import { type Presenter, waitFor, waitOptions } from '../waiting.ts';

const ALL_LINES = 1000;

const showOnce = async (
  canary: Canary,
  form: Form,
  context: { input: Input; io: Io; connection: Connection },
): Promise<void> => {
  const { input, io, connection } = context;
  if (form.is === 'text') {
    const picture = await readPicture(canary, connection, { pods: true, events: true, signal: io.signal });
    io.stdout.write(
      `${frameLines(picture, { now: io.clock.now(), height: ALL_LINES, events: 4 }, outStyle(input, io)).join('\n')}\n`,
    );
  } else {
    await writeView(statusView(canary, io.clock.now()), form, io);
  }
};

const presenterOf = (form: Form, context: { input: Input; io: Io; connection: Connection }): Presenter => {
  const { input, io, connection } = context;
  if (form.is !== 'text') return jsonPresenter(io);
  return isLive(io.env, io.stdout.isTTY) ? treePresenter(io, connection, outStyle(input, io)) : linePresenter(io);
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'json', 'yaml']);
  const options = waitOptions(input, 'promoted');
  const connection = await io.connect(input);
  try {
    const canary = await readOne(input, io, connection);
    const context = { input, io, connection };
    if (input.has('watch') && !input.flag('watch')) await showOnce(canary, form, context);
    else if (form.is === 'yaml')
      await showOnce(
        await waitFor(canary, options, { show: () => undefined, close: () => undefined }, context),
        form,
        context,
      );
    else await waitFor(canary, options, presenterOf(form, context), context);
    return 0;
  } finally {
    connection.close();
  }
};
