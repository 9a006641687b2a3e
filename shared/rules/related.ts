/** Look-ups and their answers. */
import { type Kind, type KubeObject, kindKey } from '../api/kube.ts';
import type { Found, Listed, Lookup, Related } from './input.ts';

/** One string per look-up: equal keys ask the same. */
export const lookupKey = ({ kind, namespace, name }: Lookup): string => `${kindKey(kind)}/${namespace}/${name ?? '*'}`;

/** The look-ups, each once; a single object is left out where all of its kind are listed anyway. */
export const distinctLookups = (lookups: readonly Lookup[]): Lookup[] => {
  const byKey = new Map(lookups.map((lookup) => [lookupKey(lookup), lookup]));
  return [...byKey.values()].filter(
    ({ kind, namespace, name }) => name === undefined || !byKey.has(lookupKey({ kind, namespace })),
  );
};

const UNSEEN = { unseen: true } as const;

const inList = (list: Listed, name: string): Found => {
  if (!('items' in list)) return list;
  const found = list.items.find((item) => item.metadata?.name === name);
  return found === undefined ? { missing: true } : { found };
};

/** Answers that were fetched before, by `lookupKey`; a list also answers for its single objects. */
export const relatedIn = (answers: ReadonlyMap<string, Found | Listed>): Related => ({
  lookup(kind, namespace, name) {
    const answer = answers.get(lookupKey({ kind, namespace, name }));
    if (answer !== undefined && !('items' in answer)) return answer;
    const list = answers.get(lookupKey({ kind, namespace }));
    return list === undefined || 'found' in list || 'missing' in list ? UNSEEN : inList(list, name);
  },
  list(kind, namespace) {
    const answer = answers.get(lookupKey({ kind, namespace }));
    return answer === undefined || 'found' in answer || 'missing' in answer ? UNSEEN : answer;
  },
});

const isOf = (kind: Kind, namespace: string, object: KubeObject): boolean =>
  object.kind === kind.kind &&
  object.apiVersion === kind.apiVersion &&
  (object.metadata?.namespace ?? '') === namespace;

/**
 * Answers from a set of files. What is not among them may exist in the cluster, so nothing counts as missing.
 * Every object must carry its namespace.
 */
export const relatedAmong = (objects: readonly KubeObject[]): Related => ({
  lookup(kind, namespace, name) {
    const found = objects.find((object) => object.metadata?.name === name && isOf(kind, namespace, object));
    return found === undefined ? UNSEEN : { found };
  },
  list: (kind, namespace) => ({ items: objects.filter((object) => isOf(kind, namespace, object)) }),
});
