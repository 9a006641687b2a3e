/** autoscaling/v2 HorizontalPodAutoscaler. */
import type { KubeObject } from '../../api/kube.ts';
import { defaultTo, ensure, fieldsAt, isFields, listAt, numberAt, own, printed, textAt, valueAt } from '../json.ts';
import type { KindOptions } from '../kinds.ts';
import type { StatusCause } from '../status.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from './columns.ts';

const CPU_AT_80 = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

/** Scaling rules get their defaults only where `behavior` is given at all. */
const completeBehavior = (spec: Record<string, unknown>): void => {
  const behavior = own(spec, 'behavior');
  if (!isFields(behavior)) return;
  const up = ensure(behavior, 'scaleUp');
  defaultTo(up, 'stabilizationWindowSeconds', 0);
  defaultTo(up, 'selectPolicy', 'Max');
  defaultTo(up, 'policies', [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ]);
  const down = ensure(behavior, 'scaleDown');
  defaultTo(down, 'selectPolicy', 'Max');
  defaultTo(down, 'policies', [{ type: 'Percent', value: 100, periodSeconds: 15 }]);
};

const completeAutoscaler = (object: KubeObject): void => {
  const spec = ensure(object, 'spec');
  defaultTo(spec, 'minReplicas', 1);
  if (listAt(spec, 'metrics').length === 0) spec['metrics'] = structuredClone(CPU_AT_80);
  completeBehavior(spec);
};

const startStatus = (object: KubeObject, old: KubeObject | undefined): void => {
  if (old === undefined) defaultTo(object, 'status', { currentMetrics: null, desiredReplicas: 0 });
};

const checkAutoscaler = (object: KubeObject): StatusCause[] => {
  const spec = fieldsAt(object, 'spec');
  const [min, max] = [numberAt(spec, 'minReplicas'), numberAt(spec, 'maxReplicas')];
  const causes: StatusCause[] = [];
  for (const field of ['kind', 'name']) {
    if (textAt(spec, 'scaleTargetRef', field) === '') {
      causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: `spec.scaleTargetRef.${field}` });
    }
  }
  if (min < 1) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${min}: must be greater than or equal to 1`,
      field: 'spec.minReplicas',
    });
  }
  if (max < 1) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${max}: must be greater than 0`,
      field: 'spec.maxReplicas',
    });
  } else if (max < min) {
    const message = `Invalid value: ${max}: must be greater than or equal to \`minReplicas\``;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.maxReplicas' });
  }
  if (textAt(spec, 'scaleTargetRef', 'apiVersion') === '') {
    causes.push({
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "": apiVersion must specify API group',
      field: 'spec.scaleTargetRef.apiVersion',
    });
  }
  return causes;
};

const metricText = (object: KubeObject): string => {
  const texts = listAt(object, 'spec', 'metrics').map((metric) => {
    const name =
      textAt(metric, 'resource', 'name') ||
      textAt(metric, 'external', 'metric', 'name') ||
      textAt(metric, 'type').toLowerCase();
    const wanted = valueAt(metric, 'resource', 'target', 'averageUtilization');
    return `${name}: <unknown>/${wanted === undefined ? '<auto>' : `${printed(wanted)}%`}`;
  });
  return texts.length === 0 ? '<none>' : texts.join(', ');
};

export const AUTOSCALER: KindOptions = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  namespaced: true,
  native: true,
  status: true,
  generation: false,
  shortNames: ['hpa'],
  categories: ['all'],
  complete: completeAutoscaler,
  allocate: startStatus,
  check: checkAutoscaler,
  columns: [
    nameColumn,
    textColumn(
      'Reference',
      (object) =>
        `${textAt(object, 'spec', 'scaleTargetRef', 'kind')}/${textAt(object, 'spec', 'scaleTargetRef', 'name')}`,
    ),
    textColumn('Targets', metricText),
    fieldColumn('MinPods', ['spec', 'minReplicas'], '<unset>'),
    fieldColumn('MaxPods', ['spec', 'maxReplicas'], 0),
    fieldColumn('Replicas', ['status', 'currentReplicas'], 0),
    ageColumn,
  ],
};
