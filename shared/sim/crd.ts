/** CustomResourceDefinitions: creating one really serves its kind. */
import type { KubeObject } from '../api/kube.ts';
import { ageColumn, ageOf, fieldColumn, nameColumn } from './builtin/columns.ts';
import { type Context, timestamp } from './context.ts';
import type { Fields } from './json.ts';
import { clone, defaultTo, ensure, fieldsAt, isFields, listAt, own, textAt, valueAt } from './json.ts';
import type { Column, KindOptions, ScalePaths } from './kinds.ts';
import type { StatusCause } from './status.ts';

const CRD_STORAGE = 'apiextensions.k8s.io/customresourcedefinitions';

/** `.spec.a.b` and `.spec.list[0].c` as steps. */
const stepsOf = (path: string): (string | number)[] =>
  [...path.replace(/^\./, '').matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map((found) =>
    found[2] === undefined ? (found[1] ?? '') : Number(found[2]),
  );

/** A path with a filter on a list, as in `.status.conditions[?(@.type=="Promoted")].status`. */
const readPath = (object: KubeObject, path: string): unknown => {
  const filter = /^(.*?)\[\?\(@\.([\w-]+)\s*==\s*["']([^"']*)["']\)\](.*)$/.exec(path);
  if (filter === null) return valueAt(object, ...stepsOf(path));
  const [, list = '', field = '', wanted = '', rest = ''] = filter;
  const item = listAt(object, ...stepsOf(list)).find((one) => own(one, field) === wanted);
  return valueAt(item, ...stepsOf(rest));
};

const printed = (type: string, value: unknown, nowMs: number): unknown => {
  if (value === undefined || value === null) return null;
  if (type === 'date') return ageOf(value, nowMs);
  if (type === 'string') return typeof value === 'string' ? value : JSON.stringify(value);
  return value;
};

const columnOf = (definition: unknown): Column => {
  const type = textAt(definition, 'type') as Column['type'];
  const path = textAt(definition, 'jsonPath');
  return {
    name: textAt(definition, 'name'),
    type,
    format: textAt(definition, 'format'),
    description: textAt(definition, 'description'),
    priority: Number(own(definition, 'priority') ?? 0),
    cell: (object, nowMs) => printed(type, readPath(object, path), nowMs),
  };
};

const scaleOf = (version: unknown): { scale?: ScalePaths } => {
  const scale = valueAt(version, 'subresources', 'scale');
  if (!isFields(scale)) return {};
  const path = (name: string): string[] => stepsOf(textAt(scale, name)).map(String);
  const selector = textAt(scale, 'labelSelectorPath') === '' ? {} : { selector: path('labelSelectorPath') };
  return { scale: { spec: path('specReplicasPath'), status: path('statusReplicasPath'), ...selector } };
};

/** The kinds that a CustomResourceDefinition serves, one per served version. */
const kindsOf = (crd: KubeObject): KindOptions[] => {
  const spec = fieldsAt(crd, 'spec');
  const names = fieldsAt(spec, 'names');
  return listAt(spec, 'versions')
    .filter((version) => own(version, 'served') === true)
    .map((version) => {
      const columns = listAt(version, 'additionalPrinterColumns').map(columnOf);
      const schema = valueAt(version, 'schema', 'openAPIV3Schema');
      return {
        apiVersion: `${textAt(spec, 'group')}/${textAt(version, 'name')}`,
        kind: textAt(names, 'kind'),
        plural: textAt(names, 'plural'),
        singular: textAt(names, 'singular'),
        shortNames: listAt(names, 'shortNames').map(String),
        categories: listAt(names, 'categories').map(String),
        namespaced: spec['scope'] === 'Namespaced',
        status: isFields(valueAt(version, 'subresources', 'status')),
        ...scaleOf(version),
        ...(isFields(schema) ? { schema } : {}),
        columns: [nameColumn, ...(columns.length === 0 ? [ageColumn] : columns)],
      };
    });
};

const completeDefinition = (object: KubeObject): void => {
  const spec = ensure(object, 'spec');
  const names = ensure(spec, 'names');
  defaultTo(names, 'singular', textAt(names, 'kind').toLowerCase());
  defaultTo(names, 'listKind', `${textAt(names, 'kind')}List`);
  defaultTo(spec, 'conversion', { strategy: 'None' });
};

const checkDefinition = (object: KubeObject): StatusCause[] => {
  const spec = fieldsAt(object, 'spec');
  const wanted = `${textAt(spec, 'names', 'plural')}.${textAt(spec, 'group')}`;
  const causes: StatusCause[] = [];
  if (object.metadata.name !== wanted) {
    const message = `Invalid value: ${JSON.stringify(object.metadata.name)}: must be spec.names.plural+"."+spec.group`;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'metadata.name' });
  }
  const storage = listAt(spec, 'versions').filter((version) => own(version, 'storage') === true);
  if (storage.length !== 1) {
    const message = `Invalid value: ${JSON.stringify(listAt(spec, 'versions').map((version) => textAt(version, 'name')))}: must have exactly one version marked as storage version`;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.versions' });
  }
  listAt(spec, 'versions').forEach((version, index) => {
    if (isFields(valueAt(version, 'schema', 'openAPIV3Schema'))) return;
    causes.push({
      reason: 'FieldValueRequired',
      message: 'Required value: schemas are required',
      field: `spec.versions[${index}].schema.openAPIV3Schema`,
    });
  });
  return causes;
};

const DEFINITION: KindOptions = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
  native: true,
  status: true,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  needsVersion: true,
  complete: completeDefinition,
  check: checkDefinition,
  columns: [nameColumn, { ...fieldColumn('Created At', ['metadata', 'creationTimestamp']), type: 'date' }],
};

const establishedStatus = (crd: KubeObject, now: string): Fields => {
  const spec = fieldsAt(crd, 'spec');
  const stored = listAt(spec, 'versions')
    .filter((version) => own(version, 'storage') === true)
    .map((version) => textAt(version, 'name'));
  return {
    conditions: [
      {
        type: 'NamesAccepted',
        status: 'True',
        lastTransitionTime: now,
        reason: 'NoConflicts',
        message: 'no conflicts found',
      },
      {
        type: 'Established',
        status: 'True',
        lastTransitionTime: now,
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ],
    acceptedNames: clone(spec['names']),
    storedVersions: stored,
  };
};

/** Registers the kinds of each definition as it comes, changes and goes; its objects go with it. */
export const serveCustomResources = (context: Context): void => {
  const { store, registry } = context;
  registry.register(DEFINITION);
  const withdraw = (crd: KubeObject): void => {
    for (const kind of kindsOf(crd)) registry.unregister(kind.apiVersion, kind.plural);
  };
  store.subscribe((change) => {
    if (change.resource !== CRD_STORAGE) return;
    if (change.before !== undefined) withdraw(change.before);
    if (change.type === 'DELETED') {
      const storage = `${textAt(change.object, 'spec', 'group')}/${textAt(change.object, 'spec', 'names', 'plural')}`;
      for (const object of store.list(storage, '')) store.remove(storage, object);
      return;
    }
    for (const kind of kindsOf(change.object)) registry.register(kind);
    if (fieldsAt(change.object, 'status')['acceptedNames'] !== undefined) return;
    store.put(CRD_STORAGE, {
      ...change.object,
      status: establishedStatus(change.object, timestamp(context.clock.now())),
    });
  });
};
