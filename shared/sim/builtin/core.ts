/** The core group besides Service and Pod: Namespace, ConfigMap, Secret, Event, Node, ServiceAccount. */
import type { KubeObject } from '../../api/kube.ts';
import { defaultTo, define, ensure, equal, fieldsAt, isFields, listAt, own, textAt, valueAt } from '../json.ts';
import type { KindOptions } from '../kinds.ts';
import type { StatusCause } from '../status.ts';
import { ageColumn, ageOf, fieldColumn, nameColumn, textColumn } from './columns.ts';

const native = { apiVersion: 'v1', namespaced: true, native: true, generation: false } as const;

const completeNamespace = (object: KubeObject): void => {
  define(
    ensure(object.metadata as unknown as Record<string, unknown>, 'labels'),
    'kubernetes.io/metadata.name',
    object.metadata.name,
  );
};

const startNamespace = (object: KubeObject, old: KubeObject | undefined): void => {
  if (old !== undefined) return;
  defaultTo(ensure(object, 'spec'), 'finalizers', ['kubernetes']);
  object['status'] = { phase: 'Active' };
};

const base64 = (text: unknown): string => Buffer.from(String(text), 'utf8').toString('base64');

const completeSecret = (object: KubeObject): void => {
  const plain = own(object, 'stringData');
  if (isFields(plain)) {
    const data = ensure(object, 'data');
    for (const [key, value] of Object.entries(plain)) define(data, key, base64(value));
    delete object['stringData'];
  }
  defaultTo(object, 'type', 'Opaque');
};

/** Data of an immutable ConfigMap or Secret can't change, nor can a Secret's type. */
const checkFrozen = (object: KubeObject, old: KubeObject | undefined): StatusCause[] => {
  if (old === undefined) return [];
  const causes: StatusCause[] = [];
  if (own(old, 'type') !== own(object, 'type')) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(own(object, 'type'))}: field is immutable`,
      field: 'type',
    });
  }
  if (own(old, 'immutable') !== true) return causes;
  const frozen = { reason: 'FieldValueForbidden', message: 'Forbidden: field is immutable when `immutable` is set' };
  if (own(object, 'immutable') !== true) causes.push({ ...frozen, field: 'immutable' });
  for (const field of ['data', 'binaryData'])
    if (!equal(own(old, field), own(object, field))) causes.push({ ...frozen, field });
  return causes;
};

const countData = (object: KubeObject): number =>
  Object.keys(fieldsAt(object, 'data')).length + Object.keys(fieldsAt(object, 'binaryData')).length;

const involved = (object: KubeObject): string =>
  `${textAt(object, 'involvedObject', 'kind').toLowerCase()}/${textAt(object, 'involvedObject', 'name')}`;

/** Events always carry these, empty or null. */
const completeEvent = (object: KubeObject): void => {
  for (const time of ['eventTime', 'firstTimestamp', 'lastTimestamp']) defaultTo(object, time, null);
  defaultTo(object, 'source', {});
  for (const text of ['reportingComponent', 'reportingInstance']) defaultTo(object, text, '');
};

const checkEvent = (object: KubeObject): StatusCause[] =>
  textAt(object, 'involvedObject', 'namespace') === (object.metadata.namespace ?? '') ||
  textAt(object, 'involvedObject', 'namespace') === ''
    ? []
    : [
        {
          reason: 'FieldValueInvalid',
          message: `Invalid value: ${JSON.stringify(textAt(object, 'involvedObject', 'namespace'))}: does not match event.namespace`,
          field: 'involvedObject.namespace',
        },
      ];

const nodeReady = (object: KubeObject): string =>
  listAt(object, 'status', 'conditions').some((one) => own(one, 'type') === 'Ready' && own(one, 'status') === 'True')
    ? 'Ready'
    : 'Unknown';

export const CORE: readonly KindOptions[] = [
  {
    ...native,
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
    status: true,
    shortNames: ['ns'],
    complete: completeNamespace,
    allocate: startNamespace,
    columns: [nameColumn, fieldColumn('Status', ['status', 'phase']), ageColumn],
  },
  {
    ...native,
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    check: checkFrozen,
    columns: [nameColumn, { name: 'Data', type: 'integer', cell: countData }, ageColumn],
  },
  {
    ...native,
    kind: 'Secret',
    plural: 'secrets',
    complete: completeSecret,
    check: checkFrozen,
    columns: [nameColumn, fieldColumn('Type', ['type']), { name: 'Data', type: 'integer', cell: countData }, ageColumn],
  },
  {
    ...native,
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    allocate: completeEvent,
    check: checkEvent,
    columns: [
      textColumn('Last Seen', (object, now) =>
        ageOf(own(object, 'lastTimestamp') ?? own(object, 'eventTime') ?? object.metadata.creationTimestamp, now),
      ),
      fieldColumn('Type', ['type']),
      fieldColumn('Reason', ['reason']),
      textColumn('Object', involved),
      textColumn('Subobject', (object) => valueAt(object, 'involvedObject', 'fieldPath') ?? '', 1),
      textColumn(
        'Source',
        (object) => textAt(object, 'source', 'component') || textAt(object, 'reportingComponent'),
        1,
      ),
      textColumn('Message', (object) => textAt(object, 'message').trim()),
      textColumn(
        'First Seen',
        (object, now) =>
          ageOf(own(object, 'firstTimestamp') ?? own(object, 'eventTime') ?? object.metadata.creationTimestamp, now),
        1,
      ),
      { ...fieldColumn('Count', ['count'], 1), priority: 1 },
      { ...nameColumn, priority: 1 },
    ],
  },
  {
    ...native,
    kind: 'Node',
    plural: 'nodes',
    namespaced: false,
    status: true,
    shortNames: ['no'],
    columns: [
      nameColumn,
      textColumn('Status', nodeReady),
      textColumn('Roles', () => '<none>'),
      ageColumn,
      fieldColumn('Version', ['status', 'nodeInfo', 'kubeletVersion']),
    ],
  },
  {
    ...native,
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    columns: [nameColumn, ageColumn],
  },
];
