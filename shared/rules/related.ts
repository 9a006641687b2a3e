/** Look-ups and their answers. */
import type { Kind, KubeObject } from '../api/kube.ts';
import type { Found, Listed, Lookup, Related } from './input.ts';

/** A look-up and what came of it. */
export interface Answered {
  readonly lookup: Lookup;
  readonly answer: Found | Listed;
}

const isSameKind = (a: Kind, b: Kind): boolean => a === b || (a.plural === b.plural && a.apiVersion === b.apiVersion);

// A review has a handful of look-ups: comparing them costs less than making keys of them.
const asksFor = (lookup: Lookup, kind: Kind, namespace: string, name?: string): boolean =>
  lookup.name === name && lookup.namespace === namespace && isSameKind(lookup.kind, kind);

/** The look-ups, each once; a single object is left out where all of its kind are listed anyway. */
export const distinctLookups = (lookups: readonly Lookup[]): Lookup[] => {
  const distinct: Lookup[] = [];
  for (const lookup of lookups) {
    const { kind, namespace, name } = lookup;
    if (!distinct.some((known) => asksFor(known, kind, namespace, name))) distinct.push(lookup);
  }
  return distinct.filter(
    ({ kind, namespace, name }) => name === undefined || !distinct.some((known) => asksFor(known, kind, namespace)),
  );
};

const UNSEEN = { unseen: true } as const;

const inList = (list: Listed, name: string): Found => {
  if (!('items' in list)) return list;
  const found = list.items.find((item) => item.metadata?.name === name);
  return found === undefined ? { missing: true } : { found };
};

/** Answers that were fetched before; a list also answers for its single objects. */
export const relatedIn = (answered: readonly Answered[]): Related => {
  const answerTo = (kind: Kind, namespace: string, name?: string): Found | Listed | undefined =>
    answered.find(({ lookup }) => asksFor(lookup, kind, namespace, name))?.answer;
  return {
    lookup(kind, namespace, name) {
      const answer = answerTo(kind, namespace, name);
      if (answer !== undefined && !('items' in answer)) return answer;
      const list = answerTo(kind, namespace);
      return list === undefined || 'found' in list || 'missing' in list ? UNSEEN : inList(list, name);
    },
    list(kind, namespace) {
      const answer = answerTo(kind, namespace);
      return answer === undefined || 'found' in answer || 'missing' in answer ? UNSEEN : answer;
    },
  };
};

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
