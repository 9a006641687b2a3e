import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { WebhookMetrics } from './metrics.ts';

/** Why the process should get no requests, one line each; empty: it should. */
export type Readiness = () => readonly string[];

/**
 * Health, readiness and metrics. Everything else is 404 with an empty body.
 * `/healthz` answers while the process can answer at all; `/readyz` says what is missing.
 */
export const createHealthApp = (readiness: Readiness, metrics: WebhookMetrics): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const missing = readiness();
    response.status(missing.length === 0 ? 200 : 503);
    response.type('text/plain').send(missing.length === 0 ? 'ok\n' : `${missing.join('\n')}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.use((_request, response) => {
    response.status(404).end();
  });
  // Express finds an error handler by its four parameters; its own would show a stack.
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(500).end();
  });
  return app;
};
