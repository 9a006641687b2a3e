import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface GeneratedFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  /** The whole text; the same at each call. */
  readonly render: () => string;
}

const readOrNothing = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Paths of `files` that are absent under `root` or hold another text. */
export const staleFiles = (root: string, files: readonly GeneratedFile[]): string[] =>
  files.filter((file) => readOrNothing(join(root, file.path)) !== file.render()).map((file) => file.path);

/** Writes the stale ones of `files` under `root`, and gives their paths. */
export const writeFiles = (root: string, files: readonly GeneratedFile[]): string[] => {
  const stale = new Set(staleFiles(root, files));
  for (const file of files.filter(({ path }) => stale.has(path))) {
    mkdirSync(dirname(join(root, file.path)), { recursive: true });
    writeFileSync(join(root, file.path), file.render());
  }
  return [...stale];
};
