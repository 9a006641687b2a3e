/** Paths that are no resources: version, health, discovery, OpenAPI. */
import {
  ACCEPTS_AGGREGATED,
  AGGREGATED_TYPE,
  aggregatedDiscovery,
  apiGroup,
  coreVersions,
  groupList,
  resourceList,
} from './discovery.ts';
import type { Registry } from './kinds.ts';
import { openApiIndex, openApiOf } from './openapi.ts';

export interface MetaAnswer {
  readonly body: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'go1.26',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const HEALTH = new Set(['/healthz', '/readyz', '/livez']);

const discover = (registry: Registry, path: string, accept: string): MetaAnswer | undefined => {
  if (path === '/api' || path === '/apis') {
    if (ACCEPTS_AGGREGATED.test(accept))
      return { body: aggregatedDiscovery(registry, path === '/api'), contentType: AGGREGATED_TYPE };
    return { body: path === '/api' ? coreVersions : groupList(registry) };
  }
  const [root, group = '', version, ...rest] = path.split('/').slice(1);
  if (rest.length > 0) return undefined;
  if (root === 'api') return version === undefined ? found(resourceList(registry, group)) : undefined;
  if (root !== 'apis') return undefined;
  return found(version === undefined ? apiGroup(registry, group) : resourceList(registry, `${group}/${version}`));
};

const found = (body: object | undefined): MetaAnswer | undefined => (body === undefined ? undefined : { body });

/** The answer for a path that is no resource; undefined: it is one, or nothing. */
export const answerMeta = (registry: Registry, method: string, path: string, accept = ''): MetaAnswer | undefined => {
  if (method !== 'GET') return undefined;
  if (path === '/version') return { body: VERSION };
  if (HEALTH.has(path)) return { body: 'ok', contentType: 'text/plain; charset=utf-8' };
  if (path === '/openapi/v3') return { body: openApiIndex(registry) };
  if (path.startsWith('/openapi/v3/')) return found(openApiOf(registry, path.slice('/openapi/v3/'.length)));
  return discover(registry, path.replace(/\/$/, ''), accept);
};
