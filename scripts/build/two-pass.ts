/**
 * CommonJS files with code splitting, which esbuild does for ES modules only: a first pass splits, a second turns each
 * file into CommonJS. Every module exists once, and a command's code is a file of its own that is read when it runs.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build, type Metafile, type Plugin, transform } from 'esbuild';
import { type Output, packOutputs } from './pack.ts';
import { resolveMarks } from './vendored.ts';

export interface SplitOptions {
  /** Names of the outputs, without extension, and their sources. */
  readonly entries: Readonly<Record<string, string>>;
  readonly outdir: string;
  readonly define: Readonly<Record<string, string>>;
  readonly plugins: readonly Plugin[];
  readonly target: string;
}

/** `import.meta.url` does not exist in CommonJS. */
const META_URL = 'const __metaUrl = require("node:url").pathToFileURL(__filename).href;';

const isEntry = (file: string, entries: SplitOptions['entries']): boolean =>
  Object.hasOwn(entries, file.replace(/\.cjs$/, ''));

const toCommonJs = async (code: string, target: string): Promise<string> => {
  const usesMeta = code.includes('import.meta.url');
  const { code: out } = await transform(code, {
    format: 'cjs',
    platform: 'node',
    target,
    minify: true,
    supported: { 'dynamic-import': false },
    define: usesMeta ? { 'import.meta.url': '__metaUrl' } : {},
  });
  return usesMeta ? `${META_URL}${out}` : out;
};

/** A CommonJS package behind an `import()` has lost its names: it belongs into the list of vendored ones. */
const refuseNameless = ({ outputs }: Metafile): void => {
  for (const { entryPoint, exports } of Object.values(outputs)) {
    if (entryPoint?.includes('node_modules') === true && exports.length === 1 && exports[0] === 'default') {
      throw new Error(`${entryPoint} is CommonJS and imported on demand: add its package to scripts/build/vendored.ts`);
    }
  }
};

/** Writes the bundles; returns the size of each file in bytes, by its path under `outdir`. The first entry starts most. */
export const buildSplit = async ({
  entries,
  outdir,
  define,
  plugins,
  target,
}: SplitOptions): Promise<Record<string, number>> => {
  const result = await build({
    entryPoints: { ...entries },
    outdir,
    define: { ...define },
    plugins: [...plugins],
    target,
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.cjs' },
    chunkNames: 'lib/[name]-[hash]',
    logLevel: 'warning',
  });
  refuseNameless(result.metafile);
  const outputs = await Promise.all(
    result.outputFiles.map(async (file): Promise<Output> => {
      const name = relative(outdir, file.path);
      const { entryPoint, imports } = result.metafile.outputs[relative(process.cwd(), file.path)] ?? { imports: [] };
      return {
        name,
        code: await toCommonJs(file.text, target),
        needs: imports
          .filter(({ kind, external }) => kind === 'import-statement' && external !== true)
          .map(({ path }) => relative(outdir, resolve(path))),
        isEntry: entryPoint !== undefined,
      };
    }),
  );
  return writeAll(packOutputs(outputs, `${Object.keys(entries)[0]}.cjs`), entries, outdir);
};

const writeAll = async (
  outputs: readonly Output[],
  entries: SplitOptions['entries'],
  outdir: string,
): Promise<Record<string, number>> => {
  const sizes: Record<string, number> = {};
  for (const { name, code } of outputs) {
    const isProgram = isEntry(name, entries);
    const text = `${isProgram ? '#!/usr/bin/env node\n' : ''}${resolveMarks(code, isProgram ? './lib/' : './')}`;
    const path = join(outdir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: isProgram ? 0o755 : 0o644 });
    sizes[name] = Buffer.byteLength(text);
  }
  return sizes;
};
