/** /healthz, /readyz and /metrics over plain HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CanaryError } from '../../shared/errors.ts';

export interface HealthOptions {
  /** `8080`, `:8080` or `127.0.0.1:8080`; port 0: any free one. */
  readonly port: string;
  readonly isReady: () => boolean;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

const parsePort = (text: string): { host: string | undefined; port: number } => {
  const [, host, port] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new CanaryError('USAGE', `invalid value "${text}" for --port: must be a port number`);
  return { host: host === undefined || host === '' ? undefined : host, port: Number(port) };
};

/** Listens; throws USAGE when the port cannot be had. */
export const startHealth = async (options: HealthOptions): Promise<HealthServer> => {
  const { host, port } = parsePort(options.port);
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type }).end(body);
    const path = (request.url ?? '').split('?')[0];
    if (path === '/healthz') answer(200, 'OK');
    else if (path === '/readyz') answer(options.isReady() ? 200 : 503, options.isReady() ? 'OK' : 'not ready');
    else if (path === '/metrics') {
      options.metrics.render().then(
        (body) => answer(200, body, options.metrics.contentType),
        () => answer(500, 'metrics failed'),
      );
    } else answer(404, 'not found');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? `port ${port} is in use` : `cannot listen on port ${port}: ${error.message}`;
      reject(new CanaryError('USAGE', why, { remedy: '--port 0 takes any free one' }));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
