/** `npm run format`: writes the one format and the one order of imports. */
import { join } from 'node:path';
import { SOURCES } from './gate/checks.ts';
import { ROOT, runCommand } from './gate/command.ts';
import { ensureLintTools, lintTool } from './gate/lint-tools.ts';

const paths = process.argv.slice(2);
await ensureLintTools();
const config = `--config-path=${join(ROOT, 'scripts/lint/biome.json')}`;
const targets = paths.length === 0 ? SOURCES : paths;
const { code } = await runCommand(lintTool('biome'), ['check', '--write', config, ...targets], { show: true });
process.exitCode = code;
