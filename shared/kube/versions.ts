import type { KubeObject } from '../api/kube.ts';

const DIGITS = /^\d+$/;

/**
 * Orders two resource versions: negative when `a` is older, 0 when equal, positive when newer. Undefined when they are
 * not numbers: then they say nothing but equal or not.
 */
export const compareVersions = (a: string, b: string): number | undefined => {
  if (a === b) return 0;
  if (!DIGITS.test(a) || !DIGITS.test(b)) return undefined;
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left === right ? 0 : 1;
};

/** True when `a` is known to be older than `b`. */
export const isOlder = (a: string, b: string): boolean => (compareVersions(a, b) ?? 0) < 0;

export const versionOf = (object: KubeObject): string => object.metadata.resourceVersion ?? '';

/** The object without the bookkeeping of field owners, which nobody here reads and which is often half of it. */
export const lean = (object: KubeObject): KubeObject => {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata };
};

/** Kind, version and metadata alone. */
export const metadataOf = ({ apiVersion, kind, metadata }: KubeObject): KubeObject => ({ apiVersion, kind, metadata });
