import { once } from 'node:events';
import { createServer as createPlainServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock, Log } from '../../shared/engine/ports.ts';
import { CanaryError, messageOf } from '../../shared/errors.ts';
import type { KeyPair } from '../certs/authority.ts';
import type { WebhookMetrics } from './metrics.ts';
import { createRoute, type Handler } from './route.ts';

export interface ServerOptions {
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Answers what is not an admission path: an express app. */
  readonly fallback: RequestListener;
  readonly metrics: WebhookMetrics;
  readonly log: Log;
  readonly clock: Clock;
}

export interface AdmissionServer {
  /** Listens with this certificate; answers the port. API_UNREACHABLE is never thrown: REFUSED when the port is taken. */
  listen(leaf: KeyPair, port: number, host?: string): Promise<number>;
  /** New connections get this certificate; older ones finish what they do and are closed after their next answer. */
  load(leaf: KeyPair): void;
  /** Takes no new connections, ends idle ones, lets each busy one give its answer; cuts what is left after `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/** Longer than an API server keeps an idle connection (90 s), so that it is never us who close one in use. */
const KEEP_ALIVE_MS = 120_000;
const HEADERS_MS = 32_000;
const REQUEST_MS = 10_000;

/** Listens; answers the port that was got. REFUSED when it is in use. */
export const listenOn = async (server: Server | TlsServer, port: number, host?: string): Promise<number> => {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new CanaryError('REFUSED', taken ? `port ${port} is in use` : `cannot listen on port ${port}`, {
      because: messageOf(cause),
      cause,
    });
  }
  return (server.address() as AddressInfo).port;
};

/** Ends a server: idle connections at once, the others after their answer or after `limitMs`. */
export const closeServer = async (server: Server | TlsServer, clock: Clock, limitMs: number): Promise<void> => {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const limit = clock.after(limitMs, () => server.closeAllConnections());
  await closed;
  limit.cancel();
};

/** HTTPS with the admission route ahead of everything else. */
export const createAdmissionServer = (options: ServerOptions): AdmissionServer => {
  const { clock, log, metrics } = options;
  /** The certificate that a connection was opened under. */
  const generations = new WeakMap<Socket, number>();
  let generation = 0;
  let closing = false;
  const isLast = (request: IncomingMessage): boolean => closing || generations.get(request.socket) !== generation;
  const route = createRoute({ ...options, isLast });
  let server: TlsServer | undefined;

  const start = (leaf: KeyPair): TlsServer => {
    const created = createServer(
      { ...leaf, minVersion: 'TLSv1.2', connectionsCheckingInterval: 5_000 },
      (request, response) => {
        if (!route(request, response)) options.fallback(request, response);
      },
    );
    created.keepAliveTimeout = KEEP_ALIVE_MS;
    created.headersTimeout = HEADERS_MS;
    created.requestTimeout = REQUEST_MS;
    created.on('secureConnection', (socket) => generations.set(socket, generation));
    created.on('tlsClientError', (error) => log.debug('TLS handshake failed', { reason: messageOf(error) }));
    return created;
  };

  return {
    listen(leaf, port, host) {
      server = start(leaf);
      return listenOn(server, port, host);
    },
    load(leaf) {
      try {
        server?.setSecureContext({ ...leaf, minVersion: 'TLSv1.2' });
        generation++;
        metrics.reloaded('ok');
      } catch (error) {
        metrics.reloaded('error');
        throw error;
      }
    },
    async close(limitMs) {
      closing = true;
      if (server !== undefined) await closeServer(server, clock, limitMs);
    },
  };
};

/** Plain HTTP for probes and metrics. */
export const createHealthServer = (app: RequestListener): Server => createPlainServer(app);
