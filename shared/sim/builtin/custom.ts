/** Third-party kinds that come with the simulation, without a schema: anything is accepted and kept. */

import type { KubeObject } from '../../api/kube.ts';
import { listAt, own, textAt, valueAt } from '../json.ts';
import type { KindOptions } from '../kinds.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from './columns.ts';

const condition =
  (type: string) =>
  (object: KubeObject): string =>
    textAt(
      listAt(object, 'status', 'conditions').find((one) => own(one, 'type') === type),
      'status',
    ) || 'Unknown';

const target = (object: KubeObject): string => textAt(object, 'spec', 'scaleTargetRef', 'kind') || 'Deployment';

export const CUSTOM: readonly KindOptions[] = [
  {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    plural: 'scaledobjects',
    namespaced: true,
    status: true,
    shortNames: ['so'],
    columns: [
      nameColumn,
      textColumn(
        'ScaleTargetKind',
        (object) => `${textAt(object, 'spec', 'scaleTargetRef', 'apiVersion') || 'apps/v1'}.${target(object)}`,
      ),
      fieldColumn('ScaleTargetName', ['spec', 'scaleTargetRef', 'name']),
      fieldColumn('Min', ['spec', 'minReplicaCount'], null),
      fieldColumn('Max', ['spec', 'maxReplicaCount'], null),
      textColumn('Ready', condition('Ready')),
      textColumn('Active', condition('Active')),
      textColumn('Fallback', condition('Fallback')),
      textColumn('Paused', condition('Paused')),
      textColumn('Triggers', (object) =>
        listAt(object, 'spec', 'triggers')
          .map((one) => textAt(one, 'type'))
          .join(','),
      ),
      ageColumn,
    ],
  },
  {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'TraefikService',
    plural: 'traefikservices',
    namespaced: true,
    columns: [
      nameColumn,
      textColumn('Weighted', (object) => (valueAt(object, 'spec', 'weighted') === undefined ? 'false' : 'true'), 1),
      ageColumn,
    ],
  },
];
