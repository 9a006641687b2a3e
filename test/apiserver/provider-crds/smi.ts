import type { KubeObject } from '../../../shared/api/kube.ts';
import type { Loose } from '../../unit/shared/routing/board.ts';

/** Its weights are quantities, which no schema ever said. */
const WITHOUT_SCHEMA = 'v1alpha1';

/** A definition of the form that API servers took until 1.21, in today's: the one schema for each version it is meant for. */
export const modernised = (definition: KubeObject): KubeObject => {
  const { version: _, versions, validation, additionalPrinterColumns: __, ...spec } = definition['spec'] as Loose;
  const { spec: fields } = validation.openAPIV3Schema.properties;
  // Objects of today's schemas say that they are.
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { ...fields, type: 'object' } },
    },
  };
  return {
    ...definition,
    apiVersion: 'apiextensions.k8s.io/v1',
    spec: {
      ...spec,
      versions: versions
        .filter(({ name }: Loose) => name !== WITHOUT_SCHEMA)
        .map(({ name, storage }: Loose) => ({
          name,
          storage,
          served: true,
          schema,
        })),
    },
  };
};
