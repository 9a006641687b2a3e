/** The server over sockets, HTTP or HTTPS, on 127.0.0.1. */
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parse as parseYaml, stringify } from 'yaml';
import type { Context } from './context.ts';
import type { ApiRequest, ApiResponse } from './handle.ts';
import { serveWatch } from './http-watch.ts';
import type { UserInfo } from './kinds.ts';
import { readProtobuf } from './protobuf.ts';
import { routeOf } from './route.ts';
import type { SimServer } from './server.ts';
import { badRequest, internalError, StatusError } from './status.ts';
import { createTestCertificate } from './tls.ts';

export interface ListenOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** With a certificate of its own; the kubeconfig then carries its authority and a token. */
  readonly tls?: boolean;
  /** Called for each request, before it is answered. */
  readonly onRequest?: (method: string, url: string, headers: Readonly<Record<string, string | undefined>>) => void;
}

export interface Listening {
  readonly url: string;
  readonly port: number;
  /** The text of a kubeconfig for this server, ready to be written to a file. */
  readonly kubeconfig: string;
  /** PEM of the authority behind the certificate; empty without TLS. */
  readonly caBundle: string;
  close(): Promise<void>;
}

type ServerParts = Omit<SimServer, 'kube'>;

const MAX_BODY = 3 * 1024 * 1024;

const readBytes = async (message: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw badRequest(`limit is ${MAX_BODY}`);
    parts.push(part);
  }
  return Buffer.concat(parts);
};

const parseBody = (bytes: Buffer, type: string): unknown => {
  if (bytes.length === 0) return undefined;
  if (type.includes('protobuf')) return readProtobuf(bytes);
  const text = bytes.toString('utf8');
  try {
    return (type.includes('yaml') ? parseYaml(text) : JSON.parse(text)) as unknown;
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const headersOf = (message: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(message.headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : value]),
  );

/** Whom the request speaks for: the impersonated user, or the server's own. */
const userOf = (message: IncomingMessage, fallback: UserInfo): UserInfo => {
  const name = message.headers['impersonate-user'];
  if (typeof name !== 'string') return fallback;
  const groups = message.headers['impersonate-group'];
  return { username: name, groups: [...(groups === undefined ? [] : [groups].flat()), 'system:authenticated'] };
};

/** Warnings in the form that clients print: 299, no agent, quoted text. */
const warningHeader = (text: string): string => `299 - "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const send = (response: ServerResponse, answer: ApiResponse): void => {
  const warnings = (answer.warnings ?? []).filter((text, index, all) => all.indexOf(text) === index);
  const text = typeof answer.body === 'string' ? answer.body : `${JSON.stringify(answer.body)}\n`;
  const headers: OutgoingHttpHeaders = {
    'content-type': answer.contentType ?? 'application/json',
    ...answer.headers,
    'content-length': Buffer.byteLength(text),
  };
  if (warnings.length > 0) response.setHeader('warning', warnings.map(warningHeader));
  response.writeHead(answer.status, headers);
  response.end(text);
};

const answer = async (
  context: Context,
  server: ServerParts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = new URL(message.url ?? '/', 'http://127.0.0.1');
  const headers = headersOf(message);
  const bytes = await readBytes(message);
  const request: ApiRequest = {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: parseBody(bytes, headers['content-type'] ?? ''),
    user: userOf(message, server.user),
  };
  const watching = request.method === 'GET' && ['true', '1'].includes(url.searchParams.get('watch') ?? '');
  const route = watching ? routeOf(context.registry, url.pathname) : undefined;
  if (route !== undefined)
    return serveWatch(
      { rest: server.rest, store: context.store, clock: context.clock, onCut: server.onCut },
      request,
      route,
      response,
    );
  send(response, await server.handle(request));
};

const listenerFor =
  (context: Context, server: ServerParts, options: ListenOptions): RequestListener =>
  (message, response) => {
    options.onRequest?.(message.method ?? 'GET', message.url ?? '/', headersOf(message));
    answer(context, server, message, response).catch((error: unknown) => {
      const body =
        error instanceof StatusError
          ? error.body
          : internalError(error instanceof Error ? error.message : String(error)).body;
      if (!response.headersSent) send(response, { status: body.code ?? 500, body });
      else response.destroy();
    });
  };

const kubeconfigFor = (url: string, authority: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'sim',
        cluster: {
          server: url,
          ...(authority === '' ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') }),
        },
      },
    ],
    users: [{ name: 'sim', user: authority === '' ? {} : { token: 'simulated' } }],
    contexts: [{ name: 'sim', context: { cluster: 'sim', user: 'sim' } }],
    'current-context': 'sim',
  });

/** Starts a listener; `close` ends it with all its watches. */
export const listen = async (context: Context, server: ServerParts, options: ListenOptions): Promise<Listening> => {
  const certificate = options.tls === true ? await createTestCertificate() : undefined;
  const onRequest = listenerFor(context, server, options);
  const sockets: Server =
    certificate === undefined
      ? createServer(onRequest)
      : createSecureServer({ key: certificate.key, cert: certificate.cert }, onRequest);
  // Watches stay open for as long as their client wants.
  sockets.requestTimeout = 0;
  sockets.keepAliveTimeout = 90_000;
  await new Promise<void>((resolve, reject) => {
    sockets.once('error', reject);
    sockets.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = sockets.address() as AddressInfo;
  const url = `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const authority = certificate?.authority ?? '';
  return {
    url,
    port,
    kubeconfig: kubeconfigFor(url, authority),
    caBundle: authority,
    async close() {
      server.cutWatches();
      await new Promise<void>((resolve) => {
        sockets.close(() => resolve());
        sockets.closeAllConnections();
      });
    },
  };
};
