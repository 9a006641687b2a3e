import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, type Program } from './plugin-program.ts';
import { sharedCluster } from './shared-cluster.ts';

/** Notes each file that is loaded. */
const SPY = `
const Module = require('node:module'), fs = require('node:fs');
const seen = [], real = Module._extensions['.js'], cjs = Module._extensions['.cjs'] ?? real;
for (const ending of ['.js', '.cjs']) Module._extensions[ending] = (module, file) => { seen.push(file); return cjs(module, file); };
process.on('exit', () => fs.writeFileSync(process.env.SPY_FILE, JSON.stringify(seen)));
`;

let program: Program;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'canary-bundle-'));
  writeFileSync(join(folder, 'spy.cjs'), SPY);
  program = await buildProgram();
});

afterAll(() => {
  program?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The files of the program that a command loads, and their size in KiB. */
const loadedBy = (...args: string[]): { names: string[]; kib: number; code: number | null } => {
  const report = join(folder, 'seen.json');
  const env = { ...process.env, ...sharedCluster().environment, SPY_FILE: report };
  const { status } = spawnSync(process.execPath, ['--require', join(folder, 'spy.cjs'), program.file, ...args], {
    env,
  });
  const files = (JSON.parse(readFileSync(report, 'utf8')) as string[]).filter((file) =>
    file.startsWith(program.folder),
  );
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  return { names: files.map((file) => basename(file)), kib: Math.round(bytes / 1024), code: status };
};

describe('what a command loads', () => {
  it('help: the words alone', () => {
    const { names, kib, code } = loadedBy('--help');
    expect(code).toBe(0);
    expect(kib).toBeLessThan(150);
    expect(names.length).toBeLessThan(20);
  });

  it('validate: the rules, and nothing that talks to a cluster', () => {
    const manifest = join(folder, 'canary.json');
    writeFileSync(
      manifest,
      JSON.stringify({ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata: { name: 'x' }, spec: {} }),
    );
    const { names, kib, code } = loadedBy('validate', '-f', manifest);
    expect(code).toBe(1);
    expect(kib).toBeLessThan(700);
    expect(names.filter((name) => /client-node|undici|prom-client|connect/.test(name))).toEqual([]);
  });

  it('get: the Kubernetes client without what it does not use', () => {
    const { names, kib, code } = loadedBy('get', '-A');
    expect([0, 4]).toContain(code);
    expect(kib).toBeLessThan(650);
    expect(names.filter((name) => /undici|prom-client/.test(name))).toEqual([]);
  });

  it('every program starts by itself', () => {
    for (const name of ['kubectl-canary.cjs', 'kubectl_complete-canary.cjs', 'kubectl-canary-webhook.cjs']) {
      const file = join(program.folder, name);
      expect(readFileSync(file, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
      expect(statSync(file).mode & 0o111).toBe(0o111);
    }
    expect(
      spawnSync(join(program.folder, 'bin/kubectl-canary'), ['version', '--client', '--short']).stdout.toString(),
    ).toMatch(/^v\d+\.\d+\.\d+\n$/);
    expect(spawnSync(process.execPath, [program.file, 'webhook', '--help']).stdout.toString()).toContain('--port');
  });

  it('a reader that goes away early ends it quietly', () => {
    const piped = spawnSync('bash', [
      '-c',
      `"${process.execPath}" "${program.file}" help | head -1; echo "\${PIPESTATUS[0]}"`,
    ]);
    expect(piped.stderr.toString()).toBe('');
    expect(piped.stdout.toString()).toMatch(/\n0\n$/);
  });
});
