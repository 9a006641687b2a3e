import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { staleFiles, writeFiles } from '../../../scripts/generate/files.ts';
import { GENERATED_FILES } from '../../../scripts/generate/registry.ts';

const FILES = [
  { path: 'a/b/one.txt', render: () => 'one\n' },
  { path: 'two.txt', render: () => 'two\n' },
];

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'generate-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('a file that is absent or was edited is stale, and is written again', () => {
  expect(staleFiles(root, FILES)).toEqual(['a/b/one.txt', 'two.txt']);
  expect(writeFiles(root, FILES)).toEqual(['a/b/one.txt', 'two.txt']);
  expect(staleFiles(root, FILES)).toEqual([]);
  writeFileSync(join(root, 'two.txt'), 'edited\n');
  expect(writeFiles(root, FILES)).toEqual(['two.txt']);
  expect(readFileSync(join(root, 'two.txt'), 'utf8')).toBe('two\n');
});

test('each generated file is named once and renders the same text twice', () => {
  const paths = GENERATED_FILES.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(GENERATED_FILES.map((file) => file.render())).toEqual(GENERATED_FILES.map((file) => file.render()));
});
