import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

it('npm run demo builds, and hands its flags on to the demo', { timeout: 120_000 }, () => {
  const script = fileURLToPath(new URL('../../../scripts/demo.ts', import.meta.url));
  const args = ['--import', 'tsx', script, '--keep', '--help'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toContain('kubectl canary demo --keep');
  expect(status).toBe(0);
});
