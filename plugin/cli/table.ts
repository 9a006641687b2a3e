/** Every command, in the order of the help. Their code is loaded only when they run. */
import { ACTING } from './commands/acting.ts';
import { LOOKING } from './commands/looking.ts';
import { OFFLINE } from './commands/offline.ts';
import { OTHER } from './commands/other.ts';
import { SERVING } from './commands/serving.ts';
import type { CommandSpec } from './spec.ts';

export const COMMANDS: readonly CommandSpec[] = [...LOOKING, ...ACTING, ...OFFLINE, ...SERVING, ...OTHER];

/** By name or alias. */
export const findCommand = (word: string): CommandSpec | undefined =>
  COMMANDS.find((spec) => spec.name === word || spec.aliases?.includes(word));
