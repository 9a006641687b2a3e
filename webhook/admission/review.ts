import type { KubeObject } from '../../shared/api/kube.ts';
import type { Finding } from '../../shared/api/model.ts';

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

export type Operation = (typeof OPERATIONS)[number];

/** The part of an AdmissionReview request that we use. Objects are as they came: their types are not to be trusted. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: Operation;
  readonly subResource: string;
  readonly user: string;
  readonly fieldManager: string;
  readonly dryRun: boolean;
  /** Absent on DELETE. */
  readonly object: KubeObject | undefined;
  /** Absent on CREATE. */
  readonly oldObject: KubeObject | undefined;
  /** When the caller gives up, milliseconds from when the request came; from `?timeout=`. */
  readonly budgetMs: number;
}

/** One operation of a JSON patch. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** What we have to say to one request. */
export interface Answer {
  /** Any denying finding refuses the request. */
  readonly findings: readonly Finding[];
  /** Further sentences for the person, shown as warnings. */
  readonly notes?: readonly string[];
  readonly patch?: readonly PatchOperation[];
  /** Short keys (no slash, no space) to values, kept in the audit log. */
  readonly audit?: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const recordIn = (from: Json, key: string): Json => {
  const value = Object.hasOwn(from, key) ? from[key] : undefined;
  return isRecord(value) ? value : {};
};
const textIn = (from: Json, key: string): string => {
  const value = Object.hasOwn(from, key) ? from[key] : undefined;
  return typeof value === 'string' ? value : '';
};

/** An object that names its kind and has metadata; anything else counts as absent. */
const objectIn = (from: Json, key: string): KubeObject | undefined => {
  const value = from[key];
  return isRecord(value) && isRecord(value['metadata']) ? (value as unknown as KubeObject) : undefined;
};

/**
 * Reads an AdmissionReview of `admission.k8s.io/v1`; undefined when it is not one.
 * `budgetMs` is what the caller said it would wait.
 */
export const readReview = (review: unknown, budgetMs: number): AdmissionRequest | undefined => {
  if (!isRecord(review) || review['apiVersion'] !== 'admission.k8s.io/v1' || review['kind'] !== 'AdmissionReview')
    return undefined;
  const request = recordIn(review, 'request');
  const uid = textIn(request, 'uid');
  const operation = OPERATIONS.find((known) => known === request['operation']);
  if (uid === '' || operation === undefined) return undefined;
  const kind = recordIn(request, 'kind');
  const object = objectIn(request, 'object');
  const oldObject = objectIn(request, 'oldObject');
  const metadata = (object ?? oldObject)?.metadata as unknown as Json | undefined;
  return {
    uid,
    group: textIn(kind, 'group'),
    kind: textIn(kind, 'kind'),
    namespace: textIn(request, 'namespace'),
    // Deleting a collection calls once per object with an empty name.
    name:
      textIn(request, 'name') ||
      (metadata === undefined ? '' : textIn(metadata, 'name') || textIn(metadata, 'generateName')),
    operation,
    subResource: textIn(request, 'subResource'),
    user: textIn(recordIn(request, 'userInfo'), 'username'),
    fieldManager: textIn(recordIn(request, 'options'), 'fieldManager'),
    dryRun: request['dryRun'] === true,
    object,
    oldObject,
    budgetMs,
  };
};
