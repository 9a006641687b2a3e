import type { KubeObject, StringMap } from '../../shared/api/kube.ts';

/** Names one thing that matters in a test; all else keeps its usual form. */
export type Modifier<T> = (object: T) => T;

/** Applies modifiers in order. */
export const modify = <T>(object: T, modifiers: readonly Modifier<T>[]): T =>
  modifiers.reduce((changed, modifier) => modifier(changed), object);

/** Names an object, and its namespace where it is not `test`. */
export const named =
  (name: string, namespace = 'test') =>
  <T extends KubeObject>(object: T): T => ({ ...object, metadata: { ...object.metadata, name, namespace } });

export const withAnnotations =
  (annotations: StringMap) =>
  <T extends KubeObject>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
  });

export const withLabels =
  (labels: StringMap) =>
  <T extends KubeObject>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
  });

/** As the API server answers it: with uid, version and generation. */
export const stored =
  (resourceVersion = '1', generation = 1) =>
  <T extends KubeObject>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, uid: `uid-${object.kind}-${object.metadata.name}`, resourceVersion, generation },
  });
