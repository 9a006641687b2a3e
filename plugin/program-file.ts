import { realpathSync } from 'node:fs';

/** The file that was started, links followed: other files of the installation stand beside it. */
export const programFile = (): string => realpathSync(process.argv[1] ?? process.execPath);
