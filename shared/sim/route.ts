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

interface Steps {
  readonly namespace: string | undefined;
  /** Plural, name and subresource, as far as they are given. */
  readonly rest: readonly string[];
}

const splitNamespace = (apiVersion: string, rest: string[]): Steps => {
  const [first, namespace, third] = rest;
  const isOwn = third === undefined || (apiVersion === 'v1' && OF_NAMESPACE.has(third));
  return first !== 'namespaces' || isOwn ? { namespace: undefined, rest } : { namespace, rest: rest.slice(2) };
};

/** The resource behind a path such as `/apis/apps/v1/namespaces/test/deployments/podinfo/status`; undefined: none. */
export const routeOf = (registry: Registry, path: string): Route | undefined => {
  const split = splitVersion(path);
  if (split === undefined) return undefined;
  const steps = splitNamespace(split.apiVersion, split.rest);
  const [plural = '', name = '', subresource = ''] = steps.rest;
  const kind = registry.find(split.apiVersion, plural);
  if (kind === undefined) return undefined;
  // A namespaced object has no path outside of a namespace, and a cluster-wide one none in it.
  const isMisplaced = steps.namespace === undefined ? kind.namespaced && name !== '' : !kind.namespaced;
  return isMisplaced ? undefined : { kind, namespace: steps.namespace ?? '', name, subresource };
};
