import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { groupOf } from '../../../shared/api/kube.ts';

const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);

/**
 * CustomResourceDefinitions without a schema and without a status subresource, as the recordings had them: whatever is
 * written is kept as it is.
 */
export const schemaFreeCrds = (kinds: readonly Kind[]): KubeObject[] =>
  kinds.map((kind) => {
    const group = groupOf(kind.apiVersion);
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: `${kind.plural}.${group}`,
        // Groups of the Kubernetes project are taken only with a word on their review.
        ...(group.endsWith('.k8s.io')
          ? { annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' } }
          : {}),
      },
      spec: {
        group,
        scope: 'Namespaced',
        names: {
          kind: kind.kind,
          listKind: `${kind.kind}List`,
          plural: kind.plural,
          singular: kind.kind.toLowerCase(),
        },
        versions: [
          {
            name: versionOf(kind.apiVersion),
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    };
  });
