import { afterEach } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../../shared/api/kube.ts';
import { createKube, type KubeOptions } from '../../../../shared/kube/client.ts';
import type { Access, Connection } from '../../../../shared/kube/connection.ts';
import type { Exchange } from '../../../../shared/kube/transport.ts';
import { type Answer, serveHttp } from '../../../make/http-server.ts';

/** What a test has opened, closed after it. */
const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

export const ref = refTo(KINDS.configMap, 'test', 'a');
export const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'test', resourceVersion: '5' },
};
/** A Status as the server words it. */
export const status = (code: number, reason: string, message: string, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});

export const noAccess: Access = { headers: {}, tls: { rejectUnauthorized: true }, fingerprint: '' };

/** Our client, and a server that answers as the test says. */
export const start = async (answer: Answer, more: Partial<Connection> = {}, options: KubeOptions = {}) => {
  const server = await serveHttp(answer);
  const exchanges: Exchange[] = [];
  const kube = createKube(
    {
      server: server.url,
      namespace: 'test',
      contextName: 'lab',
      user: 'dev',
      credentials: { current: () => Promise.resolve(noAccess), renew: () => false },
      requestTimeoutMs: 5000,
      warnings: [],
      ...more,
    },
    { onExchange: (exchange) => exchanges.push(exchange), ...options },
  );
  closing.push(
    () => server.close(),
    () => kube.close(),
  );
  return { server, kube, exchanges };
};
