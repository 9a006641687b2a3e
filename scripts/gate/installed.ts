/** Tools with a folder and a package.json of their own, outside the root lock, installed when first needed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';

const read = (file: string): { version?: string; devDependencies?: Record<string, string> } =>
  JSON.parse(readFileSync(file, 'utf8')) as { version?: string; devDependencies?: Record<string, string> };

const isInstalled = (folder: string): boolean =>
  Object.entries(read(join(folder, 'package.json')).devDependencies ?? {}).every(([name, version]) => {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    return existsSync(manifest) && read(manifest).version === version;
  });

/** Installs what the folder's package.json names, when one is missing or has another version; throws when npm fails. */
export const ensureInstalled = async (folder: string): Promise<void> => {
  if (isInstalled(folder)) return;
  // Peers come from the root's node_modules, which Node finds by walking up.
  const quick = ['--no-package-lock', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, output } = await runCommand('npm', ['--prefix', folder, 'install', ...quick]);
  if (code !== 0) throw new Error(`npm could not install the tools of ${folder}:\n${output}`);
};
