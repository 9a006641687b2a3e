/** Where the traffic providers' own definitions of their kinds come from, and how they are kept between runs. */
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
import { cacheRoot } from '../control-plane/cache.ts';
import { runCommand } from '../control-plane/handle.ts';

/** A file, or a folder of files, in a public Go module. */
interface Source {
  readonly module: string;
  readonly path: string;
}

const SOURCES = {
  contour: {
    module: 'github.com/projectcontour/contour',
    path: 'examples/contour/01-crds.yaml',
  },
  'gateway-api-standard': {
    module: 'sigs.k8s.io/gateway-api',
    path: 'config/crd/standard',
  },
  'gateway-api-experimental': {
    module: 'sigs.k8s.io/gateway-api',
    path: 'config/crd/experimental',
  },
  istio: {
    module: 'istio.io/api',
    path: 'kubernetes/customresourcedefinitions.gen.yaml',
  },
  knative: { module: 'knative.dev/serving', path: 'config/core/300-resources' },
  smi: {
    module: 'github.com/servicemeshinterface/smi-sdk-go',
    path: 'crds/split.yaml',
  },
  traefik: {
    module: 'github.com/traefik/traefik/v3',
    path: 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml',
  },
} as const satisfies Readonly<Record<string, Source>>;

export type Definitions = Readonly<Record<keyof typeof SOURCES, readonly KubeObject[]>>;

const MODULE = new URL('../control-plane/go/provider-crds/', import.meta.url).pathname;
const CRD = 'CustomResourceDefinition';

/** The version that `go.mod` pins, and `go.sum` holds to its checksum. */
const versionOf = (module: string): string => {
  const line = readFileSync(join(MODULE, 'go.mod'), 'utf8')
    .split('\n')
    .find((candidate) => candidate.trim().startsWith(`${module} v`));
  const version = line?.trim().split(' ')[1];
  if (version === undefined) throw new Error(`go.mod of provider-crds does not require ${module}`);
  return version;
};

/** Another version, checksum or path gets another folder. */
const cacheFolder = (): string => {
  const key = createHash('sha256').update(JSON.stringify(SOURCES));
  for (const file of ['go.mod', 'go.sum']) key.update(readFileSync(join(MODULE, file)));
  return join(cacheRoot(), `provider-crds-${key.digest('hex').slice(0, 10)}`);
};

const download = async ({ module }: Source): Promise<string> => {
  const args = ['-C', MODULE, 'mod', 'download', '-json', `${module}@${versionOf(module)}`];
  const { code, stdout, stderr } = await runCommand('go', args, {
    env: { GOWORK: 'off' },
    timeoutMs: 300_000,
  });
  const answer = (stdout === '' ? {} : JSON.parse(stdout)) as {
    Dir?: string;
    Error?: string;
  };
  if (code !== 0 || answer.Dir === undefined) throw new Error(`${module}: ${answer.Error ?? stderr.trim()}`);
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
const fill = async (folder: string): Promise<void> => {
  mkdirSync(cacheRoot(), { recursive: true });
  const draft = mkdtempSync(`${folder}.`);
  try {
    for (const [name, source] of Object.entries(SOURCES)) {
      const definitions = definitionsIn(join(await download(source), source.path));
      writeFileSync(join(draft, `${name}.json`), JSON.stringify(definitions));
    }
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};

/**
 * The definitions of every source. Downloads the modules when they are not kept yet, which needs Go; throws an Error
 * with its words when that fails.
 */
export const providerDefinitions = async (): Promise<Definitions> => {
  const folder = cacheFolder();
  if (!existsSync(folder)) await fill(folder);
  const read = (name: string): KubeObject[] => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  return Object.fromEntries(Object.keys(SOURCES).map((name) => [name, read(name)])) as unknown as Definitions;
};
