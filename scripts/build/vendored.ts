import { sep } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * CommonJS packages that the sources import when they first need them. Each becomes one file of its own: esbuild's
 * splitting gives an `import()` of such a package no named exports, and two of them are costly to load.
 */
export const VENDORED = ['undici', 'prom-client'] as const;

const MARK = 'vendored:';

export const vendoredFile = (name: string): string => `${name}.cjs`;

/** Points the marks of the first pass at the files; `prefix` leads from the file to lib/. */
export const resolveMarks = (code: string, prefix: string): string =>
  code.replace(
    new RegExp(`(["'\`])${MARK}([a-z-]+)\\1`, 'g'),
    (_, __, name: string) => `"${prefix}${vendoredFile(name)}"`,
  );

/** What the Kubernetes client takes from undici for requests that we never make through it. */
const CLIENT_USES = ['Agent', 'ProxyAgent', 'fetch'] as const;

const CLIENT_FOLDER = ['node_modules', '@kubernetes', 'client-node'].join(sep);

const standIns = (): string =>
  [
    `const real = () => require('${MARK}undici');`,
    'const standIn = (name) => new Proxy(function () {}, {',
    '  get: (_, key) => Reflect.get(real()[name], key),',
    '  apply: (_, self, args) => Reflect.apply(real()[name], self, args),',
    '  construct: (_, args) => Reflect.construct(real()[name], args),',
    '});',
    ...CLIENT_USES.map((name) => `export const ${name} = /* @__PURE__ */ standIn('${name}');`),
  ].join('\n');

/** Leaves vendored packages out of the bundle; the Kubernetes client gets stand-ins that load undici at their first use. */
export const vendored: Plugin = {
  name: 'vendored',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${VENDORED.join('|')})$`) }, ({ path, importer }) =>
      importer.includes(CLIENT_FOLDER)
        ? { path, namespace: 'stand-in', sideEffects: false }
        : { path: `${MARK}${path}`, external: true },
    );
    build.onResolve({ filter: new RegExp(`^${MARK}`) }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /.*/, namespace: 'stand-in' }, () => ({ loader: 'js', contents: standIns() }));
  },
};
