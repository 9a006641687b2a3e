/** The Kube port on a simulated server in the same process: no sockets, so that it works in virtual time. */
import type { Kind, KubeObject, Ref } from '../api/kube.ts';
import type { Kube, ListOptions, PatchOptions, WatchEvent, WatchOptions, WriteOptions } from '../engine/ports.ts';
import { CanaryError, type ErrorCode } from '../errors.ts';
import { type Caller, callerFor } from './context.ts';
import { clone } from './json.ts';
import type { ServedKind } from './kinds.ts';
import type { At } from './rest.ts';
import type { SimServer } from './server.ts';
import { type StatusBody, StatusError } from './status.ts';

/** One call as `intercept` sees it before it takes effect. */
export interface KubeCall {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'replace' | 'patch' | 'remove' | 'raw';
  readonly kind?: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export interface SimKubeOptions {
  /** Called before each call; what it throws is the call's failure. For tests of crashes and outages. */
  readonly intercept?: (call: KubeCall) => void | Promise<void>;
  /** fieldManager of writes that name none. */
  readonly fieldManager?: string;
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'API_INVALID',
  401: 'API_UNAUTHORIZED',
  403: 'API_FORBIDDEN',
  404: 'API_NOT_FOUND',
  405: 'API_INVALID',
  409: 'API_CONFLICT',
  410: 'API_EXPIRED',
  415: 'API_INVALID',
  422: 'API_INVALID',
};

const codeOf = (body: StatusBody): ErrorCode => {
  if (body.reason === 'AlreadyExists') return 'API_EXISTS';
  return CODES[body.code ?? 500] ?? 'API_UNAVAILABLE';
};

const translate = (error: unknown): unknown => {
  if (!(error instanceof StatusError)) return error;
  const { body } = error;
  return new CanaryError(codeOf(body), body.message ?? body.reason ?? 'the API server refused', {
    ...(body.message === undefined ? {} : { because: body.message }),
    ...(body.code === undefined ? {} : { status: body.code }),
    ...(body.details?.retryAfterSeconds === undefined ? {} : { retryAfterMs: body.details.retryAfterSeconds * 1000 }),
    cause: error,
  });
};

const metadataOf = (object: KubeObject): KubeObject => ({
  apiVersion: 'meta.k8s.io/v1',
  kind: 'PartialObjectMetadata',
  metadata: object.metadata,
});

/** A Kube port over `server`. Objects are copies: whoever gets one may change it. */
export const createSimKube = (server: SimServer, options: SimKubeOptions = {}): Kube => {
  const served = (kind: Kind): ServedKind => {
    const found = server.registry.find(kind.apiVersion, kind.plural);
    if (found !== undefined) return found;
    throw new CanaryError('KIND_MISSING', `the server does not serve ${kind.plural} of ${kind.apiVersion}`, {
      status: 404,
    });
  };

  const caller = (write: WriteOptions = {}): Caller =>
    callerFor(write.fieldManager ?? options.fieldManager ?? 'sim', {
      dryRun: write.dryRun === true,
      user: server.user,
      ...(write.signal === undefined ? {} : { signal: write.signal }),
    });

  const call = async <T>(what: KubeCall, signal: AbortSignal | undefined, run: () => T | Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    await options.intercept?.(what);
    try {
      return await run();
    } catch (error) {
      throw translate(error);
    }
  };

  const about = (verb: KubeCall['verb'], ref: Omit<Ref, 'name'> & { name?: string }, subresource = ''): KubeCall => ({
    verb,
    kind: ref.kind,
    namespace: ref.namespace,
    name: ref.name ?? '',
    subresource,
  });

  const at = (ref: Ref, subresource = ''): At => ({
    kind: served(ref.kind),
    namespace: ref.namespace,
    name: ref.name,
    subresource,
  });
  const placeOf = (kind: Kind, object: KubeObject): Ref => ({
    kind,
    namespace: kind.namespaced ? (object.metadata.namespace ?? 'default') : '',
    name: object.metadata.name,
  });
  const shown = (object: KubeObject, metadataOnly: boolean | undefined): KubeObject =>
    clone(metadataOnly === true ? metadataOf(object) : object);

  return {
    get: (ref, get = {}) =>
      call(about('get', ref), get.signal, () => shown(server.rest.get(at(ref)), get.metadataOnly)),
    list: (kind, list: ListOptions = {}) =>
      call(about('list', { kind, namespace: list.namespace ?? '' }), list.signal, () => {
        const found = server.rest.list(served(kind), list);
        return {
          items: found.items.map((object) => shown(object, list.metadataOnly)),
          resourceVersion: found.resourceVersion,
        };
      }),
    watch: (kind, watch) =>
      watchOf(server, () => served(kind), watch, about('watch', { kind, namespace: watch.namespace ?? '' }), call),
    create: (kind, object, write) => {
      const ref = placeOf(kind, object);
      return call(about('create', ref), write?.signal, async () =>
        clone(await server.rest.create({ kind: served(kind), namespace: ref.namespace }, object, caller(write))),
      );
    },
    replace: (kind, object, write) => {
      const ref = placeOf(kind, object);
      return call(about('replace', ref, write?.subresource), write?.signal, async () =>
        clone(await server.rest.replace(at(ref, write?.subresource), object, caller(write))),
      );
    },
    patch: (ref, patch, write: PatchOptions = {}) =>
      call(about('patch', ref, write.subresource), write.signal, async () => {
        const { object } = await server.rest.patch(
          at(ref, write.subresource),
          write.type ?? 'merge',
          patch,
          caller(write),
          write.force,
        );
        return clone(object);
      }),
    remove: (ref, remove) =>
      call(about('remove', ref), remove?.signal, async () => {
        await server.rest.remove(at(ref), remove ?? {}, caller(remove));
      }),
    raw: (method, path, body, signal) =>
      call({ verb: 'raw', namespace: '', name: path, subresource: '' }, signal, async () => {
        const answer = await server.handle({
          method,
          path,
          query: new URLSearchParams(),
          headers: {},
          body,
          user: server.user,
        });
        // An unknown path is answered with plain text, not with a Status.
        const refused = typeof answer.body === 'string' ? { message: answer.body } : (answer.body as StatusBody);
        if (answer.status >= 400)
          throw new StatusError({
            kind: 'Status',
            apiVersion: 'v1',
            metadata: {},
            status: 'Failure',
            ...refused,
            code: answer.status,
          });
        return clone(answer.body);
      }),
  };
};

type CallThrough = <T>(what: KubeCall, signal: AbortSignal | undefined, run: () => T | Promise<T>) => Promise<T>;

/** The stream ends with the signal, when the server's own time limit is over, or when the server cuts it. */
async function* watchOf(
  server: SimServer,
  kind: () => ServedKind,
  options: WatchOptions,
  what: KubeCall,
  call: CallThrough,
): AsyncGenerator<WatchEvent> {
  const queue: WatchEvent[] = [];
  let wake: (() => void) | undefined;
  let ended = false;
  const push = (event: WatchEvent): void => {
    queue.push(event);
    wake?.();
  };
  const end = (): void => {
    ended = true;
    wake?.();
  };
  const bookmark = (revision: number): void => push({ type: 'BOOKMARK', resourceVersion: String(revision) });
  const initial = options.resourceVersion === '' || options.resourceVersion === '0';
  const stop = await call(what, options.signal, () =>
    server.rest.watch(kind(), {
      ...options,
      sink: (notice) =>
        push({
          type: notice.type,
          object: clone(options.metadataOnly === true ? metadataOf(notice.object) : notice.object),
        }),
      ...(initial ? { onSynced: bookmark } : {}),
    }),
  );
  const limit = server.clock.after(options.timeoutSeconds * 1000, () => {
    bookmark(server.store.revision());
    end();
  });
  const uncut = server.onCut(end);
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.signal?.aborted === true) end();
  try {
    while (!ended || queue.length > 0) {
      const event = queue.shift();
      if (event !== undefined) yield event;
      else if (!ended) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop();
    uncut();
    limit.cancel();
    options.signal?.removeEventListener('abort', end);
  }
}
