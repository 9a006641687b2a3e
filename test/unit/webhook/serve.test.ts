import { afterEach, beforeEach, expect, test } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import type { Cache } from '../../../shared/engine/ports.ts';
import { CanaryError, type ErrorCode } from '../../../shared/errors.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { silentLog } from '../../../shared/platform/log.ts';
import { startWebhook, type Webhook, type World } from '../../../webhook/serve.ts';
import { readSettings, type Settings } from '../../../webhook/settings.ts';
import { aCanary, withAnalysis } from '../../make/canary.ts';
import { createFakeKube, type FakeKube } from './fake-kube.ts';
import { call } from './https.ts';
import { aReview } from './reviews.ts';

const FLAGS = ['--address', '127.0.0.1', '--port', '0', '--health-port', '0', '--drain-delay', '0s'];
const REGISTER = ['--register', '--url', 'https://127.0.0.1:0'];

let kube: FakeKube;
let running: Webhook[];
let abort: AbortController;

beforeEach(() => {
  kube = createFakeKube();
  running = [];
  abort = new AbortController();
});

afterEach(async () => {
  for (const webhook of running) await webhook.stop();
});

const emptyCache: Cache = {
  get: async () => undefined,
  list: async () => [],
  put: () => {},
  drop: () => {},
  onChange: () => () => {},
  close: () => {},
};

const start = async (flags: readonly string[] = REGISTER, world: Partial<World> = {}): Promise<Webhook> => {
  const settings = readSettings([...FLAGS, ...flags], {}) as Settings;
  const all = { kube, cache: emptyCache, clock: systemClock, log: silentLog, ...world };
  const webhook = await startWebhook(settings, all, abort.signal);
  running.push(webhook);
  return webhook;
};

const look = async (webhook: Webhook, path: string) => {
  const response = await fetch(`http://127.0.0.1:${webhook.healthPort}${path}`);
  return [response.status, await response.text()];
};

interface Configuration {
  webhooks: { clientConfig: { url: string; caBundle: string } }[];
}

const registered = (): Configuration['webhooks'][number]['clientConfig'] | undefined => {
  const found = kube.find(KINDS.mutatingWebhook, '', 'kubectl-canary') as unknown as Configuration | undefined;
  return found?.webhooks[0]?.clientConfig;
};

test('a process that registers can be called with what it registered', async () => {
  const webhook = await start();
  const config = registered();
  expect(config?.url).toBe(`https://127.0.0.1:${webhook.port}/mutate`);
  const ca = Buffer.from(config?.caBundle ?? '', 'base64').toString();
  const body = JSON.stringify(aReview({ object: aCanary(withAnalysis({ interval: '1h' })) }));
  const reply = await call({ port: webhook.port, ca, path: '/mutate', body });
  expect(JSON.parse(reply.body).response).toMatchObject({ allowed: false, status: { code: 422, reason: 'Invalid' } });
  expect(await look(webhook, '/readyz')).toEqual([200, 'ok\n']);
});

test('a process without configurations serves and is not ready, and says why', async () => {
  const webhook = await start([]);
  expect(await look(webhook, '/healthz')).toEqual([200, 'ok\n']);
  expect(await look(webhook, '/readyz')).toEqual([503, 'the webhook configurations do not exist yet\n']);
});

test('a process that watches nothing yet is not ready', async () => {
  const webhook = await start(REGISTER, { cache: { ...emptyCache, list: () => new Promise(() => {}) } });
  expect(await look(webhook, '/readyz')).toEqual([503, 'objects are not watched yet\n']);
});

test('kinds that are not installed and lists that are forbidden keep nobody from serving', async () => {
  for (const code of ['KIND_MISSING', 'API_FORBIDDEN'] as ErrorCode[]) {
    const list = async () => {
      throw new CanaryError(code, 'no');
    };
    const webhook = await start(REGISTER, { cache: { ...emptyCache, list } });
    expect((await look(webhook, '/readyz'))[0]).toBe(200);
  }
});

test('after stop nothing listens any more', async () => {
  const webhook = await start();
  await webhook.stop();
  await expect(call({ port: webhook.port, ca: '' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(look(webhook, '/healthz')).rejects.toThrow();
});

test.each<[string, ErrorCode, readonly string[]]>([
  ['rights that are missing', 'API_FORBIDDEN', REGISTER],
  ['certificate files that are missing', 'INPUT_UNREADABLE', ['--certs', '/nowhere']],
])('%s end the start at once and leave nothing behind', async (_, code, flags) => {
  kube.before = () => {
    throw new CanaryError('API_FORBIDDEN', 'you may not get secrets');
  };
  await expect(start(flags)).rejects.toMatchObject({ code });
});

test('a taken port ends the start', async () => {
  const webhook = await start();
  await expect(start([...REGISTER, '--port', String(webhook.port)])).rejects.toMatchObject({
    code: 'REFUSED',
    message: `port ${webhook.port} is in use`,
  });
});

test('an unreachable API server is waited for, until somebody asks for the end', async () => {
  let asked = (): void => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  kube.before = () => {
    asked();
    throw new CanaryError('API_UNREACHABLE', 'connection refused');
  };
  const starting = start();
  const ended = expect(starting).rejects.toThrow('SIGTERM');
  await isAsked;
  abort.abort(new Error('SIGTERM'));
  await ended;
});
