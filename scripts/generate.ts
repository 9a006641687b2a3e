/** `npm run generate`: writes every generated file; with `--check` names the stale ones and ends with 1. */
import { fileURLToPath } from 'node:url';
import { staleFiles, writeFiles } from './generate/files.ts';
import { GENERATED_FILES } from './generate/registry.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const main = (args: readonly string[]): number => {
  const unknown = args.find((arg) => arg !== '--check');
  if (unknown !== undefined) {
    console.error(`generate: unknown argument ${unknown}; only --check is known`);
    return 2;
  }
  if (args.length > 0) {
    const stale = staleFiles(ROOT, GENERATED_FILES);
    for (const path of stale) console.error(`${path} is stale: run npm run generate`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const path of writeFiles(ROOT, GENERATED_FILES)) console.log(`wrote ${path}`);
  return 0;
};

process.exitCode = main(process.argv.slice(2));
