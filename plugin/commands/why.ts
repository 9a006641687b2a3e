import { pendingCommand } from '../../shared/api/command.ts';
import { readOne } from '../canaries.ts';
import type { Run } from '../cli/spec.ts';
import { describeDriver, knownDrivers } from '../drivers.ts';
import { formOf, outStyle, writeView } from '../print.ts';
import { explain, whyLines } from '../view/why.ts';

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'json', 'yaml']);
  const connection = await io.connect(input);
  try {
    const canary = await readOne(input, io, connection);
    const now = io.clock.now();
    const pending = pendingCommand(canary.metadata.annotations, canary.status);
    const drivers = await knownDrivers(
      connection,
      { namespace: canary.metadata.namespace ?? '', canary: canary.metadata.name },
      io,
    ).catch(() => undefined);
    const [driver] = drivers ?? [];
    const explanation = explain(canary, now, {
      ...(pending === undefined ? {} : { pendingCommand: pending }),
      ...(drivers === undefined ? {} : { driver: driver === undefined ? 'none alive' : describeDriver(driver) }),
    });
    if (form.is === 'text') io.stdout.write(`${whyLines(canary, explanation, now, outStyle(input, io)).join('\n')}\n`);
    else await writeView(explanation, form, io);
    return 0;
  } finally {
    connection.close();
  }
};
