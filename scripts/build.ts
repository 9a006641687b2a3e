/** Bundles the three programs into dist/. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { withoutSideEffects } from './build/side-effects.ts';
import { buildSplit } from './build/two-pass.ts';
import { UNDICI_FILE, undiciOnDemand } from './build/undici-on-demand.ts';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const TARGET = 'node20.19';
const META_URL = 'const __metaUrl = require("node:url").pathToFileURL(__filename).href;';

const commit = (): string => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
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

const define = { BUILD_INFO: JSON.stringify(buildInfo()) };

const buildPlugin = () =>
  buildSplit({
    entries: { 'kubectl-canary': join(ROOT, 'plugin/main.ts'), 'kubectl_complete-canary': join(ROOT, 'plugin/complete.ts') },
    outdir: DIST,
    define,
    target: TARGET,
    plugins: [fastWidth, undiciOnDemand, withoutSideEffects(['@kubernetes/client-node', 'yaml', 'typebox'])],
  });

/** One CommonJS file. */
const buildFile = async (source: string, name: string, isProgram: boolean): Promise<void> => {
  const outfile = join(DIST, name);
  await build({
    entryPoints: [source],
    outfile,
    define: { ...define, 'import.meta.url': '__metaUrl' },
    banner: { js: `${isProgram ? '#!/usr/bin/env node\n' : ''}${META_URL}` },
    plugins: isProgram ? [undiciOnDemand, withoutSideEffects(['@kubernetes/client-node', 'typebox'])] : [],
    target: TARGET,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
  if (isProgram) chmodSync(outfile, 0o755);
};

const main = async (): Promise<void> => {
  rmSync(DIST, { recursive: true, force: true });
  const webhook = join(ROOT, 'webhook/main.ts');
  const [sizes] = await Promise.all([
    buildPlugin(),
    buildFile(require.resolve('undici'), UNDICI_FILE, false),
    existsSync(webhook) ? buildFile(webhook, 'kubectl-canary-webhook.cjs', true) : undefined,
  ]);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  process.stdout.write(`dist: ${Object.keys(sizes).length} files of the plugin, ${Math.round(total / 1024)} KiB\n`);
};

await main();
