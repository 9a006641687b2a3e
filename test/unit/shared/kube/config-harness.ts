import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { type ConnectionOptions, loadConnection } from '../../../../shared/kube/config.ts';
import type { Access, Connection } from '../../../../shared/kube/connection.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A folder of the test's own with these files in it; a program is made executable. */
export const folderWith = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
    if (text.startsWith('#!')) await chmod(join(folder, name), 0o755);
  }
  return folder;
};

/** A kubeconfig with one context `lab` whose user has these fields. */
export const kubeconfig = (user: object = {}, cluster: object = {}, context: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'dev', ...context } }],
    clusters: [{ name: 'lab', cluster: { server: 'https://api.test:6443', ...cluster } }],
    users: [{ name: 'dev', user }],
  });

/** Loads the file `config` of a new folder, with nothing of this machine's environment. */
export const load = async (
  files: Readonly<Record<string, string>>,
  options: ConnectionOptions = {},
): Promise<Connection & { folder: string }> => {
  const folder = await folderWith(files);
  const connection = await loadConnection({
    kubeconfig: join(folder, 'config'),
    env: { PATH: process.env['PATH'] },
    interactive: false,
    ...options,
  });
  return { ...connection, folder };
};

/** What a request of a user with these fields would carry. */
export const accessOf = async (
  user: object,
  files: Readonly<Record<string, string>> = {},
  options: ConnectionOptions = {},
): Promise<Access> => (await load({ config: kubeconfig(user), ...files }, options)).credentials.current();
