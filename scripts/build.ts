/** Bundles the three programs into dist/. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { withoutSideEffects } from './build/side-effects.ts';
import { buildSplit } from './build/two-pass.ts';
import { resolveMarks, VENDORED, vendored, vendoredFile } from './build/vendored.ts';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const WEBHOOK = 'kubectl-canary-webhook.cjs';
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

const buildPlugin = () =>
  buildSplit({
    entries: {
      'kubectl-canary': join(ROOT, 'plugin/main.ts'),
      'kubectl_complete-canary': join(ROOT, 'plugin/complete.ts'),
    },
    outdir: DIST,
    define,
    target: TARGET,
    plugins: [fastWidth, yamlModules, vendored, withoutSideEffects(['@kubernetes/client-node', 'typebox'])],
  });

/** One CommonJS file. */
const buildFile = async (source: string, name: string, isProgram: boolean): Promise<void> => {
  const outfile = join(DIST, name);
  const { outputFiles } = await build({
    entryPoints: [source],
    outfile,
    define: { ...define, 'import.meta.url': '__metaUrl' },
    banner: { js: META_URL },
    plugins: isProgram ? [yamlModules, vendored, withoutSideEffects(['@kubernetes/client-node', 'typebox'])] : [],
    target: TARGET,
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
  const text = outputFiles[0]?.text ?? '';
  mkdirSync(dirname(outfile), { recursive: true });
  writeFileSync(outfile, isProgram ? `#!/usr/bin/env node\n${resolveMarks(text, './lib/')}` : text);
  if (isProgram) chmodSync(outfile, 0o755);
};

/** All files below a folder, as paths from there. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

/** Programs that run from dist/ stay usable: new files come first, those that are left over go last. */
const main = async (): Promise<void> => {
  const before = existsSync(DIST) ? filesIn(DIST) : [];
  const sizes = await buildPlugin();
  await buildFile(join(ROOT, 'webhook/main.ts'), WEBHOOK, true);
  for (const name of VENDORED) await buildFile(require.resolve(name), join('lib', vendoredFile(name)), false);
  const fresh = new Set([...Object.keys(sizes), WEBHOOK, ...VENDORED.map((name) => join('lib', vendoredFile(name)))]);
  for (const file of before) if (!fresh.has(file)) rmSync(join(DIST, file), { force: true });
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  process.stdout.write(`dist: ${Object.keys(sizes).length} files of the plugin, ${Math.round(total / 1024)} KiB\n`);
};

await main();
