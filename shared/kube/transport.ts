import type { IncomingMessage } from 'node:http';
import { arch, platform } from 'node:os';
import { type Clock, sleep } from '../engine/ports.ts';
import { CanaryError, hasCode } from '../errors.ts';
import { parseRetryAfter } from '../platform/retry.ts';
import { within } from '../platform/within.ts';
import { createPools, type Pools } from './agent.ts';
import type { Access, Connection } from './connection.ts';
import { explainUnauthorized } from './credential-advice.ts';
import { exchange, parseJson, readText, StaleConnection, unreachable } from './exchange.ts';
import { errorFrom, type Subject } from './status-error.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, starting with a slash. */
  readonly path: string;
  readonly subject: Subject;
  readonly accept?: string;
  readonly contentType?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** One exchange as it happened: for counters and for `-v`. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** `canaries.flagger.app`, empty when the path is no resource. */
  readonly resource: string;
  readonly verb: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly ms: number;
  readonly sent?: string | undefined;
  readonly received?: string | undefined;
}

export interface TransportOptions {
  readonly clock: Clock;
  /** Of this program, for the User-Agent. */
  readonly version?: string;
  readonly onExchange?: (exchange: Exchange) => void;
}

export interface Transport {
  /** One answer as JSON. Rejects with the CanaryError of what went wrong, or with the signal's reason. */
  send(request: ApiRequest): Promise<unknown>;
  /** An answer whose body goes on: time limit and signal cover its start alone. The caller reads it out or destroys it. */
  open(request: ApiRequest): Promise<IncomingMessage>;
  /** Ends all connections, those in use too. */
  close(): void;
}

/** A request with what this attempt sends besides. */
interface Prepared {
  readonly request: ApiRequest;
  readonly access: Access;
  /** The body as JSON. */
  readonly sent: string | undefined;
}

type Use<T> = (response: IncomingMessage) => Promise<{ value: T; received?: string }>;

interface Wire {
  readonly connection: Connection;
  readonly options: TransportOptions;
  readonly pools: Pools;
  readonly userAgent: string;
}

const MAX_REPEATS = 5;
/** Longer waits are left to the caller, who may have something better to do. */
const LONGEST_WAIT_MS = 30_000;

const refusal = async (wire: Wire, request: ApiRequest, response: IncomingMessage, access: Access): Promise<Error> => {
  const { connection, options } = wire;
  const status = response.statusCode ?? 0;
  const body = await readText(response);
  if (status < 400) {
    const what = status >= 300 ? 'a redirect' : `status ${status}`;
    return new CanaryError(
      'API_UNREACHABLE',
      `${connection.server} answered with ${what}; is it a Kubernetes API server?`,
    );
  }
  const now = options.clock.now();
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], now);
  const { contextName, user } = connection;
  const asker = { contextName, now, ...(user === undefined ? {} : { user }) };
  return explainUnauthorized(errorFrom({ status, body, retryAfterMs }, request.subject), access, asker);
};

/** One attempt up to the headers; anything but a success is an error. */
const attempt = async (wire: Wire, prepared: Prepared, signal: AbortSignal): Promise<IncomingMessage> => {
  const { connection, pools, userAgent } = wire;
  const { request, access, sent } = prepared;
  const headers = {
    ...access.headers,
    Accept: request.accept ?? 'application/json',
    'User-Agent': userAgent,
    ...(sent === undefined ? {} : { 'Content-Type': request.contentType ?? 'application/json' }),
    ...(sent === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(sent)) }),
  };
  const url = new URL(`${connection.server}${request.path}`);
  const outgoing = { url, method: request.method, headers, body: sent, agent: pools.pick(access) };
  const response = await exchange(outgoing, signal);
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) throw await refusal(wire, request, response, access);
  return response;
};

/** Tells the observer of an attempt that started at `started`. */
const reporter =
  (wire: Wire, { request, sent }: Prepared, started: number) =>
  (status: number, received: string | undefined): void => {
    const { method, path, subject } = request;
    const ms = wire.options.clock.monotonic() - started;
    const { resource, verb } = subject;
    wire.options.onExchange?.({ method, path, resource, verb, status, ms, sent, received });
  };

/** One attempt within its time, told to the observer, with every failure as a CanaryError. */
const tryOnce = async <T>(wire: Wire, request: ApiRequest, use: Use<T>): Promise<T> => {
  const { connection, options } = wire;
  const { clock } = options;
  const timeoutMs = connection.requestTimeoutMs;
  const access = await connection.credentials.current(request.signal);
  const sent = request.body === undefined ? undefined : JSON.stringify(request.body);
  const prepared = { request, access, sent };
  const report = reporter(wire, prepared, clock.monotonic());
  const limit = `the API server ${connection.server} gave no answer within ${timeoutMs / 1000} s`;
  const late = (): CanaryError => new CanaryError('API_UNREACHABLE', limit);
  try {
    return await within({ clock, timeoutMs, signal: request.signal, late }, async (signal) => {
      const response = await attempt(wire, prepared, signal);
      const { value, received } = await use(response);
      report(response.statusCode ?? 0, received);
      return value;
    });
  } catch (error) {
    if (request.signal?.aborted === true) throw request.signal.reason;
    if (error instanceof StaleConnection && request.method === 'GET') throw error;
    const known = unreachable(error, connection.server);
    report(known.status ?? 0, known.because);
    throw known;
  }
};

/** Milliseconds until the same read may be sent again, undefined when it may not. */
const waitBeforeRepeat = (wire: Wire, request: ApiRequest, error: unknown): number | undefined => {
  if (error instanceof StaleConnection) return 0;
  if (hasCode(error, 'API_UNAUTHORIZED')) return wire.connection.credentials.renew() ? 0 : undefined;
  if (request.method !== 'GET' || !hasCode(error, 'API_UNAVAILABLE')) return undefined;
  const asked = error.status === 429 || error.status === 503 ? error.retryAfterMs : undefined;
  return asked === undefined || asked > LONGEST_WAIT_MS ? undefined : asked;
};

const run = async <T>(wire: Wire, request: ApiRequest, use: Use<T>): Promise<T> => {
  let renewed = false;
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await tryOnce(wire, request, use);
    } catch (error) {
      const unauthorized = hasCode(error, 'API_UNAUTHORIZED');
      const wait = unauthorized && renewed ? undefined : waitBeforeRepeat(wire, request, error);
      if (wait === undefined || repeats >= MAX_REPEATS) throw unreachable(error, wire.connection.server);
      renewed ||= unauthorized;
      if (wait > 0) await sleep(wire.options.clock, wait, request.signal);
    }
  }
};

/** Requests to one API server over kept connections, with the connection's credentials. */
export const createTransport = (connection: Connection, options: TransportOptions): Transport => {
  const pools = createPools(new URL(connection.server), connection.proxy);
  const userAgent = `kubectl-canary/${options.version ?? 'dev'} (${platform()}/${arch()})`;
  const wire: Wire = { connection, options, pools, userAgent };
  return {
    send: (request) =>
      run(wire, request, async (response) => {
        const received = await readText(response);
        return { value: parseJson(received, connection.server), received };
      }),
    open: (request) => run(wire, request, (response) => Promise.resolve({ value: response })),
    close: () => pools.close(),
  };
};
