import type { AdmissionRequest, PatchOperation } from './review.ts';

/** One key as part of a JSON pointer. */
const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ownText = (map: unknown, key: string): string | undefined => {
  const value = isMap(map) && Object.hasOwn(map, key) ? map[key] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** An annotation of the object, or of the one before this request; undefined when it is not there or no text. */
export const annotationOf = (object: AdmissionRequest['object'], key: string): string | undefined =>
  ownText(object?.metadata.annotations, key);

/** True when the object carries the key, whatever its value. */
export const hasAnnotation = (object: AdmissionRequest['object'], key: string): boolean => {
  const annotations: unknown = object?.metadata.annotations;
  return isMap(annotations) && Object.hasOwn(annotations, key);
};

/** A change of annotations: keys to set, and keys to take off where they exist. */
export interface AnnotationChange {
  readonly set?: Readonly<Record<string, string>>;
  readonly drop?: readonly string[];
}

/**
 * The smallest patch that makes the change. The map itself is created first where it is missing: adding below a
 * missing map fails the whole request, whatever the failure policy says.
 */
export const annotationPatch = (object: AdmissionRequest['object'], change: AnnotationChange): PatchOperation[] => {
  const drops = (change.drop ?? []).filter((key) => hasAnnotation(object, key));
  const sets = Object.entries(change.set ?? {}).filter(([key, value]) => annotationOf(object, key) !== value);
  const hasMap = isMap(object?.metadata.annotations);
  const patch: PatchOperation[] = [];
  if (sets.length > 0 && !hasMap) patch.push({ op: 'add', path: '/metadata/annotations', value: {} });
  for (const [key, value] of sets) patch.push({ op: 'add', path: `/metadata/annotations/${pointerPart(key)}`, value });
  for (const key of drops) patch.push({ op: 'remove', path: `/metadata/annotations/${pointerPart(key)}` });
  return patch;
};
