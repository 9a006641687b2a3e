/** Label selectors, as objects and as the text of a query, and field selectors. */
import type { KubeObject } from '../api/kube.ts';
import type { Fields } from './json.ts';
import { fieldsAt, listAt, own, printed, textAt, valueAt } from './json.ts';
import { badRequest } from './status.ts';

type Test = (labels: Fields) => boolean;

const requirement = (key: string, operator: string, values: readonly unknown[]): Test => {
  switch (operator) {
    case 'In':
      return (labels) => values.includes(own(labels, key));
    case 'NotIn':
      return (labels) => !values.includes(own(labels, key));
    case 'Exists':
      return (labels) => Object.hasOwn(labels, key);
    case 'DoesNotExist':
      return (labels) => !Object.hasOwn(labels, key);
    default:
      throw badRequest(`"${operator}" is not a valid label selector operator`);
  }
};

/** Does a LabelSelector (matchLabels, matchExpressions) take these labels? An empty one takes everything. */
export const matchesSelector = (selector: unknown, labels: Fields): boolean => {
  const equalities = Object.entries(fieldsAt(selector, 'matchLabels')).every(
    ([key, value]) => own(labels, key) === value,
  );
  return (
    equalities &&
    listAt(selector, 'matchExpressions').every((entry) =>
      requirement(textAt(entry, 'key'), textAt(entry, 'operator'), listAt(entry, 'values'))(labels),
    )
  );
};

/** `a=b,matchLabels` of a LabelSelector as the text that `status.selector` of a scale carries. */
export const selectorText = (selector: unknown): string => {
  if (typeof selector === 'string') return selector;
  const parts = Object.entries(fieldsAt(selector, 'matchLabels')).map(([key, value]) => `${key}=${String(value)}`);
  for (const entry of listAt(selector, 'matchExpressions')) {
    const [key, values] = [textAt(entry, 'key'), listAt(entry, 'values').join(',')];
    const words: Readonly<Record<string, string>> = {
      In: `${key} in (${values})`,
      NotIn: `${key} notin (${values})`,
      Exists: key,
      DoesNotExist: `!${key}`,
    };
    parts.push(words[textAt(entry, 'operator')] ?? '');
  }
  return parts.sort().join(',');
};

const parseTerm = (term: string): Test => {
  const sets = /^([^\s!=]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (sets !== null) {
    const values = (sets[3] ?? '').split(',').map((value) => value.trim());
    return requirement(sets[1] ?? '', sets[2] === 'in' ? 'In' : 'NotIn', values);
  }
  const pair = /^([^\s!=]+)\s*(==|=|!=)\s*([-\w.]*)$/.exec(term);
  if (pair !== null) return requirement(pair[1] ?? '', pair[2] === '!=' ? 'NotIn' : 'In', [pair[3] ?? '']);
  const presence = /^(!?)\s*([-\w./]+)$/.exec(term);
  if (presence !== null) return requirement(presence[2] ?? '', presence[1] === '!' ? 'DoesNotExist' : 'Exists', []);
  throw badRequest(`unable to parse requirement: found '${term}', expected: a label selector`);
};

/** The test behind `labelSelector=`; throws 400 for text that is no selector. */
export const parseLabelSelector = (text: string): Test => {
  if (text.trim() === '') return () => true;
  // Commas inside parentheses belong to a set.
  const tests = text.split(/,(?![^(]*\))/).map((term) => parseTerm(term.trim()));
  return (labels) => tests.every((test) => test(labels));
};

const EVENT_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
  (field) => `involvedObject.${field}`,
);

/** Fields that a selector may name besides metadata.name and metadata.namespace, by kind. */
const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  Event: [...EVENT_FIELDS, 'reason', 'reportingComponent', 'source', 'type'],
  Pod: ['spec.nodeName', 'status.phase', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.podIP'],
  Secret: ['type'],
  Namespace: ['status.phase'],
  Service: ['spec.clusterIP', 'spec.type'],
  ReplicaSet: ['status.replicas'],
};

/** The test behind `fieldSelector=`; throws 400 for a field that the kind cannot be selected by. */
export const parseFieldSelector = (text: string, kind: string): ((object: KubeObject) => boolean) => {
  if (text.trim() === '') return () => true;
  const tests = text.split(',').map((term) => {
    const found = /^([^!=]+)(==|=|!=)(.*)$/.exec(term.trim());
    if (found === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
    const [, field = '', operator, wanted = ''] = found;
    if (field !== 'metadata.name' && field !== 'metadata.namespace' && !(SELECTABLE[kind] ?? []).includes(field)) {
      const plain = SELECTABLE[kind] === undefined;
      throw badRequest(
        plain
          ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
          : `field label not supported: ${field}`,
      );
    }
    return (object: KubeObject): boolean => {
      const value = field === 'source' ? valueAt(object, 'source', 'component') : valueAt(object, ...field.split('.'));
      return (printed(value) === wanted) === (operator !== '!=');
    };
  });
  return (object) => tests.every((test) => test(object));
};
