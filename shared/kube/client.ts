import { type Kind, type KubeObject, refOf } from '../api/kube.ts';
import type {
  Kube,
  ListOptions,
  ObjectList,
  PatchOptions,
  PatchType,
  WatchOptions,
  WriteOptions,
} from '../engine/ports.ts';
import { CanaryError, hasCode } from '../errors.ts';
import { systemClock } from '../platform/clock.ts';
import type { Connection } from './connection.ts';
import { collectionPath, objectPath, queryOf, subjectOf, subjectOfMany } from './paths.ts';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';
import { readWatch } from './watch-stream.ts';

export interface KubeOptions extends Partial<TransportOptions> {
  /** Objects per page of a list. */
  readonly pageSize?: number;
}

export interface KubeClient extends Kube {
  /** Ends all connections, watches included. */
  close(): void;
}

const PAGE_SIZE = 500;
/** A stream that the server should have ended is cut this long after. */
const WATCH_GRACE_MS = 30_000;

const JSON_TYPE = 'application/json';
const PARTIAL = `application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,${JSON_TYPE}`;
const PARTIAL_LIST = `application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,${JSON_TYPE}`;

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Items of a list do not say what they are, and metadata alone calls itself something else. */
const shaper =
  (kind: Kind, metadataOnly: boolean) =>
  (object: KubeObject): KubeObject => {
    const { apiVersion, kind: name } = kind;
    if (metadataOnly) return { apiVersion, kind: name, metadata: object.metadata };
    return object.apiVersion === undefined || object.kind === undefined
      ? { ...object, apiVersion, kind: name }
      : object;
  };

const writeQuery = ({ fieldManager, dryRun }: WriteOptions): Record<string, string | undefined> => ({
  fieldManager,
  dryRun: dryRun === true ? 'All' : undefined,
});

interface Page {
  items?: KubeObject[];
  metadata?: { continue?: string; resourceVersion?: string };
}

const listPages = async (
  transport: Transport,
  kind: Kind,
  options: ListOptions,
  limit: number | undefined,
): Promise<ObjectList> => {
  const { namespace, labelSelector, fieldSelector, signal, metadataOnly = false } = options;
  const shape = shaper(kind, metadataOnly);
  const items: KubeObject[] = [];
  let from: string | undefined;
  for (;;) {
    const query = queryOf({ limit, continue: from, labelSelector, fieldSelector });
    const page = (await transport.send({
      method: 'GET',
      path: `${collectionPath(kind, namespace)}${query}`,
      subject: subjectOfMany('list', kind, namespace),
      accept: metadataOnly ? PARTIAL_LIST : JSON_TYPE,
      signal,
    })) as Page;
    for (const item of page.items ?? []) items.push(shape(item));
    from = page.metadata?.continue;
    if (from === undefined || from === '') return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
  }
};

/** A list that grew too old between two pages is read again in one piece. */
const listAll = async (transport: Transport, kind: Kind, options: ListOptions, limit: number): Promise<ObjectList> => {
  try {
    return await listPages(transport, kind, options, limit);
  } catch (error) {
    if (!hasCode(error, 'API_EXPIRED')) throw error;
    return listPages(transport, kind, options, undefined);
  }
};

const reader = (transport: Transport, pageSize: number): Pick<Kube, 'get' | 'list'> => ({
  async get(ref, { signal, metadataOnly = false } = {}) {
    const accept = metadataOnly ? PARTIAL : JSON_TYPE;
    const found = await transport.send({
      method: 'GET',
      path: objectPath(ref),
      subject: subjectOf('get', ref),
      accept,
      signal,
    });
    return shaper(ref.kind, metadataOnly)(found as KubeObject);
  },
  list: (kind, options = {}) => listAll(transport, kind, options, pageSize),
});

const watcher = (transport: Transport, connection: Connection, options: TransportOptions): Pick<Kube, 'watch'> => ({
  async *watch(kind: Kind, watch: WatchOptions) {
    const {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion,
      timeoutSeconds,
      signal,
      metadataOnly = false,
    } = watch;
    const subject = subjectOfMany('watch', kind, namespace);
    const query = queryOf({
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion,
      timeoutSeconds: Math.max(1, Math.round(timeoutSeconds)),
      labelSelector,
      fieldSelector,
    });
    const path = `${collectionPath(kind, namespace)}${query}`;
    const accept = metadataOnly ? PARTIAL : JSON_TYPE;
    const response = await transport.open({ method: 'GET', path, subject, accept, signal });
    yield* readWatch(response, {
      clock: options.clock,
      kind,
      subject,
      server: connection.server,
      signal,
      idleTimeoutMs: watch.idleTimeoutMs ?? 0,
      totalTimeoutMs: timeoutSeconds * 1000 + WATCH_GRACE_MS,
      shape: shaper(kind, metadataOnly),
    });
  },
});

const patchQuery = (options: PatchOptions): Record<string, string | boolean | undefined> => ({
  ...writeQuery(options),
  force: options.type === 'apply' ? (options.force ?? false) : undefined,
});

const writer = (transport: Transport): Pick<Kube, 'create' | 'replace' | 'patch' | 'remove'> => ({
  async create(kind, object, options = {}) {
    const ref = refOf(kind, object);
    const path = `${collectionPath(kind, ref.namespace)}${queryOf(writeQuery(options))}`;
    const subject = subjectOf('create', ref);
    return (await transport.send({
      method: 'POST',
      path,
      subject,
      body: object,
      signal: options.signal,
    })) as KubeObject;
  },
  async replace(kind, object, options = {}) {
    const ref = refOf(kind, object);
    const { subresource, signal } = options;
    const path = `${objectPath(ref, subresource)}${queryOf(writeQuery(options))}`;
    const subject = subjectOf('update', ref, subresource);
    return (await transport.send({ method: 'PUT', path, subject, body: object, signal })) as KubeObject;
  },
  async patch(ref, patch, options = {}) {
    const { type = 'merge', subresource, signal } = options;
    const path = `${objectPath(ref, subresource)}${queryOf(patchQuery(options))}`;
    const subject = subjectOf('patch', ref, subresource);
    const contentType = PATCH_TYPES[type];
    return (await transport.send({ method: 'PATCH', path, subject, contentType, body: patch, signal })) as KubeObject;
  },
  async remove(ref, options = {}) {
    const { uid, resourceVersion, propagation, signal } = options;
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      // Where there is a body the server reads no options from the query.
      ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
      ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    };
    const path = `${objectPath(ref)}${queryOf(writeQuery(options))}`;
    await transport.send({ method: 'DELETE', path, subject: subjectOf('delete', ref), body, signal });
  },
});

const VERBS = { GET: 'get', POST: 'create' } as const;

/** The API server behind a connection, over HTTP. Opens nothing before the first request. */
export const createKube = (connection: Connection, options: KubeOptions = {}): KubeClient => {
  const settings = { clock: systemClock, ...options };
  const transport = createTransport(connection, settings);
  return {
    ...reader(transport, options.pageSize ?? PAGE_SIZE),
    ...watcher(transport, connection, settings),
    ...writer(transport),
    raw(method, path, body, signal) {
      if (!path.startsWith('/')) throw new CanaryError('BUG', `a raw path starts with a slash: ${path}`);
      const subject = { verb: VERBS[method], what: path, resource: '', namespace: '' };
      return transport.send({ method, path, subject, body, signal });
    },
    close: () => transport.close(),
  };
};
