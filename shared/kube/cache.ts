import { KINDS } from '../api/kinds.ts';
import { type Kind, type KubeObject, kindKey, type Ref, refKey, refOf } from '../api/kube.ts';
import type { Cache, Clock, Kube, Log, Metrics, Random } from '../engine/ports.ts';
import { CanaryError, hasCode, messageOf } from '../errors.ts';
import { orAborted } from '../platform/within.ts';
import { resourceOf } from './paths.ts';
import { type Reflector, startReflector } from './reflector.ts';
import { createStore, type Notice, type Store } from './store.ts';
import { compareVersions, isOlder, lean, metadataOf, versionOf } from './versions.ts';

export interface CacheOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Lists and watches look at this namespace alone; other namespaces get watches of their own when asked for. */
  readonly namespace?: string;
  /** Watched as metadata; the whole object is read when its version moved. ConfigMaps and Secrets by default. */
  readonly metadataOnlyKinds?: readonly Kind[];
  /** By `kindKey`: only objects with these labels are looked at. */
  readonly labelSelectors?: Readonly<Record<string, string>>;
  readonly metrics?: Metrics;
  /** A watch without any byte for this long is opened again; 150 s by default. */
  readonly idleTimeoutMs?: number;
}

/** What a cache holds this instant, without waiting for anything. A kind that is not served has no objects. */
export interface Glance {
  /** Undefined: it is not there, or nobody knows yet. */
  peek(ref: Ref): KubeObject | undefined;
  /** Undefined: nobody knows yet. */
  peekAll(kind: Kind, namespace: string): readonly KubeObject[] | undefined;
}

type Listener = Parameters<Cache['onChange']>[0];

interface Scope {
  readonly kind: Kind;
  readonly store: Store;
  readonly reflector: Reflector;
}

/** Whole objects of kinds that are watched as metadata: one request for each version, whoever asks. */
const createFullReads = (kube: Kube, signal: AbortSignal) => {
  const known = new Map<string, KubeObject>();
  const asked = new Map<string, Promise<KubeObject | undefined>>();

  const keep = (key: string, object: KubeObject): KubeObject => {
    const before = known.get(key);
    const newest = before !== undefined && isOlder(versionOf(object), versionOf(before)) ? before : object;
    known.set(key, newest);
    return newest;
  };

  const ask = async (ref: Ref, key: string): Promise<KubeObject | undefined> => {
    try {
      return keep(key, lean(await kube.get(ref, { signal })));
    } catch (error) {
      if (!hasCode(error, 'API_NOT_FOUND')) throw error;
      known.delete(key);
      return undefined;
    } finally {
      asked.delete(key);
    }
  };

  const share = (ref: Ref): Promise<KubeObject | undefined> => {
    const key = refKey(ref);
    const pending = asked.get(key) ?? ask(ref, key);
    asked.set(key, pending);
    return pending;
  };

  return {
    /** The object at the watched version or newer. */
    async get(ref: Ref, watched: string): Promise<KubeObject | undefined> {
      const object = known.get(refKey(ref));
      if (object !== undefined && (compareVersions(versionOf(object), watched) ?? -1) >= 0) return object;
      const read = await share(ref);
      // A request that was under way before the watch told of this version may have read the one before.
      return read !== undefined && isOlder(versionOf(read), watched) ? share(ref) : read;
    },
    put: (ref: Ref, object: KubeObject): void => void keep(refKey(ref), object),
    forget: (ref: Ref): void => void known.delete(refKey(ref)),
  };
};

/** Calls every listener; one that throws is a fault of its own and harms neither the watch nor the others. */
const tell = (listeners: Iterable<Listener>, kind: Kind, notices: readonly Notice[], log: Log): void => {
  for (const { object, change } of notices) {
    for (const listener of listeners) {
      try {
        listener(kind, object, change);
      } catch (error) {
        log.error('a cache listener failed', { resource: resourceOf(kind), error: messageOf(error) });
      }
    }
  }
};

/** The scopes that are watched, each started on first use. */
const createScopes = (
  options: CacheOptions,
  isPartial: (kind: Kind) => boolean,
  onNotices: (kind: Kind, notices: readonly Notice[]) => void,
) => {
  const scopes = new Map<string, Scope>();
  const { kube, clock, random, log, metrics, idleTimeoutMs } = options;

  const start = (kind: Kind, namespace: string): Scope => {
    const store = createStore();
    const resource = resourceOf(kind);
    const labelSelector = options.labelSelectors?.[kindKey(kind)];
    let counted: number | undefined;
    const reflector = startReflector({
      kube,
      clock,
      random,
      log,
      kind,
      namespace,
      store,
      metadataOnly: isPartial(kind),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
      onNotices(notices) {
        if (notices.length === 0) return;
        if (counted !== store.size) metrics?.set('kubectl_canary_cached_objects', { resource }, store.size);
        counted = store.size;
        onNotices(kind, notices);
      },
      onRestart: (reason) => metrics?.add('kubectl_canary_watch_restarts_total', { resource, reason }),
    });
    return { kind, store, reflector };
  };

  /** Which namespace's watch holds the objects of `namespace`; empty: that of the whole cluster. */
  const scopeName = (kind: Kind, namespace: string): string =>
    kind.namespaced && options.namespace !== undefined && options.namespace !== '' ? namespace : '';

  return {
    known: (kind: Kind, namespace: string): Scope | undefined =>
      scopes.get(`${kindKey(kind)} ${scopeName(kind, namespace)}`),
    of(kind: Kind, namespace: string): Scope {
      const name = scopeName(kind, namespace);
      const key = `${kindKey(kind)} ${name}`;
      const scope = scopes.get(key) ?? start(kind, name);
      scopes.set(key, scope);
      return scope;
    },
    stop(): void {
      for (const { reflector } of scopes.values()) reflector.stop();
    },
  };
};

/**
 * Reads that cost no request: one list and watch per kind and scope, started on first use. What comes out is shared
 * and must not be changed. `list` of a kind that is watched as metadata answers with metadata.
 */
export const createCache = (options: CacheOptions): Cache & Glance => {
  const { kube, clock, log, metadataOnlyKinds = [KINDS.configMap, KINDS.secret] } = options;
  const partial = new Set(metadataOnlyKinds.map(kindKey));
  const isPartial = (kind: Kind): boolean => partial.has(kindKey(kind));
  const closing = new AbortController();
  const full = createFullReads(kube, closing.signal);
  const listeners = new Set<Listener>();
  const scopes = createScopes(options, isPartial, (kind, notices) => {
    if (isPartial(kind))
      for (const { object, change } of notices) if (change === 'deleted') full.forget(refOf(kind, object));
    tell(listeners, kind, notices, log);
  });

  const filled = (kind: Kind, namespace: string): Store | undefined => {
    const scope = isPartial(kind) ? undefined : scopes.known(kind, namespace);
    return scope?.reflector.isFilled() === true ? scope.store : undefined;
  };

  return {
    peek: ({ kind, namespace, name }) => filled(kind, namespace)?.get(namespace, name),
    peekAll: (kind, namespace) => filled(kind, namespace)?.inNamespace(namespace),
    async get(ref, signal) {
      closing.signal.throwIfAborted();
      const { store, reflector } = scopes.of(ref.kind, ref.namespace);
      await reflector.ready(signal);
      const object = store.get(ref.namespace, ref.name);
      if (object === undefined || !isPartial(ref.kind)) return object;
      return orAborted(full.get(ref, versionOf(object)), signal);
    },
    async list(kind, signal) {
      closing.signal.throwIfAborted();
      const { store, reflector } = scopes.of(kind, options.namespace ?? '');
      await reflector.ready(signal);
      return store.all();
    },
    put(kind, object) {
      const scope = scopes.known(kind, object.metadata.namespace ?? '');
      if (scope === undefined || versionOf(object) === '') return;
      const light = lean(object);
      if (isPartial(kind)) full.put(refOf(kind, light), light);
      scope.store.put(isPartial(kind) ? metadataOf(light) : light);
    },
    drop(ref) {
      full.forget(ref);
      scopes.known(ref.kind, ref.namespace)?.store.drop(ref.namespace, ref.name, clock.monotonic());
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closing.abort(new CanaryError('INTERRUPTED', 'the cache was closed'));
      scopes.stop();
      listeners.clear();
    },
  };
};
