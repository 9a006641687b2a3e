import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly message: IncomingMessage;
}

export interface TestServer {
  readonly url: string;
  readonly requests: Received[];
  /** Waits until so many requests have come. */
  received(count: number): Promise<void>;
  /** Connections that were made so far. */
  connections(): number;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: Received, count: number) => void;

const readAll = async (message: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return text;
};

/** Starts `server` on a free port of 127.0.0.1. `answer` gets each request with its number, from 1. */
export const serveOn = async (server: Server, scheme: string, answer: Answer): Promise<TestServer> => {
  const requests: Received[] = [];
  let connections = 0;
  server.on(scheme === 'https' ? 'secureConnection' : 'connection', () => (connections += 1));
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    void readAll(message).then((body) => {
      const request = { method: message.method ?? '', path: message.url ?? '', body, message };
      requests.push(request);
      answer(response, request, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    received: async (count) => void (await until(() => requests.length >= count, `request ${count}`)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** A server without TLS. */
export const serveHttp = (answer: Answer): Promise<TestServer> => serveOn(createServer(), 'http', answer);

/** Answers with JSON. */
export const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
