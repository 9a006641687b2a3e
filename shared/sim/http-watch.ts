/** A watch over HTTP: one line of JSON per event, bookmarks, and a clean end. */
import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../api/kube.ts';
import type { Clock } from '../engine/ports.ts';
import { viewOf } from './accept.ts';
import type { ApiRequest } from './handle.ts';
import { selectionOf } from './handle.ts';
import type { Rest } from './rest.ts';
import type { Route } from './route.ts';
import { invalid, StatusError } from './status.ts';
import type { Store } from './store.ts';
import { partialOf, tableOf } from './table.ts';

export interface WatchWorld {
  readonly rest: Rest;
  readonly store: Store;
  readonly clock: Clock;
  /** Called with how to end the watch; answers how to forget that. */
  readonly onCut: (end: () => void) => () => void;
}

const BOOKMARK_MS = 10_000;
const INITIAL_END = 'k8s.io/initial-events-end';
const DEFAULT_TIMEOUT_S = 1800;

const eventObject = (world: WatchWorld, request: ApiRequest, route: Route, object: KubeObject): unknown => {
  const view = viewOf(request.headers['accept']);
  if (view === 'partial') return partialOf(object);
  if (view === 'object') return object;
  const include = request.query.get('includeObject') ?? 'Metadata';
  return tableOf(route.kind, [object], {
    nowMs: world.clock.now(),
    include,
    resourceVersion: object.metadata.resourceVersion ?? '',
  });
};

const bookmarkOf = (route: Route, revision: number, initial: boolean): object => ({
  type: 'BOOKMARK',
  object: {
    kind: route.kind.kind,
    apiVersion: route.kind.apiVersion,
    metadata: { resourceVersion: String(revision), ...(initial ? { annotations: { [INITIAL_END]: 'true' } } : {}) },
  },
});

const checkInitial = (query: URLSearchParams): boolean => {
  const wanted = query.get('sendInitialEvents');
  if (wanted !== null && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    const message = 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw invalid({ group: 'meta.k8s.io', plural: 'ListOptions', kind: 'ListOptions' }, '', [
      { reason: 'FieldValueForbidden', message, field: 'resourceVersionMatch' },
    ]);
  }
  return wanted === 'true';
};

/**
 * Serves a watch on an open response until the client goes, its time is over, or the server cuts it. Throws a
 * StatusError when the request itself is refused; a version that is too old is told inside the stream.
 */
export const serveWatch = (world: WatchWorld, request: ApiRequest, route: Route, response: ServerResponse): void => {
  const { query } = request;
  const initial = checkInitial(query);
  const given = query.get('resourceVersion') ?? '';
  const bookmarks = query.get('allowWatchBookmarks') === 'true';
  let opened = false;
  const queued: string[] = [];
  const write = (event: object): void => {
    const line = `${JSON.stringify(event)}\n`;
    if (opened) response.write(line);
    else queued.push(line);
  };
  const open = (): void => {
    opened = true;
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    response.flushHeaders();
    for (const line of queued) response.write(line);
  };
  let stop: () => void;
  try {
    stop = world.rest.watch(route.kind, {
      ...selectionOf(route, query),
      resourceVersion: initial ? '0' : given,
      sink: (notice) => write({ type: notice.type, object: eventObject(world, request, route, notice.object) }),
      ...(initial && bookmarks ? { onSynced: (revision: number) => write(bookmarkOf(route, revision, true)) } : {}),
    });
  } catch (error) {
    if (!(error instanceof StatusError) || error.body.code !== 410) throw error;
    write({ type: 'ERROR', object: error.body });
    open();
    response.end();
    return;
  }
  open();
  const seconds = Number(query.get('timeoutSeconds') ?? DEFAULT_TIMEOUT_S);
  const end = (): void => {
    if (bookmarks) write(bookmarkOf(route, world.store.revision(), false));
    response.end();
  };
  const limit = world.clock.after(seconds * 1000, end);
  const tick = (): void => {
    write(bookmarkOf(route, world.store.revision(), false));
    beat = world.clock.after(BOOKMARK_MS, tick);
  };
  let beat = bookmarks ? world.clock.after(BOOKMARK_MS, tick) : undefined;
  const uncut = world.onCut(end);
  // The request's own `close` comes as soon as its body is read; only the response's means that the client is gone.
  response.on('close', () => {
    stop();
    uncut();
    limit.cancel();
    beat?.cancel();
  });
};
