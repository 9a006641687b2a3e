/** What a path means: a resource with its namespace, name and subresource. */
import type { Registry, ServedKind } from './kinds.ts';

export interface Route {
  readonly kind: ServedKind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** Subresources of a Namespace itself, which look like resources in it. */
const OF_NAMESPACE = new Set(['status', 'finalize']);

/** `apps/v1` and what follows it, of a path such as `/apis/apps/v1/…`. */
const splitVersion = (path: string): { apiVersion: string; rest: string[] } | undefined => {
  const [root, first = '', ...rest] = path
    .split('/')
    .filter((step) => step !== '')
    .map(decodeURIComponent);
  if (root === 'api') return { apiVersion: first, rest };
  return root === 'apis' ? { apiVersion: `${first}/${rest[0] ?? ''}`, rest: rest.slice(1) } : undefined;
};

/** The resource behind a path such as `/apis/apps/v1/namespaces/test/deployments/podinfo/status`; undefined: none. */
export const routeOf = (registry: Registry, path: string): Route | undefined => {
  const split = splitVersion(path);
  if (split === undefined) return undefined;
  const { apiVersion, rest } = split;
  const [first, namespace = '', third] = rest;
  const isInNamespace =
    first === 'namespaces' && third !== undefined && !(apiVersion === 'v1' && OF_NAMESPACE.has(third));
  const [plural = '', name = '', subresource = ''] = isInNamespace ? rest.slice(2) : rest;
  const kind = registry.find(apiVersion, plural);
  // A namespaced object has no path outside of a namespace, and a cluster-wide one none in it.
  const isMisplaced = isInNamespace ? kind?.namespaced === false : kind?.namespaced === true && name !== '';
  if (kind === undefined || isMisplaced) return undefined;
  return { kind, namespace: isInNamespace ? namespace : '', name, subresource };
};
