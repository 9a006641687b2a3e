/** Columns of Deployment, ReplicaSet and DaemonSet in `kubectl get`. */
import type { KubeObject } from '../../api/kube.ts';
import { listAt, numberAt, textAt, valueAt } from '../json.ts';
import type { Column } from '../kinds.ts';
import { selectorText } from '../selectors.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from './columns.ts';

const containers = (object: KubeObject): unknown[] => listAt(object, 'spec', 'template', 'spec', 'containers');

const templateColumns: readonly Column[] = [
  textColumn(
    'Containers',
    (object) =>
      containers(object)
        .map((one) => textAt(one, 'name'))
        .join(','),
    1,
  ),
  textColumn(
    'Images',
    (object) =>
      containers(object)
        .map((one) => textAt(one, 'image'))
        .join(','),
    1,
  ),
  textColumn('Selector', (object) => selectorText(valueAt(object, 'spec', 'selector')), 1),
];

export const deploymentColumns: readonly Column[] = [
  nameColumn,
  textColumn(
    'Ready',
    (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`,
  ),
  fieldColumn('Up-to-date', ['status', 'updatedReplicas'], 0),
  fieldColumn('Available', ['status', 'availableReplicas'], 0),
  ageColumn,
  ...templateColumns,
];

export const replicaSetColumns: readonly Column[] = [
  nameColumn,
  fieldColumn('Desired', ['spec', 'replicas'], 0),
  fieldColumn('Current', ['status', 'replicas'], 0),
  fieldColumn('Ready', ['status', 'readyReplicas'], 0),
  ageColumn,
  ...templateColumns,
];

const nodeSelector = (object: KubeObject): string =>
  selectorText({ matchLabels: valueAt(object, 'spec', 'template', 'spec', 'nodeSelector') ?? {} }) || '<none>';

export const daemonSetColumns: readonly Column[] = [
  nameColumn,
  fieldColumn('Desired', ['status', 'desiredNumberScheduled'], 0),
  fieldColumn('Current', ['status', 'currentNumberScheduled'], 0),
  fieldColumn('Ready', ['status', 'numberReady'], 0),
  fieldColumn('Up-to-date', ['status', 'updatedNumberScheduled'], 0),
  fieldColumn('Available', ['status', 'numberAvailable'], 0),
  textColumn('Node Selector', nodeSelector),
  ageColumn,
  ...templateColumns,
];
