import type { Run } from '../cli/spec.ts';
import { COMMANDS, findCommand } from '../cli/table.ts';
import { unknownWord } from '../cli/usage.ts';
import { commandList, fullHelp } from '../view/help.ts';
import { TOPICS } from '../view/topics.ts';

export const run: Run = async (input, io) => {
  const width = Math.min(110, Math.max(60, io.stdout.columns() ?? 100));
  const word = input.words[0];
  if (word === undefined) {
    io.stdout.write(`${commandList(COMMANDS, width)}Topics: kubectl canary help ${Object.keys(TOPICS).join('|')}\n`);
    return 0;
  }
  const topic = Object.hasOwn(TOPICS, word) ? TOPICS[word] : undefined;
  const command = findCommand(word);
  if (topic === undefined && command === undefined) {
    throw unknownWord(
      'command or topic',
      word,
      [...COMMANDS.map((spec) => spec.name), ...Object.keys(TOPICS)],
      'kubectl canary help',
    );
  }
  io.stdout.write(topic === undefined ? fullHelp(command as NonNullable<typeof command>, width) : `${topic()}\n`);
  return 0;
};
