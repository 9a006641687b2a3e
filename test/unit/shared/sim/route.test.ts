import { describe, expect, it } from 'vitest';
import { BUILTIN } from '../../../../shared/sim/builtin/index.ts';
import { createRegistry } from '../../../../shared/sim/kinds.ts';
import { routeOf } from '../../../../shared/sim/route.ts';

const registry = createRegistry();
for (const kind of BUILTIN) registry.register(kind);

const read = (path: string): string | undefined => {
  const route = routeOf(registry, path);
  return route === undefined
    ? undefined
    : [route.kind.plural, route.namespace, route.name, route.subresource].join('|');
};

describe('a path', () => {
  it.each([
    ['/api/v1/namespaces', 'namespaces|||'],
    ['/api/v1/namespaces/test', 'namespaces||test|'],
    ['/api/v1/namespaces/test/status', 'namespaces||test|status'],
    ['/api/v1/pods', 'pods|||'],
    ['/api/v1/namespaces/test/pods', 'pods|test||'],
    ['/apis/apps/v1/namespaces/test/deployments/web', 'deployments|test|web|'],
    ['/apis/apps/v1/namespaces/test/deployments/web/scale', 'deployments|test|web|scale'],
    ['/apis/apps/v1/namespaces/a%2Fb/deployments', 'deployments|a/b||'],
    ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x', undefined],
    ['/apis/rbac.authorization.k8s.io/v1/clusterroles/x', 'clusterroles||x|'],
    ['/apis/rbac.authorization.k8s.io/v1/namespaces/test/clusterroles/x', undefined],
    ['/apis/apps/v1/deployments/web', undefined],
    ['/apis/apps/v2/deployments', undefined],
    ['/apis/apps/v1', undefined],
    ['/healthz', undefined],
  ])('%s means %s', (path, meaning) => {
    expect(read(path)).toBe(meaning);
  });
});
