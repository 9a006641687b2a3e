/** Every fixture, found by reading the folder: a provider, or a family of them, is one folder. */
import { readdirSync } from 'node:fs';
import type { RouterFixture } from './fixture.ts';

const FOLDER = new URL('fixtures/', import.meta.url);

const fixturesIn = async (folder: string): Promise<readonly RouterFixture[]> => {
  const found = (await import(new URL(`${folder}/fixture.ts`, FOLDER).href)) as { fixtures: readonly RouterFixture[] };
  return found.fixtures;
};

export const FIXTURES: readonly RouterFixture[] = (
  await Promise.all(readdirSync(FOLDER).toSorted().map(fixturesIn))
).flat();
