/** What a path means: a resource with its namespace, name and subresource. */
import type { Registry, ServedKind } from './kinds.ts';

export interface Route {
  readonly kind: ServedKind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** The resource behind a path such as `/apis/apps/v1/namespaces/test/deployments/podinfo/status`; undefined: none. */
export const routeOf = (registry: Registry, path: string): Route | undefined => {
  const steps = path
    .split('/')
    .filter((step) => step !== '')
    .map(decodeURIComponent);
  const core = steps[0] === 'api';
  if (!core && steps[0] !== 'apis') return undefined;
  const apiVersion = core ? (steps[1] ?? '') : `${steps[1] ?? ''}/${steps[2] ?? ''}`;
  const rest = steps.slice(core ? 2 : 3);
  // `namespaces/x` alone is the Namespace itself, and so are its subresources.
  const inNamespace =
    rest[0] === 'namespaces' && rest.length > 2 && !(core && ['status', 'finalize'].includes(rest[2] ?? ''));
  const [plural = '', name = '', subresource = ''] = inNamespace ? rest.slice(2) : rest;
  const kind = registry.find(apiVersion, plural);
  if (kind === undefined || (inNamespace && !kind.namespaced)) return undefined;
  if (kind.namespaced && !inNamespace && name !== '') return undefined;
  return { kind, namespace: inNamespace ? (rest[1] ?? '') : '', name, subresource };
};
