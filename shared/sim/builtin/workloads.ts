/** apps/v1: defaults, refusals and scale of Deployment, ReplicaSet and DaemonSet. */
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { defaultTo, ensure, equal, fieldsAt, isFields, listAt, own, valueAt } from '../json.ts';
import type { KindOptions, ScalePaths } from '../kinds.ts';
import { matchesSelector } from '../selectors.ts';
import type { StatusCause } from '../status.ts';
import { completeTemplate } from './pod-defaults.ts';
import { daemonSetColumns, deploymentColumns, replicaSetColumns } from './workload-columns.ts';

const SCALE: ScalePaths = {
  spec: ['spec', 'replicas'],
  status: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

const completeDeployment = (object: KubeObject): void => {
  const spec = ensure(object, 'spec');
  completeTemplate(spec);
  defaultTo(spec, 'replicas', 1);
  const strategy = ensure(spec, 'strategy');
  defaultTo(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = ensure(strategy, 'rollingUpdate');
    defaultTo(rolling, 'maxUnavailable', '25%');
    defaultTo(rolling, 'maxSurge', '25%');
  }
  defaultTo(spec, 'revisionHistoryLimit', 10);
  defaultTo(spec, 'progressDeadlineSeconds', 600);
  dropFalse(spec, 'paused');
  dropZero(spec, 'minReadySeconds');
};

const startStatus = (object: KubeObject, old: KubeObject | undefined): void => {
  if (old === undefined) defaultTo(object, 'status', object.kind === 'ReplicaSet' ? { replicas: 0 } : {});
};

const GENERATION = 'deprecated.daemonset.template.generation';

/** DaemonSets carry their template's generation as an annotation, and counts that are never left out. */
const startDaemonSet = (object: KubeObject, old: KubeObject | undefined): void => {
  if (old === undefined) {
    defaultTo(object, 'status', {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    });
    return;
  }
  const count = Number(old.metadata.annotations?.[GENERATION] ?? '1');
  const moved = !equal(valueAt(old, 'spec', 'template'), valueAt(object, 'spec', 'template'));
  object.metadata.annotations = { ...object.metadata.annotations, [GENERATION]: String(moved ? count + 1 : count) };
};

const completeDaemonSet = (object: KubeObject, old: KubeObject | undefined): void => {
  if (old === undefined) object.metadata.annotations = { ...object.metadata.annotations, [GENERATION]: '1' };
  const spec = ensure(object, 'spec');
  completeTemplate(spec);
  const strategy = ensure(spec, 'updateStrategy');
  defaultTo(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = ensure(strategy, 'rollingUpdate');
    defaultTo(rolling, 'maxUnavailable', 1);
    defaultTo(rolling, 'maxSurge', 0);
  }
  defaultTo(spec, 'revisionHistoryLimit', 10);
  dropZero(spec, 'minReadySeconds');
};

const completeReplicaSet = (object: KubeObject): void => {
  const spec = ensure(object, 'spec');
  completeTemplate(spec);
  defaultTo(spec, 'replicas', 1);
};

const dropFalse = (fields: Fields, key: string): void => {
  if (fields[key] === false) delete fields[key];
};

const dropZero = (fields: Fields, key: string): void => {
  if (fields[key] === 0) delete fields[key];
};

const required = (field: string): StatusCause => ({ reason: 'FieldValueRequired', message: 'Required value', field });

const checkContainers = (spec: Fields): StatusCause[] => {
  const containers = listAt(spec, 'template', 'spec', 'containers');
  if (containers.length === 0) return [required('spec.template.spec.containers')];
  return containers.flatMap((container, index) =>
    ['name', 'image']
      .filter((key) => own(container, key) === undefined)
      .map((key) => required(`spec.template.spec.containers[${index}].${key}`)),
  );
};

const checkWorkload = (object: KubeObject, old: KubeObject | undefined): StatusCause[] => {
  const spec = fieldsAt(object, 'spec');
  const causes: StatusCause[] = [];
  const selector = own(spec, 'selector');
  if (!isFields(selector)) causes.push(required('spec.selector'));
  const labels = fieldsAt(spec, 'template', 'metadata', 'labels');
  if (!isFields(selector) || !matchesSelector(selector, labels)) {
    const shown = Object.keys(labels).length === 0 ? null : labels;
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(shown)}: \`selector\` does not match template \`labels\``,
      field: 'spec.template.metadata.labels',
    });
  }
  const before = valueAt(old, 'spec', 'selector');
  if (old !== undefined && !equal(before, selector)) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(selector ?? null)}: field is immutable`,
      field: 'spec.selector',
    });
  }
  const replicas = own(spec, 'replicas');
  if (typeof replicas === 'number' && replicas < 0) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
      field: 'spec.replicas',
    });
  }
  return [...causes, ...checkContainers(spec)];
};

const workload = (kind: string, plural: string, shortName: string): KindOptions => ({
  apiVersion: 'apps/v1',
  kind,
  plural,
  namespaced: true,
  native: true,
  status: true,
  shortNames: [shortName],
  categories: ['all'],
  check: checkWorkload,
});

export const WORKLOADS: readonly KindOptions[] = [
  {
    ...workload('Deployment', 'deployments', 'deploy'),
    scale: SCALE,
    annotated: true,
    complete: completeDeployment,
    allocate: startStatus,
    columns: deploymentColumns,
  },
  {
    ...workload('ReplicaSet', 'replicasets', 'rs'),
    scale: SCALE,
    complete: completeReplicaSet,
    allocate: startStatus,
    columns: replicaSetColumns,
  },
  {
    ...workload('DaemonSet', 'daemonsets', 'ds'),
    complete: completeDaemonSet,
    allocate: startDaemonSet,
    columns: daemonSetColumns,
  },
];
