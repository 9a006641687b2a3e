import { describe, expect, it } from 'vitest';
import { PROVIDER_NAMES } from '../../shared/routing/index.ts';
import { bareCode, codeFolders, hasFile, importsOf, type SourceFile, sourceFiles } from '../support/sources.ts';

const PURE = ['rules', 'rollout', 'routing', 'targets', 'scaling', 'metrics', 'notify', 'hooks'].map(
  (name) => `shared/${name}`,
);
const BELOW = [...PURE, 'shared/api', 'shared/errors.ts'];

/** Folder -> what its files may import of ours, apart from the folder itself. Nothing may import test or scripts. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'shared/errors.ts': [],
  'shared/api': ['shared/errors.ts'],
  // Never a sibling: the engine alone composes them.
  ...Object.fromEntries(PURE.map((folder) => [folder, ['shared/api', 'shared/errors.ts']])),
  'shared/engine': BELOW,
  // Proxies, retries and the hiding of secrets are the same for every client.
  'shared/kube': ['shared/engine/ports.ts', 'shared/engine/lease-port.ts', 'shared/platform', ...BELOW],
  'shared/platform': ['shared/engine/ports.ts', ...BELOW],
  'shared/sim': ['shared/engine', ...BELOW],
  plugin: ['shared'],
  webhook: ['shared'],
};

const SOURCES = sourceFiles(['plugin', 'webhook', 'shared']);

const isIn = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

/** Files of folders that know no clock, no network, no process. */
const pureSources = SOURCES.filter(({ path }) => [...PURE, 'shared/api'].some((folder) => isIn(path, folder)));

const layerOf = ({ path }: SourceFile): string | undefined =>
  Object.keys(MAY_IMPORT).find((layer) => isIn(path, layer));

const strayImports = (source: SourceFile): string[] => {
  const layer = layerOf(source) ?? '';
  const allowed = [layer, ...(MAY_IMPORT[layer] ?? [])];
  const own = importsOf(source).filter((name) => /^(plugin|webhook|shared|test|scripts)\//.test(name));
  return own
    .filter((name) => !allowed.some((place) => isIn(name, place)))
    .map((name) => `${source.path} imports ${name}`);
};

describe('who may import whom', () => {
  it('every source file belongs to a layer', () => {
    expect(SOURCES.filter((source) => layerOf(source) === undefined).map(({ path }) => path)).toEqual([]);
    expect(SOURCES.length).toBeGreaterThan(100);
  });

  it.each(Object.keys(MAY_IMPORT))('%s imports only from the layers below it', (layer) => {
    expect(SOURCES.filter((source) => layerOf(source) === layer).flatMap(strayImports)).toEqual([]);
  });

  it('the Kubernetes client library is named in shared/kube alone', () => {
    const users = SOURCES.filter((source) => importsOf(source).some((name) => name.startsWith('@kubernetes/')));
    expect(users.map(({ path }) => path).filter((path) => !isIn(path, 'shared/kube'))).toEqual([]);
  });
});

describe('the pure folders', () => {
  it('import nothing of Node but a hash for digests', () => {
    const nodeImports = pureSources.flatMap((source) =>
      importsOf(source)
        .filter((name) => name.startsWith('node:'))
        .map((name) => `${source.path} ${name}`),
    );
    expect(nodeImports).toEqual(['shared/api/digest.ts node:crypto']);
  });

  it.each([
    ['read the clock', /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\./],
    ['throw dice', /\bMath\.random\b|\brandomUUID\b/],
    ['wait', /\b(?:setTimeout|setInterval|setImmediate)\b/],
    ['call the network', /(?<![.\w])fetch\(/],
    ['look at the process', /(?<![.\w'"])process\./],
    ['print', /(?<![.\w])console\./],
  ])('do not %s', (_what, pattern) => {
    expect(pureSources.filter((source) => pattern.test(bareCode(source))).map(({ path }) => path)).toEqual([]);
  });
});

describe('traffic providers', () => {
  it('are known by name', () => {
    expect(PROVIDER_NAMES).toEqual(expect.arrayContaining(['kubernetes', 'nginx', 'traefik']));
  });

  /** The simulated API server has a word of Kubernetes itself that is a provider's name too. */
  const inShared = SOURCES.filter(({ path }) => isIn(path, 'shared') && !isIn(path, 'shared/sim'));
  const inRouting = inShared.filter(({ path }) => isIn(path, 'shared/routing'));
  const pathsWith = (files: readonly SourceFile[], quoted: RegExp): string[] =>
    files.filter((source) => quoted.test(bareCode(source))).map(({ path }) => path);

  it.each(PROVIDER_NAMES)('%s is named by one file of its own, and by no other', (provider) => {
    expect(pathsWith(inRouting, new RegExp(`['"\`]${provider}['"\`]`))).toHaveLength(1);
    const others = inShared.filter((source) => !inRouting.includes(source));
    expect(pathsWith(others, new RegExp(`['"\`]${provider}['"\`:]`))).toEqual([]);
  });
});

describe('the tree', () => {
  it('has no file above 350 lines', () => {
    const files = [...SOURCES, ...sourceFiles(['scripts', 'test'])];
    const long = files.filter(({ text }) => text.trimEnd().split('\n').length > 350);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('has no default export outside what a tool asks for', () => {
    const users = [...SOURCES, ...sourceFiles(['scripts', 'test'])].filter(({ text }) =>
      /^export default /m.test(text),
    );
    expect(users.map(({ path }) => path)).toEqual(['scripts/reporter.ts', 'scripts/mutation/vitest.config.ts']);
  });

  it('explains every folder with code in a README', () => {
    const explained = (folder: string): boolean => hasFile(folder, 'README.md') || explainedAbove(folder);
    const explainedAbove = (folder: string): boolean =>
      folder.split('/').length > 2 && explained(folder.slice(0, folder.lastIndexOf('/')));
    const folders = codeFolders(['plugin', 'webhook', 'shared', 'scripts', 'test']).filter(
      (folder) => !folder.startsWith('test/unit/'),
    );
    expect(folders.filter((folder) => folder !== 'shared' && !explained(folder))).toEqual([]);
  });
});
