/** Watches inside the process: which changes of the store a watcher sees, and as what. */
import type { KubeObject } from '../api/kube.ts';
import type { Context } from './context.ts';
import type { ServedKind } from './kinds.ts';
import { parseFieldSelector, parseLabelSelector } from './selectors.ts';
import type { Change } from './store.ts';

export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export type Match = (object: KubeObject) => boolean;

/** The test behind namespace and selectors; throws 400 for selectors that are none. */
export const matcherFor = (kind: ServedKind, selection: Selection): Match => {
  const labels = parseLabelSelector(selection.labelSelector ?? '');
  const fields = parseFieldSelector(selection.fieldSelector ?? '', kind.kind);
  const namespace = selection.namespace ?? '';
  return (object) =>
    (namespace === '' || object.metadata.namespace === namespace) &&
    labels(object.metadata.labels ?? {}) &&
    fields(object);
};

export interface Notice {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** What a watcher is told of a change; leaving the selection counts as a deletion, entering it as an addition. */
const noticeOf = (change: Change, match: Match): Notice | undefined => {
  const was = change.before !== undefined && match(change.before);
  const is = change.type !== 'DELETED' && match(change.object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: change.object };
  return was
    ? { type: 'DELETED', object: change.type === 'DELETED' ? change.object : (change.before ?? change.object) }
    : undefined;
};

export interface WatchRequest extends Selection {
  /** Version to go on from; `0` or empty: the present state first, as ADDED. */
  readonly resourceVersion: string;
  readonly sink: (notice: Notice) => void;
  /** After the initial state, when that was asked for. */
  readonly onSynced?: (revision: number) => void;
}

/** Tells `sink` all later changes, in order. Returns how to stop. Throws 410 when the version is too old. */
export const watchKind = (context: Context, kind: ServedKind, request: WatchRequest): (() => void) => {
  const match = matcherFor(kind, request);
  const serve = (notice: Notice): void => request.sink({ ...notice, object: inVersion(kind, notice.object) });
  const tell = (change: Change): void => {
    const notice = change.resource === kind.storage ? noticeOf(change, match) : undefined;
    if (notice === undefined) return;
    // A watcher must see versions rise, also when an object has only left its selection.
    const version = String(change.revision);
    serve({
      ...notice,
      object:
        notice.object.metadata.resourceVersion === version
          ? notice.object
          : { ...notice.object, metadata: { ...notice.object.metadata, resourceVersion: version } },
    });
  };
  const from = Number(request.resourceVersion === '' ? 0 : request.resourceVersion);
  const missed = from === 0 ? [] : context.store.since(from);
  if (from === 0) {
    for (const object of context.store.list(kind.storage, request.namespace ?? ''))
      if (match(object)) serve({ type: 'ADDED', object });
  }
  for (const change of missed) tell(change);
  const begun = context.store.revision();
  request.onSynced?.(begun);
  // One that begins while a change is being told has seen that change already.
  return context.store.subscribe((change) => {
    if (change.revision > begun) tell(change);
  });
};

/** The object as this version of its kind is served. */
export const inVersion = (kind: ServedKind, object: KubeObject): KubeObject =>
  object.apiVersion === kind.apiVersion ? object : { ...object, apiVersion: kind.apiVersion };
