/** How the traffic providers' own definitions of their kinds are fetched, and kept between runs. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../shared/api/kube.ts';
import type { DefinitionSource } from '../../conformance/router/fixture.ts';
import { cacheRoot } from '../control-plane/cache.ts';
import { runCommand } from '../control-plane/handle.ts';

const CRD = 'CustomResourceDefinition';
const FOLDER = join(cacheRoot(), 'provider-crds');

/** Another version, checksum or path gets another file. */
const cacheFile = ({ module, version, sum, path }: DefinitionSource): string => {
  const key = createHash('sha256')
    .update(JSON.stringify([module, version, sum, path]))
    .digest('hex');
  return join(FOLDER, `${module.replaceAll('/', '-')}-${version}-${key.slice(0, 10)}.json`);
};

/** The module's folder. `draft` is an empty one: no go.mod has a say, and the checksum is ours to compare. */
const download = async ({ module, version, sum }: DefinitionSource, draft: string): Promise<string> => {
  const args = ['-C', draft, 'mod', 'download', '-json', `${module}@${version}`];
  const { code, stdout, stderr } = await runCommand('go', args, {
    env: { GOWORK: 'off', GOSUMDB: 'off' },
    timeoutMs: 300_000,
  });
  const answer = (stdout === '' ? {} : JSON.parse(stdout)) as { Dir?: string; Sum?: string; Error?: string };
  if (code !== 0 || answer.Dir === undefined) throw new Error(`${module}: ${answer.Error ?? stderr.trim()}`);
  if (answer.Sum !== sum) throw new Error(`${module} ${version}: checksum ${answer.Sum ?? 'missing'}, expected ${sum}`);
  return answer.Dir;
};

const isYaml = (name: string): boolean => /\.ya?ml$/.test(name);

/** The definitions in a file, or in the files of a folder. */
export const definitionsIn = (path: string): KubeObject[] => {
  const files = isYaml(path)
    ? [path]
    : readdirSync(path)
        .filter(isYaml)
        .map((name) => join(path, name));
  return files
    .flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')))
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object): object is KubeObject => object?.kind === CRD);
};

/** JSON is read in milliseconds, megabytes of YAML are not. */
const fill = async (file: string, source: DefinitionSource): Promise<void> => {
  mkdirSync(FOLDER, { recursive: true });
  const draft = mkdtempSync(`${file}.`);
  try {
    const definitions = definitionsIn(join(await download(source, draft), source.path));
    writeFileSync(join(draft, 'definitions.json'), JSON.stringify(definitions));
    renameSync(join(draft, 'definitions.json'), file);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};

/**
 * The definitions of a source. Downloads the module when they are not kept yet, which needs Go; throws an Error with
 * its words when that fails.
 */
export const definitionsOf = async (source: DefinitionSource): Promise<readonly KubeObject[]> => {
  const file = cacheFile(source);
  if (!existsSync(file)) await fill(file, source);
  const definitions = JSON.parse(readFileSync(file, 'utf8')) as KubeObject[];
  return definitions.map((definition) => source.adapted?.(definition) ?? definition);
};
