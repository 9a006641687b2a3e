/** metadata.managedFields: reading, writing, and what a plain write does to ownership. */
import type { KubeObject } from '../api/kube.ts';
import { diffLeaves, type FieldSet, fromFieldsV1, toFieldsV1, union, without } from './field-set.ts';
import type { Fields } from './json.ts';
import { equal, fieldsAt, isFields, textAt } from './json.ts';
import type { Shape } from './shapes.ts';

export interface Owner {
  manager: string;
  operation: 'Apply' | 'Update';
  subresource: string;
  apiVersion: string;
  time: string;
  set: FieldSet;
  /** The set as it is stored, where it has not changed since it was read. */
  fieldsV1?: Fields | undefined;
}

/** Who is writing: the fieldManager, how, and through which subresource. */
export type Writer = Pick<Owner, 'manager' | 'operation' | 'subresource' | 'apiVersion' | 'time'>;

const UNOWNED_META = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'generateName',
]);

/** The part of an object that managers can own. */
export const ownable = (object: KubeObject): Fields => {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !UNOWNED_META.has(key)));
  return Object.keys(kept).length === 0 ? rest : { ...rest, metadata: kept };
};

/** Sets by their stored form: each write reads what the one before has written. Neither is ever changed. */
const known = new WeakMap<Fields, FieldSet>();

const setOf = (fields: Fields): FieldSet => {
  const found = known.get(fields) ?? fromFieldsV1(fields);
  known.set(fields, found);
  return found;
};

const storedForm = (set: FieldSet): Fields => {
  const fields = toFieldsV1(set);
  known.set(fields, set);
  return fields;
};

export const readOwners = (object: KubeObject | undefined): Owner[] =>
  (object?.metadata.managedFields ?? []).filter(isFields).map((entry) => ({
    manager: textAt(entry, 'manager'),
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    subresource: textAt(entry, 'subresource'),
    apiVersion: textAt(entry, 'apiVersion'),
    time: textAt(entry, 'time'),
    set: setOf(fieldsAt(entry, 'fieldsV1')),
    fieldsV1: fieldsAt(entry, 'fieldsV1'),
  }));

/** The object with these owners recorded; those who own nothing any more are left out. */
export const writeOwners = (object: KubeObject, owners: readonly Owner[]): KubeObject => {
  const managedFields = owners
    .filter((owner) => owner.set.size > 0)
    .map((owner) => ({
      manager: owner.manager,
      operation: owner.operation,
      apiVersion: owner.apiVersion,
      time: owner.time,
      fieldsType: 'FieldsV1',
      fieldsV1: owner.fieldsV1 ?? storedForm(owner.set),
      ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
    }));
  const { managedFields: _old, ...metadata } = object.metadata;
  return { ...object, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } };
};

export const isSameWriter = (owner: Writer, writer: Writer): boolean =>
  owner.manager === writer.manager && owner.operation === writer.operation && owner.subresource === writer.subresource;

/** The owner without these paths; the same one when it has none of them, as most writes leave most owners. */
export const withoutPaths = (owner: Owner, paths: ReadonlySet<string>): Owner =>
  [...paths].some((path) => owner.set.has(path))
    ? { ...owner, set: without(owner.set, paths), fieldsV1: undefined }
    : owner;

/** Who owns what of `before`, and what becomes of it. */
export interface Ownership {
  readonly owners: readonly Owner[];
  readonly before: KubeObject | undefined;
  readonly after: KubeObject;
}

/**
 * Ownership after a write that is no apply: who changed a leaf owns it alone; what is gone has no owner. The time of an
 * entry moves only when the entry does. A write that carries no managedFields does not lose them: `owners` are the stored ones.
 */
export const ownersAfterUpdate = (change: Ownership, writer: Writer, shape: Shape): readonly Owner[] => {
  const { owners, before, after } = change;
  const { changed, removed } = diffLeaves(before === undefined ? {} : ownable(before), ownable(after), shape);
  if (changed.size === 0 && removed.size === 0) return owners;
  const touched = union(changed, removed);
  const result = owners.map((owner): Owner => {
    if (isSameWriter(owner, writer)) return { ...writer, set: union(without(owner.set, removed), changed) };
    return withoutPaths(owner, touched);
  });
  const isKnown = owners.some((owner) => isSameWriter(owner, writer));
  return isKnown || changed.size === 0 ? result : [...result, { ...writer, set: changed }];
};

const comparable = (owners: readonly Owner[]): object[] =>
  owners.filter(({ set }) => set.size > 0).map((owner) => ({ ...owner, time: '', fieldsV1: undefined }));

/** Do two states own the same, times aside? */
export const sameOwners = (a: readonly Owner[], b: readonly Owner[]): boolean =>
  a === b || equal(comparable(a), comparable(b));
