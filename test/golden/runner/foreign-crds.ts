import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { groupOf } from '../../../shared/api/kube.ts';

const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);

const byResource = (kinds: readonly Kind[]): Map<string, Kind[]> => {
  const resources = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const name = `${kind.plural}.${groupOf(kind.apiVersion)}`;
    resources.set(name, [...(resources.get(name) ?? []), kind]);
  }
  return resources;
};

/**
 * CustomResourceDefinitions without a schema and without a status subresource, as the recordings had them: whatever is
 * written is kept as it is. Of several versions of one kind the first is stored.
 */
export const schemaFreeCrds = (kinds: readonly Kind[]): KubeObject[] =>
  [...byResource(kinds)].flatMap(([name, versions]) => {
    const [first] = versions;
    return first === undefined ? [] : [schemaFreeCrd(name, first, versions)];
  });

const schemaFreeCrd = (name: string, first: Kind, versions: readonly Kind[]): KubeObject => {
  const group = groupOf(first.apiVersion);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name,
      // Groups of the Kubernetes project are taken only with a word on their review.
      ...(group.endsWith('.k8s.io') ? { annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' } } : {}),
    },
    spec: {
      group,
      scope: first.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: first.kind,
        listKind: `${first.kind}List`,
        plural: first.plural,
        singular: first.kind.toLowerCase(),
      },
      versions: versions.map((kind) => ({
        name: versionOf(kind.apiVersion),
        served: true,
        storage: kind === first,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      })),
    },
  };
};
