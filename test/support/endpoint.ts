import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRequest, HttpResult } from '../../shared/api/model.ts';
import type { Clock, Http } from '../../shared/engine/ports.ts';
import { sleep } from '../../shared/engine/ports.ts';

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The other side of an HTTP exchange as one pure call; it stands behind a real server or behind the Http port. */
export interface Endpoint {
  answer(exchange: Exchange): Answer;
}

export interface ServedEndpoint {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  close(): Promise<void>;
}

/** Serves `endpoint` over real HTTP on a free port of the loopback interface. */
export const serveEndpoint = async (endpoint: Endpoint): Promise<ServedEndpoint> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
      const answer = endpoint.answer({
        method: request.method ?? 'GET',
        url,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const LONGEST_WAIT_MS = 30_000;

const deservesRetry = (result: HttpResult): boolean =>
  !result.ok || result.status === 429 || (result.status >= 500 && result.status !== 501);

/** The Http port over endpoints in memory, one per `host:port`; waits between attempts pass on `clock`. */
export const createMemoryHttp = (endpoints: Readonly<Record<string, Endpoint>>, clock: Clock): Http => {
  const attempt = (request: HttpRequest, attempts: number): HttpResult => {
    const url = new URL(request.url);
    const endpoint = endpoints[url.host];
    if (endpoint === undefined) return { ok: false, error: `connect ECONNREFUSED ${url.host}`, attempts };
    const { status, body } = endpoint.answer({ method: request.method, url, body: request.body ?? '' });
    return { ok: true, status, body, headers: { 'content-type': 'application/json' }, attempts };
  };
  return {
    async send(request, signal) {
      for (let attempts = 1; ; attempts += 1) {
        await Promise.resolve();
        signal?.throwIfAborted();
        const result = attempt(request, attempts);
        if (attempts > request.retries || !deservesRetry(result)) return result;
        await sleep(clock, Math.min(2 ** (attempts - 1) * 1000, LONGEST_WAIT_MS), signal);
      }
    },
  };
};
