/** The entry of the bin `kubectl_complete-canary`, which kubectl calls for `kubectl canary <TAB>`. Never fails aloud. */
import { complete, completionText } from './complete/candidates.ts';
import { createTerminal } from './terminal.ts';

const main = async (): Promise<void> => {
  const io = createTerminal();
  const quiet = { ...io, stderr: { ...io.stderr, write: () => undefined }, stdin: { ...io.stdin, isTTY: false } };
  try {
    const found = await complete(process.argv.slice(2), async (asked) =>
      (await import('./complete/ask.ts')).askWith(quiet)(asked),
    );
    io.stdout.write(completionText(found));
  } catch {
    process.exitCode = 1;
  }
};

void main();
