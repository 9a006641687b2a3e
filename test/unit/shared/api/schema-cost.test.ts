import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);

const LOADS_SCHEMAS =
  /^(?:import|export)\s(?!type\b)[^;]*?from '(?:typebox|[^']*\/schema\/[^']*|[^']*\/api\/crd\.ts|\.\/crd\.ts)'/m;

/** The in-process API server serves the CRDs, and `validate` judges by them: both are loaded on demand alone. */
const MAY = [/^shared\/api\/(?:schema\/|crd\.ts$)/, /^shared\/sim\//, /^plugin\/validate\/judge-files\.ts$/];

test('programs take types alone from the schemas: loading TypeBox costs more than a whole --help', () => {
  const sources = ['shared', 'plugin', 'webhook']
    .flatMap(sourcesIn)
    .filter((file) => !MAY.some((may) => may.test(file)));
  expect(sources.filter((file) => LOADS_SCHEMAS.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});
