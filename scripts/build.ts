/** Bundles the three programs into dist/. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { withoutSideEffects } from './build/side-effects.ts';
import { buildSplit } from './build/two-pass.ts';
import { VENDORED, vendored, vendoredFile } from './build/vendored.ts';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = resolve(parseArgs({ options: { outdir: { type: 'string' } } }).values.outdir ?? join(ROOT, 'dist'));
const TARGET = 'node20.19';
const META_URL = 'const __metaUrl = require("node:url").pathToFileURL(__filename).href;';

const commit = (): string => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return process.env['SOURCE_COMMIT'] ?? 'unknown';
  }
};

const buildInfo = (): Record<string, string> => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const date = (epoch === undefined ? new Date() : new Date(Number(epoch) * 1000)).toISOString().slice(0, 10);
  return { version, commit: commit(), date };
};

/** string-width costs more at start-up than all the rest of yargs; this one gives the same widths. */
const fastWidth: Plugin = {
  name: 'fast-width',
  setup(pass) {
    pass.onResolve({ filter: /^string-width$/ }, () => ({ path: require.resolve('fast-string-width') }));
  },
};

/** The same library as ES modules, which Node would not choose: what is not used falls out. */
const yamlModules: Plugin = {
  name: 'yaml-modules',
  setup(pass) {
    pass.onResolve({ filter: /^yaml$/ }, () => ({
      path: join(dirname(require.resolve('yaml/package.json')), 'browser/dist/index.js'),
      sideEffects: false,
    }));
  },
};

/** Text, not an object: esbuild would make a module of that, which every file then loads. */
const define = { BUILD_INFO: JSON.stringify(JSON.stringify(buildInfo())) };

const buildPrograms = () =>
  buildSplit({
    entries: {
      'kubectl-canary': join(ROOT, 'plugin/main.ts'),
      'kubectl_complete-canary': join(ROOT, 'plugin/complete.ts'),
      'kubectl-canary-webhook': join(ROOT, 'webhook/main.ts'),
    },
    outdir: DIST,
    define,
    target: TARGET,
    plugins: [fastWidth, yamlModules, vendored, withoutSideEffects(['@kubernetes/client-node', 'typebox', 'yargs'])],
  });

/** A package as one CommonJS file of its own. */
const buildVendored = async (name: string): Promise<void> => {
  await build({
    entryPoints: { [name]: name },
    absWorkingDir: ROOT,
    outdir: join(DIST, 'lib'),
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__metaUrl' },
    banner: { js: META_URL },
    target: TARGET,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
};

/** All files below a folder, as paths from there. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

/** kubectl looks for programs by names without an ending: `dist/bin` can stand in a PATH. */
const linkPrograms = (names: readonly string[]): void => {
  mkdirSync(join(DIST, 'bin'), { recursive: true });
  for (const name of names) {
    const link = join(DIST, 'bin', name);
    rmSync(link, { force: true });
    symlinkSync(join('..', `${name}.cjs`), link);
  }
};

/** Programs that run from dist/ stay usable: new files come first, those that are left over go last. */
const main = async (): Promise<void> => {
  const before = existsSync(DIST) ? filesIn(DIST) : [];
  const sizes = await buildPrograms();
  for (const name of VENDORED) await buildVendored(name);
  const fresh = new Set([...Object.keys(sizes), ...VENDORED.map((name) => join('lib', vendoredFile(name)))]);
  for (const file of before) if (!fresh.has(file)) rmSync(join(DIST, file), { force: true });
  linkPrograms(['kubectl-canary', 'kubectl_complete-canary']);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  process.stdout.write(`dist: ${Object.keys(sizes).length} files, ${Math.round(total / 1024)} KiB\n`);
};

await main();
