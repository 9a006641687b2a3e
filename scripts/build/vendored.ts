import { sep } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Packages that become files of their own, with the names that the Kubernetes client takes from them. Our code imports
 * some of them when it first needs them, and esbuild's splitting gives such an import of CommonJS no names; the client
 * imports all of them at once and needs them for rare users alone: proxies, OpenID Connect, retired providers.
 */
const CLIENT_USES = {
  undici: ['Agent', 'ProxyAgent', 'fetch'],
  'prom-client': [],
  'js-yaml': ['load', 'dump'],
  'jsonpath-plus': ['JSONPath'],
  'openid-client': ['customFetch', 'discovery', 'refreshTokenGrant'],
  socks: ['SocksClient'],
  'socks-proxy-agent': ['SocksProxyAgent'],
  hpagent: ['HttpProxyAgent', 'HttpsProxyAgent'],
} as const satisfies Record<string, readonly string[]>;

type Vendored = keyof typeof CLIENT_USES;

export const VENDORED = Object.keys(CLIENT_USES) as Vendored[];

const MARK = 'vendored:';

export const vendoredFile = (name: string): string => `${name}.cjs`;

/** Points the marks of the first pass at the files; `prefix` leads from the file to lib/. */
export const resolveMarks = (code: string, prefix: string): string =>
  code.replace(
    new RegExp(`(["'\`])${MARK}([a-z-]+)\\1`, 'g'),
    (_, __, name: string) => `"${prefix}${vendoredFile(name)}"`,
  );

const CLIENT_FOLDER = ['node_modules', '@kubernetes', 'client-node'].join(sep);

/** A module whose exports load the real one when they are first read. */
const standIn = (name: Vendored): string => {
  const getters = CLIENT_USES[name].map((one) => `get ${one}() { return require('${MARK}${name}').${one}; }`);
  return `module.exports = { ${getters.join(', ')} };`;
};

/** Starting processes is for credential helpers, which we run ourselves: the client gets functions that load it late. */
const LATE_BUILTIN = 'node:child_process';
const lateBuiltin = `export default new Proxy({}, { get: (_, name) => (...given) => require('${LATE_BUILTIN}')[name](...given) });`;

/** Leaves vendored packages out of the bundle; the Kubernetes client gets stand-ins for them. */
export const vendored: Plugin = {
  name: 'vendored',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${VENDORED.join('|')})$`) }, ({ path, importer }) =>
      importer.includes(CLIENT_FOLDER)
        ? { path, namespace: 'stand-in', sideEffects: false }
        : { path: `${MARK}${path}`, external: true },
    );
    build.onResolve({ filter: new RegExp(`^${LATE_BUILTIN}$`) }, ({ path, importer }) =>
      importer.includes(CLIENT_FOLDER) ? { path, namespace: 'late-builtin', sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'late-builtin' }, () => ({ loader: 'js', contents: lateBuiltin }));
    build.onResolve({ filter: new RegExp(`^${MARK}`) }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({
      loader: 'js',
      contents: standIn(path as Vendored),
    }));
  },
};
