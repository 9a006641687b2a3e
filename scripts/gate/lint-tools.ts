/** Linter, formatter and the finder of unused code, installed at exact versions in `scripts/lint`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runCommand } from './command.ts';

const FOLDER = join(ROOT, 'scripts/lint');

const read = (file: string): { version?: string; devDependencies?: Record<string, string> } =>
  JSON.parse(readFileSync(file, 'utf8')) as { version?: string; devDependencies?: Record<string, string> };

const isInstalled = (): boolean =>
  Object.entries(read(join(FOLDER, 'package.json')).devDependencies ?? {}).every(([name, version]) => {
    const manifest = join(FOLDER, 'node_modules', name, 'package.json');
    return existsSync(manifest) && read(manifest).version === version;
  });

export type LintTool = 'biome' | 'knip' | 'oxlint' | 'tsgolint';

/** Path of a tool. Installs all of them when one is missing or has another version; throws when npm fails. */
export const lintTool = (tool: LintTool): string => join(FOLDER, 'node_modules/.bin', tool);

export const ensureLintTools = async (): Promise<void> => {
  if (isInstalled()) return;
  const args = ['--prefix', FOLDER, 'install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, output } = await runCommand('npm', args);
  if (code !== 0) throw new Error(`npm could not install the lint tools:\n${output}`);
};
