import { readOne } from '../canaries.ts';
import type { Run } from '../cli/spec.ts';
import { readPicture } from '../picture.ts';
import { formOf, outStyle, writeView } from '../print.ts';
import { describeLines } from '../view/describe.ts';

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'json', 'yaml']);
  const connection = await io.connect(input);
  try {
    const canary = await readOne(input, io, connection);
    const pods = !input.has('pods') || input.flag('pods');
    const picture = await readPicture(canary, connection, { pods, events: true, signal: io.signal });
    if (form.is === 'text')
      io.stdout.write(`${describeLines(picture, io.clock.now(), outStyle(input, io)).join('\n')}\n`);
    else await writeView({ kind: 'Description', apiVersion: 'view.kubectl-canary/v1', ...picture }, form, io);
    return 0;
  } finally {
    connection.close();
  }
};
