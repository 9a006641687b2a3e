import { sep } from 'node:path';
import type { Plugin } from 'esbuild';

export const UNDICI_FILE = 'undici.cjs';

/** What the Kubernetes client takes from undici for requests that we never make through it. */
const CLIENT_USES = ['Agent', 'ProxyAgent', 'fetch'] as const;

const CLIENT_FOLDER = ['node_modules', '@kubernetes', 'client-node'].join(sep);

/**
 * undici is the second largest cost at start-up, so it stays in a file of its own. Our code imports it when it sends
 * its first request; the Kubernetes client gets stand-ins that load it when they are first used.
 */
export const undiciOnDemand: Plugin = {
  name: 'undici-on-demand',
  setup(build) {
    build.onResolve({ filter: /^undici$/ }, ({ importer }) =>
      importer.includes(CLIENT_FOLDER) ? { path: 'undici', namespace: 'undici-stand-in', sideEffects: false } : { path: `../${UNDICI_FILE}`, external: true },
    );
    build.onLoad({ filter: /.*/, namespace: 'undici-stand-in' }, () => ({
      loader: 'js',
      contents: [
        `const real = () => require('../${UNDICI_FILE}');`,
        'const standIn = (name) => new Proxy(function () {}, {',
        '  get: (_, key) => Reflect.get(real()[name], key),',
        '  apply: (_, self, args) => Reflect.apply(real()[name], self, args),',
        '  construct: (_, args) => Reflect.construct(real()[name], args),',
        '});',
        ...CLIENT_USES.map((name) => `export const ${name} = /* @__PURE__ */ standIn('${name}');`),
      ].join('\n'),
    }));
    build.onResolve({ filter: new RegExp(`^\\.\\./${UNDICI_FILE.replace('.', '\\.')}$`) }, ({ path }) => ({ path, external: true }));
  },
};
