import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { createTestClock } from '../../../make/clock.ts';
import { type Answer, json, type TestServer } from '../../../make/http-server.ts';
import { until } from '../../../make/until.ts';
import { noAccess, object, ref, start, status } from './client-harness.ts';

describe('requests to an API server', () => {
  it('use one connection again and again, and say who asks', async () => {
    const { kube, server } = await start((response) => json(response, 200, object), {}, { version: '1.2.3' });
    for (let count = 0; count < 10; count += 1) await kube.get(ref);
    expect(server.connections()).toBe(1);
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/api/v1/namespaces/test/configmaps/a' });
    expect(server.requests[0]?.message.headers['user-agent']).toMatch(/^kubectl-canary\/1\.2\.3 \(\w+\/\w+\)$/);
  });

  it('are told to the observer with resource, status and time', async () => {
    const { kube, exchanges } = await start((response, _request, count) =>
      json(response, count === 1 ? 200 : 403, count === 1 ? object : status(403, 'Forbidden', 'no')),
    );
    await kube.get(ref);
    await kube.patch(ref, {}).catch(() => {});
    expect(exchanges).toMatchObject([
      { method: 'GET', resource: 'configmaps', verb: 'get', status: 200 },
      { method: 'PATCH', resource: 'configmaps', verb: 'patch', status: 403, sent: '{}' },
    ]);
  });

  it('wait and ask again when a read is refused for a while', async () => {
    const clock = createTestClock();
    const { kube, server } = await start(
      (response, _request, count) =>
        count < 3
          ? json(response, count === 1 ? 429 : 503, status(429, 'TooManyRequests', 'slow down'), { 'retry-after': '2' })
          : json(response, 200, object),
      {},
      { clock },
    );
    const got = kube.get(ref);
    for (const round of [1, 2]) {
      await server.received(round);
      await until(() => clock.waits().includes(2000), 'the wait');
      await clock.advance(2000);
    }
    expect(await got).toEqual(object);
    expect(server.requests).toHaveLength(3);
  });

  it('are not sent twice when they write', async () => {
    const { kube, server } = await start((response) =>
      json(response, 429, status(429, 'TooManyRequests', 'slow down'), { 'retry-after': '1' }),
    );
    await expect(kube.create(KINDS.configMap, object)).rejects.toMatchObject({
      code: 'API_UNAVAILABLE',
      retryAfterMs: 1000,
      status: 429,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('give up a read after six refusals', async () => {
    const { kube, server } = await start((response) =>
      json(response, 429, status(429, 'TooManyRequests', 'slow down'), { 'retry-after': '0' }),
    );
    await expect(kube.get(ref)).rejects.toMatchObject({ code: 'API_UNAVAILABLE' });
    expect(server.requests).toHaveLength(6);
  });

  it('end at their limit', async () => {
    const clock = createTestClock();
    const { kube, server } = await start(() => {}, {}, { clock });
    const got = kube.get(ref).catch((reason: unknown) => reason);
    await server.received(1);
    await clock.advance(5000);
    const message = `the API server ${server.url} gave no answer within 5 s`;
    expect(await got).toMatchObject({ code: 'API_UNREACHABLE', message });
  });

  it("end when the caller gives up, with the caller's reason", async () => {
    const stop = new AbortController();
    const { kube, server } = await start(() => {});
    const got = kube.get(ref, { signal: stop.signal });
    await server.received(1);
    stop.abort(new Error('lease lost'));
    await expect(got).rejects.toThrow('lease lost');
  });

  it('renew credentials that helpers give, once', async () => {
    let renewed = 0;
    const credentials = {
      current: () => Promise.resolve({ ...noAccess, headers: { Authorization: `Bearer token-${renewed}` } }),
      renew: () => (renewed += 1) > 0,
    };
    const tokens: unknown[] = [];
    const answer: Answer = (response, { message }) => {
      tokens.push(message.headers.authorization);
      const good = message.headers.authorization === 'Bearer token-1';
      json(response, good ? 200 : 401, good ? object : status(401, 'Unauthorized', 'Unauthorized'));
    };
    const { kube } = await start(answer, { credentials });
    expect(await kube.get(ref)).toEqual(object);
    expect(tokens).toEqual(['Bearer token-0', 'Bearer token-1']);
    const never = await start((response) => json(response, 401, status(401, 'Unauthorized', 'Unauthorized')), {
      credentials,
    });
    await expect(never.kube.get(ref)).rejects.toMatchObject({ code: 'API_UNAUTHORIZED' });
    expect(never.server.requests).toHaveLength(2);
  });

  it('say of a refused token that it has expired, and never show it', async () => {
    const payload = Buffer.from(JSON.stringify({ exp: 1_700_000_000 })).toString('base64url');
    const headers = { Authorization: `Bearer head.${payload}.signature` };
    const credentials = { current: () => Promise.resolve({ ...noAccess, headers }), renew: () => false };
    const { kube } = await start((response) => json(response, 401, status(401, 'Unauthorized', 'Unauthorized')), {
      credentials,
    });
    const error: unknown = await kube.get(ref).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'API_UNAUTHORIZED',
      message: 'the API server does not accept the credentials of user "dev" (context lab)',
      because: 'the token expired at 2023-11-14 22:13 UTC',
      remedy: expect.stringContaining('kubectl auth whoami') as string,
    });
    expect(JSON.stringify(error)).not.toContain(payload);
  });

  it('send each group to impersonate as a header of its own', async () => {
    const headers = { 'Impersonate-User': 'me', 'Impersonate-Group': ['a', 'b,c'] };
    const credentials = { current: () => Promise.resolve({ ...noAccess, headers }), renew: () => false };
    const { kube, server } = await start((response) => json(response, 200, object), { credentials });
    await kube.get(ref);
    const raw = server.requests[0]?.message.rawHeaders ?? [];
    expect(raw.filter((_, index) => raw[index - 1] === 'Impersonate-Group')).toEqual(['a', 'b,c']);
  });

  it.each([
    { answer: '<html>404</html>', code: 404, error: { code: 'KIND_MISSING' } },
    {
      answer: '<html>hello</html>',
      code: 200,
      error: { code: 'API_UNAVAILABLE', message: expect.stringContaining('did not answer with JSON') as string },
    },
    {
      answer: '',
      code: 302,
      error: { code: 'API_UNREACHABLE', message: expect.stringContaining('a redirect') as string },
    },
    { answer: 'bad gateway', code: 502, error: { code: 'API_UNAVAILABLE', because: 'bad gateway' } },
    { answer: 'Client sent an HTTP request to an HTTPS server.', code: 400, error: { code: 'API_INVALID' } },
  ])('make an error of $code "$answer"', async ({ answer, code, error }) => {
    const { kube } = await start((response) => response.writeHead(code, { location: '/login' }).end(answer));
    await expect(kube.get(ref)).rejects.toMatchObject(error);
  });

  it('name what may not be done, and how to look into it', async () => {
    const message = 'canaries.flagger.app is forbidden: User "x" cannot list';
    const { kube } = await start((response) => json(response, 403, status(403, 'Forbidden', message)));
    await expect(kube.list(KINDS.canary, { namespace: 'prod' })).rejects.toMatchObject({
      code: 'API_FORBIDDEN',
      message: 'you may not list canaries.flagger.app in namespace "prod"',
      because: message,
      remedy: 'kubectl auth can-i list canaries.flagger.app -n prod',
    });
  });

  it('pass on the words of an admission webhook', async () => {
    const message = 'admission webhook "x" denied the request: no such trigger';
    const { kube } = await start((response) => json(response, 403, status(403, 'Forbidden', message)));
    const error: unknown = await kube.patch(ref, {}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'API_FORBIDDEN',
      message: 'the API server refused ConfigMap test/a',
      because: message,
    });
    expect((error as { remedy?: string }).remedy).toBeUndefined();
  });

  it('read a list page by page, and anew where it grew too old', async () => {
    const page = (names: string[], next?: string) => ({
      items: names.map((name) => ({ metadata: { name } })),
      metadata: { resourceVersion: '7', continue: next },
    });
    const { kube, server } = await start((response, { path }, count) => {
      if (count === 1) return json(response, 200, page(['a', 'b'], 'next one'));
      if (path.includes('continue=')) return json(response, 410, status(410, 'Expired', 'too old'));
      return json(response, 200, page(['a', 'b', 'c']));
    });
    const list = await kube.list(KINDS.configMap);
    expect(list).toMatchObject({
      resourceVersion: '7',
      items: [{ kind: 'ConfigMap', metadata: { name: 'a' } }, {}, { metadata: { name: 'c' } }],
    });
    expect(server.requests.map((request) => request.path)).toEqual([
      '/api/v1/configmaps?limit=500',
      '/api/v1/configmaps?limit=500&continue=next%20one',
      '/api/v1/configmaps',
    ]);
  });
});

describe('a server that closes kept connections', () => {
  it('costs a read nothing', async () => {
    const sockets: TestServer['requests'][number]['message']['socket'][] = [];
    const { kube, server } = await start((response, { message }) => {
      sockets.push(message.socket);
      json(response, 200, object);
    });
    for (let count = 0; count < 20; count += 1) {
      await kube.get(ref);
      sockets.at(-1)?.destroy();
    }
    expect(server.requests.length).toBeGreaterThanOrEqual(20);
  });
});
