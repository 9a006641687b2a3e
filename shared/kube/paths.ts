import { groupOf, type Kind, type Ref } from '../api/kube.ts';
import type { Subject } from './status-error.ts';

/** `canaries.flagger.app`, `services`: the resource as RBAC and error messages name it. */
export const resourceOf = (kind: Kind): string => {
  const group = groupOf(kind.apiVersion);
  return group === '' ? kind.plural : `${kind.plural}.${group}`;
};

/** `/apis/apps/v1/namespaces/test/deployments`; without a namespace the whole cluster. */
export const collectionPath = (kind: Kind, namespace = ''): string => {
  const root = groupOf(kind.apiVersion) === '' ? `/api/${kind.apiVersion}` : `/apis/${kind.apiVersion}`;
  const scope = kind.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${kind.plural}`;
};

/** The path of one object, or of a subresource of it. */
export const objectPath = (ref: Ref, subresource?: string): string => {
  const path = `${collectionPath(ref.kind, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
};

/** `?a=1&b=2` of what is set; empty when nothing is. */
export const queryOf = (values: Readonly<Record<string, string | number | boolean | undefined>>): string => {
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  const text = set.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
  return text === '' ? '' : `?${text}`;
};

/** What an object's request is about. */
export const subjectOf = (verb: string, ref: Ref, subresource?: string): Subject => ({
  verb,
  what: `${ref.kind.kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name}`,
  resource: subresource === undefined ? resourceOf(ref.kind) : `${resourceOf(ref.kind)}/${subresource}`,
  namespace: ref.namespace,
});

/** What a list's or watch's request is about. */
export const subjectOfMany = (verb: string, kind: Kind, namespace = ''): Subject => ({
  verb,
  what: resourceOf(kind),
  resource: resourceOf(kind),
  namespace: kind.namespaced ? namespace : '',
});
