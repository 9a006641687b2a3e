/** The few shapes of Kubernetes that we read and write. Structural: an object keeps every field it came with. */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export type StringMap = Record<string, string>;

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  generateName?: string;
  labels?: StringMap;
  annotations?: StringMap;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: unknown[];
}

/** Any object of the API. `spec` and the rest stay untyped, so that fields unknown to us survive a rewrite. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** A kind of object, and whether its objects live in a namespace. `plural` names the REST resource. */
export interface Kind {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** Names one object. */
export interface Ref {
  kind: Kind;
  namespace: string;
  name: string;
}

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message?: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
  observedGeneration?: number;
}

/** `apps/v1` -> `apps`; the core group is the empty string. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** One string per kind; with `refKey` the key of maps and stores. */
export const kindKey = (kind: Pick<Kind, 'apiVersion' | 'plural'>): string => `${kind.apiVersion}/${kind.plural}`;

/** One string per object: `apps/v1/deployments/test/podinfo`. */
export const refKey = (ref: Ref): string => `${kindKey(ref.kind)}/${ref.namespace}/${ref.name}`;

export const refTo = (kind: Kind, namespace: string, name: string): Ref => ({
  kind,
  namespace: kind.namespaced ? namespace : '',
  name,
});

/** The ref of an object whose kind is known. */
export const refOf = (kind: Kind, object: { metadata: ObjectMeta }): Ref =>
  refTo(kind, object.metadata.namespace ?? '', object.metadata.name);
