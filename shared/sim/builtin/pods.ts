/** core/v1 Pod, and EndpointSlices, as far as the small controllers and `kubectl get` need them. */
import type { KubeObject } from '../../api/kube.ts';
import { defaultTo, ensure, listAt, numberAt, own, textAt } from '../json.ts';
import type { KindOptions } from '../kinds.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from './columns.ts';
import { completePodSpec, completeRequests } from './pod-defaults.ts';

const completePod = (object: KubeObject): void => {
  const spec = ensure(object, 'spec');
  completePodSpec(spec);
  completeRequests(spec);
  defaultTo(spec, 'enableServiceLinks', true);
  defaultTo(spec, 'preemptionPolicy', 'PreemptLowerPriority');
  defaultTo(spec, 'priority', 0);
};

const startPod = (object: KubeObject, old: KubeObject | undefined): void => {
  if (old === undefined) defaultTo(object, 'status', { phase: 'Pending', qosClass: 'Burstable' });
};

const statuses = (object: KubeObject): unknown[] => listAt(object, 'status', 'containerStatuses');

const readyText = (object: KubeObject): string =>
  `${statuses(object).filter((one) => own(one, 'ready') === true).length}/${listAt(object, 'spec', 'containers').length}`;

const phaseText = (object: KubeObject): string => {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = statuses(object)
    .map((one) => textAt(one, 'state', 'waiting', 'reason'))
    .find((reason) => reason !== '');
  return waiting ?? textAt(object, 'status', 'phase');
};

export const PODS: readonly KindOptions[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    plural: 'pods',
    namespaced: true,
    native: true,
    status: true,
    shortNames: ['po'],
    categories: ['all'],
    complete: completePod,
    allocate: startPod,
    deleteAnswersObject: true,
    columns: [
      nameColumn,
      textColumn('Ready', readyText),
      textColumn('Status', phaseText),
      textColumn('Restarts', (object) =>
        String(statuses(object).reduce<number>((sum, one) => sum + numberAt(one, 'restartCount'), 0)),
      ),
      ageColumn,
      textColumn('IP', (object) => textAt(object, 'status', 'podIP') || '<none>', 1),
      textColumn('Node', (object) => textAt(object, 'spec', 'nodeName') || '<none>', 1),
      textColumn('Nominated Node', () => '<none>', 1),
      textColumn('Readiness Gates', () => '<none>', 1),
    ],
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    namespaced: true,
    native: true,
    columns: [
      nameColumn,
      fieldColumn('AddressType', ['addressType']),
      textColumn(
        'Ports',
        (object) =>
          listAt(object, 'ports')
            .map((port) => String(own(port, 'port')))
            .join(',') || '<unset>',
      ),
      textColumn(
        'Endpoints',
        (object) =>
          listAt(object, 'endpoints')
            .flatMap((one) => listAt(one, 'addresses'))
            .join(',') || '<unset>',
      ),
      ageColumn,
    ],
  },
];
