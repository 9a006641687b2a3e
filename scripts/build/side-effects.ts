import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/** The folder of an installed package. */
const folderOf = (name: string): string => {
  let folder = dirname(require.resolve(name));
  while (!existsSync(join(folder, 'package.json')) || !folder.endsWith(join(...name.split('/'))))
    folder = dirname(folder);
  return folder;
};

/**
 * Says of packages that their modules do nothing by being loaded, so that what is not used falls out of the bundle.
 * The answer is synchronous; the same through esbuild's own resolver takes many times longer.
 */
export const withoutSideEffects = (packages: readonly string[]): Plugin => {
  const folders = packages.map((name) => ({ name, folder: folderOf(name) }));
  return {
    name: 'without-side-effects',
    setup(build) {
      for (const { name } of folders) {
        build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({
          path: require.resolve(name),
          sideEffects: false,
        }));
      }
      build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        if (!folders.some(({ folder }) => resolveDir === folder || resolveDir.startsWith(folder + sep)))
          return undefined;
        const file = [path, `${path}.js`, join(path, 'index.js')]
          .map((one) => join(resolveDir, one))
          .find((one) => /\.[cm]?js$/.test(one) && existsSync(one));
        return file === undefined ? undefined : { path: file, sideEffects: false };
      });
    },
  };
};
