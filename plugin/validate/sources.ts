/** Files, folders and stdin as texts with names. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CanaryError, messageOf } from '../../shared/errors.ts';
import type { Io } from '../io.ts';

export interface Source {
  /** As it is shown: the path as given, `stdin`, or the kustomization's folder. */
  readonly name: string;
  readonly text: string;
}

const MANIFEST = /\.(ya?ml|json)$/i;
const MOST_BYTES = 64 * 1024 * 1024;

const unreadable = (path: string, error: unknown): CanaryError => {
  const code = (error as NodeJS.ErrnoException).code;
  const why = code === 'ENOENT' ? 'no such file or folder' : code === 'EACCES' ? 'permission denied' : messageOf(error);
  return new CanaryError('INPUT_UNREADABLE', `cannot read ${path}: ${why}`);
};

const filesIn = async (folder: string, recursive: boolean): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return recursive && entry.name !== 'node_modules' && entry.name !== '.git' ? filesIn(path, true) : [];
      return MANIFEST.test(entry.name) ? [path] : [];
    }),
  );
  return found.flat().sort();
};

const readPath = async (path: string, recursive: boolean): Promise<Source[]> => {
  try {
    const isFolder = (await stat(path)).isDirectory();
    const files = isFolder ? await filesIn(path, recursive) : [path];
    return await Promise.all(files.map(async (name) => ({ name, text: await readFile(name, 'utf8') })));
  } catch (error) {
    throw unreadable(path, error);
  }
};

const kustomized = async (folder: string, io: Io): Promise<Source> => {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const kubectl = io.env['KUBECTL_PATH'] ?? 'kubectl';
    execFile(kubectl, ['kustomize', folder], { maxBuffer: MOST_BYTES, signal: io.signal }, (error, stdout, stderr) => {
      if (error === null) return resolve({ name: folder, text: stdout });
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const because = missing ? `${kubectl} was not found` : stderr.trim().split('\n').at(-1);
      reject(
        new CanaryError(
          'INPUT_UNREADABLE',
          `cannot build the kustomization ${folder}`,
          because === undefined ? {} : { because },
        ),
      );
    });
  });
};

export interface Wanted {
  readonly paths: readonly string[];
  readonly kustomize: string | undefined;
  readonly recursive: boolean;
}

/** Everything that was named, in its order. Throws INPUT_UNREADABLE. */
export const readSources = async (wanted: Wanted, io: Io): Promise<Source[]> => {
  const sources: Source[] = [];
  for (const path of wanted.paths) {
    if (path === '-') sources.push({ name: 'stdin', text: await io.stdin.read() });
    else sources.push(...(await readPath(path, wanted.recursive)));
  }
  if (wanted.kustomize !== undefined) sources.push(await kustomized(wanted.kustomize, io));
  return sources;
};
