/**
 * What the engine needs of the world. `kube`, `platform` and `sim` implement these; one conformance suite
 * per port runs against every implementation. Every call takes a signal; none waits for ever.
 */

import type { Kind, KubeObject, Ref } from '../api/kube.ts';
import type { HttpRequest, HttpResult } from '../api/model.ts';

export type PatchType = 'merge' | 'json' | 'apply';

export interface WriteOptions {
  readonly signal?: AbortSignal;
  /** Recorded in managedFields. */
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface PatchOptions extends WriteOptions {
  readonly type?: PatchType;
  readonly subresource?: 'status' | 'scale';
  /** Server-side apply only: take fields over from other managers. */
  readonly force?: boolean;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal;
  /** Answer with metadata alone (PartialObjectMetadata). */
  readonly metadataOnly?: boolean;
}

export interface ObjectList {
  readonly items: KubeObject[];
  readonly resourceVersion: string;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  /** Nothing changed up to this version; also ends the initial list. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WatchOptions extends ListOptions {
  readonly resourceVersion: string;
  /** The server ends the stream by itself after this long. */
  readonly timeoutSeconds: number;
  /** Gives up the stream when nothing, not even a bookmark, came for this long. */
  readonly idleTimeoutMs?: number;
}

/**
 * The API server. Failures are CanaryErrors: API_NOT_FOUND, API_CONFLICT, API_EXISTS, API_FORBIDDEN, API_INVALID,
 * API_EXPIRED (410), KIND_MISSING (the resource itself is not served), API_UNAVAILABLE (429, 5xx), API_UNREACHABLE.
 */
export interface Kube {
  get(ref: Ref, options?: { signal?: AbortSignal; metadataOnly?: boolean }): Promise<KubeObject>;
  list(kind: Kind, options?: ListOptions): Promise<ObjectList>;
  /** Ends normally when the server ends the stream; throws API_EXPIRED when the version is too old. */
  watch(kind: Kind, options: WatchOptions): AsyncIterable<WatchEvent>;
  create(kind: Kind, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** A full replacement; carries `metadata.resourceVersion`, so a stale one ends in API_CONFLICT. */
  replace(kind: Kind, object: KubeObject, options?: WriteOptions & { subresource?: 'status' }): Promise<KubeObject>;
  patch(ref: Ref, patch: unknown, options?: PatchOptions): Promise<KubeObject>;
  /** NotFound is an error; `resourceVersion` and `uid` are preconditions. */
  remove(
    ref: Ref,
    options?: WriteOptions & {
      resourceVersion?: string;
      uid?: string;
      propagation?: 'Background' | 'Foreground' | 'Orphan';
    },
  ): Promise<void>;
  /** A non-resource path such as `/version` or a SelfSubjectReview; JSON in, JSON out. */
  raw(method: 'GET' | 'POST', path: string, body?: unknown, signal?: AbortSignal): Promise<unknown>;
}

/**
 * Reads that cost no request: one list-watch per kind, started on first use and kept up to date.
 * A write's answer is put back with `put`, so that the next pass never reads older than it wrote.
 */
export interface Cache {
  /** Undefined: the object does not exist. Throws KIND_MISSING when its CRD is not installed. */
  get(ref: Ref, signal?: AbortSignal): Promise<KubeObject | undefined>;
  list(kind: Kind, signal?: AbortSignal): Promise<KubeObject[]>;
  put(kind: Kind, object: KubeObject): void;
  /** Forget an object that was deleted by us. */
  drop(ref: Ref): void;
  /** Called after each change seen by a watch. Returns how to stop. */
  onChange(listener: (kind: Kind, object: KubeObject, change: 'set' | 'deleted') => void): () => void;
  close(): void;
}

/** One HTTP exchange with retries as the request says; never throws for what the other side did. */
export interface Http {
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResult>;
}

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Never goes back; for deadlines and leases. Milliseconds. */
  monotonic(): number;
  after(ms: number, run: () => void): Timer;
}

export interface Random {
  /** Between 0 (included) and 1. */
  next(): number;
  uuid(): string;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A series of the engine; names and labels as in the reference, ours start with `kubectl_canary_`. */
export interface Metrics {
  set(name: string, labels: Readonly<Record<string, string>>, value: number): void;
  add(name: string, labels: Readonly<Record<string, string>>, value?: number): void;
  observe(name: string, labels: Readonly<Record<string, string>>, value: number): void;
  /** Deletes every series of `name` that carries these labels. */
  forget(name: string, labels: Readonly<Record<string, string>>): void;
}

/** Waits on a clock; rejects with the signal's reason when aborted first. */
export const sleep = (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = () => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
