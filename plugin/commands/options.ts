import { CONNECTION, NAMESPACE, TEXT } from '../cli/flags.ts';
import type { Run } from '../cli/spec.ts';
import { flagsPage } from '../view/help.ts';

export const run: Run = async (_input, io) => {
  const width = Math.min(110, Math.max(60, io.stdout.columns() ?? 100));
  io.stdout.write(
    `These flags can be given to every command that needs them, also before its name:\n\n${flagsPage([NAMESPACE, CONNECTION, TEXT], width).join('\n')}`,
  );
  return 0;
};
