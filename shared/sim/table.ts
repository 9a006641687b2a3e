/** Tables: what `kubectl get` prints. */
import type { KubeObject } from '../api/kube.ts';
import { ageColumn, nameColumn } from './builtin/columns.ts';
import type { Column, ServedKind } from './kinds.ts';

export const TABLE_VERSION = 'meta.k8s.io/v1';

const DOCS: Readonly<Record<string, string>> = {
  Name: 'Name must be unique within a namespace.',
  Age: 'CreationTimestamp is the time at which this object was created.',
};

const definitionOf = (column: Column): object => ({
  name: column.name,
  type: column.type,
  format: column.format ?? '',
  description: column.description ?? DOCS[column.name] ?? '',
  priority: column.priority ?? 0,
});

export const partialOf = (object: KubeObject): KubeObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: TABLE_VERSION,
  metadata: object.metadata,
});

export interface TableOptions {
  readonly nowMs: number;
  /** `Metadata` (the default of the API), `Object` or `None`. */
  readonly include: string;
  readonly resourceVersion: string;
  readonly more?: object;
}

/** The objects as a Table with the columns of their kind. */
export const tableOf = (kind: ServedKind, objects: readonly KubeObject[], options: TableOptions): object => {
  const columns = kind.columns.length === 0 ? [nameColumn, ageColumn] : kind.columns;
  const rows = objects.map((object) => ({
    cells: columns.map((column) => column.cell(object, options.nowMs) ?? null),
    ...(options.include === 'None' ? {} : { object: options.include === 'Object' ? object : partialOf(object) }),
  }));
  return {
    kind: 'Table',
    apiVersion: TABLE_VERSION,
    metadata: { resourceVersion: options.resourceVersion, ...options.more },
    columnDefinitions: columns.map(definitionOf),
    rows,
  };
};
