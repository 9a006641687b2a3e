/**
 * CommonJS files with code splitting, which esbuild does for ES modules only: a first pass splits, a second turns each
 * file into CommonJS. Every module exists once, and a command's code is a file of its own that is read when it runs.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build, type Metafile, type Plugin, transform } from 'esbuild';
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

/** Writes the bundles; returns the size of each file in bytes, by its path under `outdir`. */
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
  const sizes: Record<string, number> = {};
  for (const file of result.outputFiles) {
    const name = relative(outdir, file.path);
    const code = resolveMarks(await toCommonJs(file.text, target), isEntry(name, entries) ? './lib/' : './');
    const whole = isEntry(name, entries) ? `#!/usr/bin/env node\n${code}` : code;
    const path = join(outdir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, whole, { mode: isEntry(name, entries) ? 0o755 : 0o644 });
    sizes[name] = Buffer.byteLength(whole);
  }
  return sizes;
};
