/**
 * `npm run mutation [FILE …]`: changes the decision core line by line and counts which changes the tests notice.
 * A run over everything writes its score into the README of `shared/rollout`; one over some files only prints.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runCommand } from './gate/command.ts';
import { ensureInstalled } from './gate/installed.ts';
import { type MutationReport, renderScore, withScore } from './mutation/score.ts';

const HERE = join(ROOT, 'scripts/mutation');
const TARGET = 'shared/rollout';
const README = join(ROOT, TARGET, 'README.md');

const files = process.argv.slice(2);
await ensureInstalled(HERE);
const some = files.length === 0 ? [] : ['--mutate', files.join(',')];
const stryker = join(HERE, 'node_modules/@stryker-mutator/core/bin/stryker.js');
const args = [stryker, 'run', join(HERE, 'stryker.config.json'), ...some];
const { code } = await runCommand(process.execPath, args, { show: true });
if (code === 0) {
  const report = JSON.parse(readFileSync(join(HERE, 'report/mutation.json'), 'utf8')) as MutationReport;
  const score = renderScore(report, TARGET);
  if (files.length === 0) writeFileSync(README, withScore(readFileSync(README, 'utf8'), score));
  console.log(score);
}
process.exitCode = code;
