/** The Kube port on a simulated server in the same process: no sockets, so that it works in virtual time. */
import type { Kind, KubeObject, Ref } from '../api/kube.ts';
import type {
  Kube,
  ListOptions,
  ObjectList,
  PatchOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../engine/ports.ts';
import { CanaryError, type ErrorCode } from '../errors.ts';
import { type Caller, callerFor } from './context.ts';
import type { ApiResponse } from './handle.ts';
import { clone, isFields } from './json.ts';
import type { ServedKind } from './kinds.ts';
import { streamOf } from './kube-watch.ts';
import type { At } from './rest.ts';
import type { SimServer } from './server.ts';
import { failure, type StatusBody, StatusError } from './status.ts';
import { partialOf } from './table.ts';

/** One call as `intercept` sees it before it takes effect. */
export interface KubeCall {
  readonly verb: keyof Kube;
  readonly kind?: Kind;
  readonly namespace: string;
  /** Of `raw` the path. */
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

/** A refusal of the server as the port's own error; its words stand in the message and in `because`. */
const translate = (error: unknown): unknown => {
  if (!(error instanceof StatusError)) return error;
  const { body } = error;
  const seconds = body.details?.retryAfterSeconds;
  return new CanaryError(codeOf(body), body.message ?? body.reason ?? 'the API server refused', {
    ...(body.message === undefined ? {} : { because: body.message }),
    ...(body.code === undefined ? {} : { status: body.code }),
    ...(seconds === undefined ? {} : { retryAfterMs: seconds * 1000 }),
    cause: error,
  });
};

/** Paths that are nothing are refused in plain text. */
const refusalOf = ({ status, body }: ApiResponse): StatusError =>
  isFields(body) ? new StatusError(body as unknown as StatusBody) : failure(status, '', String(body).trim());

const placeOf = (kind: Kind, object: KubeObject): Ref => ({
  kind,
  namespace: kind.namespaced ? (object.metadata.namespace ?? 'default') : '',
  name: object.metadata.name,
});

const shown = (object: KubeObject, metadataOnly: boolean | undefined): KubeObject =>
  clone(metadataOnly === true ? partialOf(object) : object);

class SimKube implements Kube {
  readonly #server: SimServer;
  readonly #options: SimKubeOptions;

  constructor(server: SimServer, options: SimKubeOptions) {
    this.#server = server;
    this.#options = options;
  }

  readonly get: Kube['get'] = (ref, options = {}) =>
    this.#about('get', ref, options.signal, () => shown(this.#server.rest.get(this.#at(ref)), options.metadataOnly));

  readonly list = (kind: Kind, options: ListOptions = {}): Promise<ObjectList> =>
    this.#about('list', { kind, namespace: options.namespace ?? '', name: '' }, options.signal, () => {
      const { items, resourceVersion } = this.#server.rest.list(this.#served(kind), options);
      return { items: items.map((object) => shown(object, options.metadataOnly)), resourceVersion };
    });

  readonly watch = (kind: Kind, options: WatchOptions): AsyncIterable<WatchEvent> => this.#stream(kind, options);

  readonly create = (kind: Kind, object: KubeObject, options?: WriteOptions): Promise<KubeObject> => {
    const place = placeOf(kind, object);
    const at = (): At => ({ ...this.#at(place), name: '' });
    return this.#about('create', place, options?.signal, async () =>
      clone(await this.#server.rest.create(at(), object, this.#caller(options))),
    );
  };

  readonly replace: Kube['replace'] = (kind, object, options) => {
    const place = placeOf(kind, object);
    const { subresource = '' } = options ?? {};
    return this.#about('replace', { ...place, subresource }, options?.signal, async () =>
      clone(await this.#server.rest.replace(this.#at(place, subresource), object, this.#caller(options))),
    );
  };

  readonly patch = (ref: Ref, body: unknown, options: PatchOptions = {}): Promise<KubeObject> => {
    const { subresource = '', type = 'merge', force = false } = options;
    return this.#about('patch', { ...ref, subresource }, options.signal, async () => {
      const { object } = await this.#server.rest.patch(
        this.#at(ref, subresource),
        { type, body, force },
        this.#caller(options),
      );
      return clone(object);
    });
  };

  readonly remove: Kube['remove'] = (ref, options) =>
    this.#about('remove', ref, options?.signal, async () => {
      await this.#server.rest.remove(this.#at(ref), options ?? {}, this.#caller(options));
    });

  readonly raw: Kube['raw'] = (method, path, body, signal) =>
    this.#call({ verb: 'raw', namespace: '', name: path, subresource: '' }, signal, async () => {
      const { user } = this.#server;
      const answer = await this.#server.handle({ method, path, query: new URLSearchParams(), headers: {}, body, user });
      if (answer.status >= 400) throw refusalOf(answer);
      return clone(answer.body);
    });

  async *#stream(kind: Kind, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const what = { kind, namespace: options.namespace ?? '', name: '' };
    const served = await this.#about('watch', what, options.signal, () => this.#served(kind));
    try {
      yield* streamOf(this.#server, served, options);
    } catch (error) {
      throw translate(error);
    }
  }

  #served(kind: Kind): ServedKind {
    const found = this.#server.registry.find(kind.apiVersion, kind.plural);
    if (found !== undefined) return found;
    throw new CanaryError('KIND_MISSING', `the server does not serve ${kind.plural} of ${kind.apiVersion}`, {
      status: 404,
    });
  }

  #at(ref: Ref, subresource = ''): At {
    return { kind: this.#served(ref.kind), namespace: ref.namespace, name: ref.name, subresource };
  }

  #caller(options: WriteOptions = {}): Caller {
    const manager = options.fieldManager ?? this.#options.fieldManager ?? 'sim';
    return callerFor(manager, { dryRun: options.dryRun === true, user: this.#server.user });
  }

  #about<T>(
    verb: keyof Kube,
    ref: Ref & { subresource?: string },
    signal: AbortSignal | undefined,
    run: () => T | Promise<T>,
  ): Promise<T> {
    const { kind, namespace, name, subresource = '' } = ref;
    return this.#call({ verb, kind, namespace, name, subresource }, signal, run);
  }

  async #call<T>(call: KubeCall, signal: AbortSignal | undefined, run: () => T | Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    await this.#options.intercept?.(call);
    try {
      return await run();
    } catch (error) {
      throw translate(error);
    }
  }
}

/** A Kube port over `server`. Objects are copies: whoever gets one may change it. */
export const createSimKube = (server: SimServer, options: SimKubeOptions = {}): Kube => new SimKube(server, options);
