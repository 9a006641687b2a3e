import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../../../shared/platform/log.ts';
import { createAuthority, issueLeaf, type KeyPair } from '../../../../webhook/certs/authority.ts';
import { keepCertFiles } from '../../../../webhook/certs/keep-files.ts';
import { createTestClock } from '../../../make/clock.ts';
import { entropyAt, START } from './entropy.ts';

const entropy = entropyAt(START);
const ca = createAuthority(entropy);
const leaves = [issueLeaf(ca, ['a'], entropy), issueLeaf(ca, ['a'], entropy)] as const;

let folder: string;
let loaded: KeyPair[];
let published: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'webhook-files-'));
  loaded = [];
  published = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

const keep = (register = false) =>
  keepCertFiles({
    folder,
    clock: createTestClock(START),
    log: silentLog,
    checkMs: 1000,
    load: (leaf) => void loaded.push(leaf),
    ...(register ? { publish: async (bundle: string) => published.push(bundle) > 0 } : {}),
  });

const mount = (leaf: KeyPair): void => {
  writeFileSync(join(folder, 'tls.crt'), leaf.cert);
  writeFileSync(join(folder, 'tls.key'), leaf.key);
};

test('files that somebody else renews are served, each version once', async () => {
  const keeper = keep();
  mount(leaves[0]);
  await keeper.pass();
  await keeper.pass();
  mount(leaves[1]);
  await keeper.pass();
  expect(loaded).toEqual([leaves[0], leaves[1]]);
  expect(keeper.trouble()).toBeUndefined();
});

test('their authority is told to API servers by a process that registers, and by nobody else', async () => {
  mount(leaves[0]);
  writeFileSync(join(folder, 'ca.crt'), ca.cert);
  await keep().pass();
  expect(published).toEqual([]);
  await keep(true).pass();
  expect(published).toEqual([ca.cert]);
});

test('missing files and files that are no certificate are told as such', async () => {
  await expect(keep().pass()).rejects.toMatchObject({
    code: 'INPUT_UNREADABLE',
    message: `certificate files in ${folder} cannot be read`,
  });
  mount({ cert: 'hello', key: 'hello' });
  await expect(keep().pass()).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
