import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { CanaryError, messageOf } from '../errors.ts';
import type { Environment } from '../platform/env-proxy.ts';
import type { ClusterEntry, ContextEntry, Kubeconfig, NamedEntry, UserEntry } from './kubeconfig.ts';

/** Where kubeconfig files are looked for. An explicit path must exist; those of the environment may be missing. */
export interface KubeconfigPlaces {
  readonly paths: readonly string[];
  readonly mustExist: boolean;
}

/** As kubectl: `--kubeconfig`, else the KUBECONFIG list, else the file in the home folder. */
export const placesOf = (explicit: string | undefined, env: Environment): KubeconfigPlaces => {
  if (explicit !== undefined && explicit !== '') return { paths: [explicit], mustExist: true };
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return { paths: [...new Set(listed)], mustExist: false };
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  return { paths: [join(home, '.kube', 'config')], mustExist: false };
};

const reasonOf = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'permission denied';
  return code === 'EISDIR' ? 'it is a folder' : messageOf(error);
};

const readText = (path: string, mustExist: boolean): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!mustExist && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    throw new CanaryError('KUBECONFIG', `cannot read kubeconfig ${path}: ${reasonOf(error)}`);
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = async (path: string, text: string): Promise<Record<string, unknown>> => {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    throw new CanaryError('KUBECONFIG', `kubeconfig ${path} is not valid YAML (line ${line})`);
  }
  const content = document.toJS() as unknown;
  if (content === null || content === undefined) return {};
  if (!isRecord(content)) throw new CanaryError('KUBECONFIG', `kubeconfig ${path} is not a kubeconfig`);
  return content;
};

/** `clusters: [{name, cluster: {...}}]` as name -> entry. */
const named = <Entry>(
  path: string,
  content: Record<string, unknown>,
  list: string,
  field: string,
): NamedEntry<Entry>[] => {
  const items = content[list] ?? [];
  if (!Array.isArray(items)) throw new CanaryError('KUBECONFIG', `kubeconfig ${path}: ${list} is not a list`);
  return items.map((item: unknown, index) => {
    const name = isRecord(item) ? item['name'] : undefined;
    if (!isRecord(item) || typeof name !== 'string') {
      throw new CanaryError('KUBECONFIG', `kubeconfig ${path}: ${list}[${index}] has no name`);
    }
    return { name, entry: (isRecord(item[field]) ? item[field] : {}) as Entry };
  });
};

/** Paths are relative to the file that they stand in; a command without a slash is looked up in PATH. */
const anchored = <Entry extends object>(entry: Entry, folder: string, fields: readonly (keyof Entry)[]): Entry => {
  const result = { ...entry };
  for (const field of fields) {
    const path = entry[field];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path))
      result[field] = join(folder, path) as Entry[keyof Entry];
  }
  return result;
};

const anchorUser = (user: UserEntry, folder: string): UserEntry => {
  const anchoredUser = anchored(user, folder, ['client-certificate', 'client-key', 'tokenFile']);
  const command = user.exec?.command;
  if (user.exec === undefined || command === undefined || isAbsolute(command) || !/[\\/]/.test(command))
    return anchoredUser;
  return { ...anchoredUser, exec: { ...user.exec, command: join(folder, command) } };
};

const readOne = async (path: string, mustExist: boolean): Promise<Kubeconfig | undefined> => {
  const text = readText(path, mustExist);
  if (text === undefined) return undefined;
  const content = await parse(path, text);
  const folder = dirname(path);
  const current = content['current-context'];
  return {
    files: [path],
    currentContext: typeof current === 'string' ? current : '',
    contexts: named<ContextEntry>(path, content, 'contexts', 'context'),
    clusters: named<ClusterEntry>(path, content, 'clusters', 'cluster').map(({ name, entry }) => ({
      name,
      entry: anchored(entry, folder, ['certificate-authority']),
    })),
    users: named<UserEntry>(path, content, 'users', 'user').map(({ name, entry }) => ({
      name,
      entry: anchorUser(entry, folder),
    })),
  };
};

/** The first definition of a name wins, as a whole. */
const firstOf = <Entry>(lists: readonly (readonly NamedEntry<Entry>[])[]): NamedEntry<Entry>[] => {
  const seen = new Map<string, NamedEntry<Entry>>();
  for (const one of lists.flat()) if (!seen.has(one.name)) seen.set(one.name, one);
  return [...seen.values()];
};

/** Reads and merges kubeconfig files. Missing ones are skipped unless they must exist; KUBECONFIG when one cannot be read. */
export const readKubeconfig = async ({ paths, mustExist }: KubeconfigPlaces): Promise<Kubeconfig> => {
  const read = await Promise.all(paths.map((path) => readOne(path, mustExist)));
  const found = read.filter((one) => one !== undefined);
  return {
    files: found.flatMap((one) => one.files),
    currentContext: found.find((one) => one.currentContext !== '')?.currentContext ?? '',
    contexts: firstOf(found.map((one) => one.contexts)),
    clusters: firstOf(found.map((one) => one.clusters)),
    users: firstOf(found.map((one) => one.users)),
  };
};
