/** What is checked without running the product: types, rules, format, generated files. */
import { join } from 'node:path';
import { type CommandOptions, ROOT, runCommand } from './command.ts';
import { ensureLintTools, lintTool } from './lint-tools.ts';
import type { Failure, Outcome } from './outcome.ts';

/** Everything that the linter and the formatter read. */
export const SOURCES = ['plugin', 'webhook', 'shared', 'scripts', 'test', 'vitest.config.ts'];

interface Check {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly options?: CommandOptions;
}

const inLint = (file: string): string => join(ROOT, 'scripts/lint', file);

const checks = (): readonly Check[] => [
  { name: 'types', file: join(ROOT, 'node_modules/.bin/tsc'), args: ['-p', '.', '--pretty', 'false'] },
  {
    name: 'lint',
    file: lintTool('oxlint'),
    args: ['-c', inLint('oxlintrc.json'), '--type-aware', '-f', 'unix', ...SOURCES],
    options: { env: { OXLINT_TSGOLINT_PATH: lintTool('tsgolint') } },
  },
  {
    name: 'format',
    file: lintTool('biome'),
    args: ['check', `--config-path=${inLint('biome.json')}`, '--reporter=github', '--max-diagnostics=20', ...SOURCES],
  },
  { name: 'unused code', file: lintTool('knip'), args: ['--config', inLint('knip.json'), '--no-progress'] },
  { name: 'generated files', file: process.execPath, args: ['--import', 'tsx', 'scripts/generate.ts', '--check'] },
];

/** Runs every check, two at a time, and says each one's verdict as it comes. */
export const runChecks = async (say: (line: string) => void): Promise<Outcome> => {
  await ensureLintTools();
  const failures: Failure[] = [];
  const all = checks();
  for (const { name, file, args, options } of all) {
    const { code, output } = await runCommand(file, args, options);
    say(`  ${code === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    if (code !== 0) failures.push({ name, message: output.trim() || `ended with ${code}` });
  }
  return { passed: all.length - failures.length, failures, skipped: 0 };
};
