import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface SourceFile {
  /** From the root of the repository: `shared/api/kube.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file below the folders, which are named from the root. */
export const sourceFiles = (folders: readonly string[]): SourceFile[] =>
  folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => join(folder, name).replaceAll('\\', '/'))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
  );

/** What a file imports, types and lazy imports included: files as paths from the root, packages by name. */
export const importsOf = ({ path, text }: SourceFile): string[] => {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  const specifiers = [...code.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return specifiers.map((name) =>
    name.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), name)).replaceAll('\\', '/') : name,
  );
};

const bare = new Map<string, string>();

/** The code of a file without its comments and types. */
export const bareCode = ({ path, text }: SourceFile): string => {
  const known = bare.get(path);
  if (known !== undefined) return known;
  const { code } = transformSync(text, { loader: 'ts', format: 'esm', target: 'es2022', legalComments: 'none' });
  bare.set(path, code);
  return code;
};

/** Every folder with TypeScript files of its own, from the root. */
export const codeFolders = (folders: readonly string[]): string[] => [
  ...new Set(sourceFiles(folders).map(({ path }) => dirname(path))),
];

/** True when the path from the root exists in that folder's listing. */
export const hasFile = (folder: string, name: string): boolean => readdirSync(join(ROOT, folder)).includes(name);

/** The text of any file of the repository. */
export const readRepositoryFile = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
