import { describe, expect, it } from 'vitest';
import { readRepositoryFile } from '../support/sources.ts';

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const packages = (JSON.parse(readRepositoryFile('package-lock.json')) as { packages: Record<string, LockEntry> })
  .packages;
const entries = Object.entries(packages).filter(([path]) => path !== '');

/** The folders in which Node looks for what a package at `path` asks for, nearest first. */
const lookups = (path: string, name: string): string[] => {
  const parts = path.split('/node_modules/');
  const above = parts.map((_part, index) => `${parts.slice(0, index + 1).join('/node_modules/')}/node_modules/${name}`);
  return [...above.reverse(), `node_modules/${name}`];
};

const exactVersion = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

const inexact = (manifest: Manifest): string[] =>
  Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter(([, version]) => !exactVersion.test(version))
    .map(([name, version]) => `${name} ${version}`);

describe('the lock file', () => {
  it('has every optional package of every platform that a parent names, or npm ci would refuse it', () => {
    const missing = entries.flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !lookups(path, name).some((place) => place in packages))
        .map((name) => `${path} names ${name}`),
    );
    expect(entries.some(([, entry]) => entry.optionalDependencies !== undefined)).toBe(true);
    expect(missing).toEqual([]);
  });

  it('names no address, so that any registry mirror serves it', () => {
    expect(entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  it('has a checksum for every package', () => {
    expect(entries.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path)).toEqual([]);
  });
});

describe('package.json', () => {
  it.each(['package.json', 'scripts/lint/package.json'])('%s pins exact versions', (file) => {
    expect(inexact(JSON.parse(readRepositoryFile(file)) as Manifest)).toEqual([]);
  });

  it('keeps tools whose platform packages mirrors lack out of the root lock', () => {
    const names = entries.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    const offenders = ['@biomejs/biome', 'oxlint', 'oxlint-tsgolint', 'knip', 'rollup'];
    expect(names.filter((name) => offenders.includes(name))).toEqual([]);
  });
});
