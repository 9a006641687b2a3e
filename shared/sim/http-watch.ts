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

/** The body of a watch: lines wait until the response is opened, so that a refusal can still be a plain answer. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #waiting: string[] = [];
  #isOpen = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  write(event: object): void {
    const line = `${JSON.stringify(event)}\n`;
    if (this.#isOpen) this.#response.write(line);
    else this.#waiting.push(line);
  }

  /** Sends the headers at once, also when there is no event yet. */
  open(): void {
    this.#isOpen = true;
    this.#response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    this.#response.flushHeaders();
    for (const line of this.#waiting) this.#response.write(line);
  }

  end(): void {
    this.#response.end();
  }
}

/** Begins the watch in the store; undefined when the version was too old, which the stream then says. */
const begin = (world: WatchWorld, request: ApiRequest, route: Route, stream: EventStream): (() => void) | undefined => {
  const { query } = request;
  const isInitial = checkInitial(query);
  const hasBookmarks = query.get('allowWatchBookmarks') === 'true';
  const onSynced = (revision: number): void => stream.write(bookmarkOf(route, revision, true));
  try {
    return world.rest.watch(route.kind, {
      ...selectionOf(route, query),
      resourceVersion: isInitial ? '0' : (query.get('resourceVersion') ?? ''),
      sink: ({ type, object }) => stream.write({ type, object: eventObject(world, request, route, object) }),
      ...(isInitial && hasBookmarks ? { onSynced } : {}),
    });
  } catch (error) {
    if (!(error instanceof StatusError) || error.body.code !== 410) throw error;
    stream.write({ type: 'ERROR', object: error.body });
    return undefined;
  }
};

/** Writes a bookmark now and then. Answers how to stop. */
const beat = (clock: Clock, write: () => void): (() => void) => {
  let timer = clock.after(BOOKMARK_MS, function tick() {
    write();
    timer = clock.after(BOOKMARK_MS, tick);
  });
  return () => timer.cancel();
};

/**
 * Serves a watch on an open response until the client goes, its time is over, or the server cuts it. Throws a
 * StatusError when the request itself is refused; a version that is too old is told inside the stream.
 */
export const serveWatch = (world: WatchWorld, request: ApiRequest, route: Route, response: ServerResponse): void => {
  const { query } = request;
  const stream = new EventStream(response);
  const stop = begin(world, request, route, stream);
  stream.open();
  if (stop === undefined) return stream.end();
  const hasBookmarks = query.get('allowWatchBookmarks') === 'true';
  const bookmark = (): void => {
    if (hasBookmarks) stream.write(bookmarkOf(route, world.store.revision(), false));
  };
  const end = (): void => {
    bookmark();
    stream.end();
  };
  const limit = world.clock.after(Number(query.get('timeoutSeconds') ?? DEFAULT_TIMEOUT_S) * 1000, end);
  const still = hasBookmarks ? beat(world.clock, bookmark) : () => {};
  const uncut = world.onCut(end);
  // The request's own `close` comes as soon as its body is read; only the response's means that the client is gone.
  response.on('close', () => {
    stop();
    uncut();
    limit.cancel();
    still();
  });
};
