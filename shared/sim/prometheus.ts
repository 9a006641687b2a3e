/** Speaks Prometheus' query API over a metric model: as a route of the in-memory Http port, and as a real listener. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsModel } from './metrics-model.ts';
import type { SimResponse, SimRoute } from './sim-http.ts';

const json = (status: number, body: unknown): SimResponse => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

/** The answer to `/api/v1/query`; `nowMs` stamps the samples. */
const answerQuery = (model: MetricsModel, query: string | null, nowMs: number): SimResponse => {
  if (query === null || query === '')
    return json(400, {
      status: 'error',
      errorType: 'bad_data',
      error: 'invalid parameter "query": unknown position: parse error: no expression found in input',
    });
  const value = model.answer(query);
  const result = value === null ? [] : [{ metric: {}, value: [nowMs / 1000, String(value)] }];
  return json(200, { status: 'success', data: { resultType: 'vector', result } });
};

const answerPath = (model: MetricsModel, url: URL, body: string, nowMs: number): SimResponse => {
  if (url.pathname.endsWith('/api/v1/query'))
    return answerQuery(model, url.searchParams.get('query') ?? new URLSearchParams(body).get('query'), nowMs);
  if (url.pathname.endsWith('/api/v1/status/flags')) return json(200, { status: 'success', data: {} });
  return { status: 404, body: '404 page not found\n' };
};

/** A route for `createSimHttp`: all requests to the host of `address` (`http://prometheus:9090`) reach the model. */
export const prometheusRoute = (model: MetricsModel, address: string, now: () => number): SimRoute => {
  const host = new URL(address).host;
  return (request) => {
    const url = new URL(request.url);
    return url.host === host ? answerPath(model, url, request.body ?? '', now()) : undefined;
  };
};

/** Starts a listener on 127.0.0.1 that answers from the model. */
export const listenPrometheus = async (
  model: MetricsModel,
  now: () => number,
  port = 0,
): Promise<{ url: string; close(): Promise<void> }> => {
  const server = createServer((message, response) => {
    let body = '';
    message.setEncoding('utf8');
    message.on('data', (part: string) => (body += part));
    message.on('end', () => {
      const answer = answerPath(model, new URL(message.url ?? '/', 'http://127.0.0.1'), body, now());
      response.writeHead(answer.status, { ...answer.headers });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
