/** Linter, formatter and the finder of unused code, installed at exact versions in `scripts/lint`. */
import { join } from 'node:path';
import { ROOT } from './command.ts';
import { ensureInstalled } from './installed.ts';

const FOLDER = join(ROOT, 'scripts/lint');

export type LintTool = 'biome' | 'knip' | 'oxlint' | 'tsgolint';

/** Path of a tool. */
export const lintTool = (tool: LintTool): string => join(FOLDER, 'node_modules/.bin', tool);

/** Installs all of them when one is missing or has another version; throws when npm fails. */
export const ensureLintTools = (): Promise<void> => ensureInstalled(FOLDER);
