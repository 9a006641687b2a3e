import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../../shared/api/model.ts';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { createHttp, type HttpClient, MAX_BODY_BYTES } from '../../../../shared/platform/http.ts';
import { createTestCertificate } from '../../../../shared/sim/tls.ts';
import { createTestClock, settle } from '../../../make/clock.ts';

interface Seen {
  method: string;
  path: string;
  body: string;
  headers: IncomingMessage['headers'];
}

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

const readAll = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

const serve = async (answer: (response: ServerResponse, count: number, request: IncomingMessage) => void) => {
  const seen: Seen[] = [];
  const server: Server = createServer((request, response) => {
    void readAll(request).then((body) => {
      seen.push({ method: request.method ?? '', path: request.url ?? '', body, headers: request.headers });
      answer(response, seen.length, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
};

const client = (clock = systemClock, env = {}): HttpClient => {
  const http = createHttp({ clock, env });
  open.push(() => http.close());
  return http;
};

const request = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url,
  body: '{"a":1}',
  timeoutMs: 5000,
  retries: 0,
  ...more,
});

const untilSeen = async (seen: readonly Seen[], count: number): Promise<void> => {
  while (seen.length < count) await settle();
  await settle();
};

describe('an HTTP exchange', () => {
  it('hands back status, headers and body of an answer, whatever the status', async () => {
    const { url, seen } = await serve((response) => response.writeHead(404, { 'x-a': 'b' }).end('gone'));
    const result = await client().send(request(`${url}/x`, { headers: { 'content-type': 'application/json' } }));
    expect(result).toMatchObject({ ok: true, status: 404, body: 'gone', headers: { 'x-a': 'b' }, attempts: 1 });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/x',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
  });

  it.each([
    { status: 302, method: 'GET', body: '' },
    { status: 301, method: 'GET', body: '' },
    { status: 307, method: 'POST', body: '{"a":1}' },
    { status: 308, method: 'POST', body: '{"a":1}' },
  ])('follows $status with $method', async ({ status, method, body }) => {
    const { url, seen } = await serve((response, count) =>
      count === 1 ? response.writeHead(status, { location: '/there' }).end() : response.end('ok'),
    );
    expect(await client().send(request(url))).toMatchObject({ ok: true, status: 200, body: 'ok', attempts: 1 });
    expect(seen[1]).toMatchObject({ method, path: '/there', body });
  });

  it('stops after ten redirects without trying again', async () => {
    const { url, seen } = await serve((response) => response.writeHead(302, { location: '/again' }).end());
    expect(await client().send(request(url, { retries: 3 }))).toEqual({
      ok: false,
      error: 'stopped after 10 redirects',
      attempts: 1,
    });
    expect(seen).toHaveLength(11);
  });

  it('does not carry credentials to another host', async () => {
    const other = await serve((response) => response.end('ok'));
    const { url } = await serve((response) => response.writeHead(302, { location: other.url }).end());
    await client().send(request(url, { headers: { Authorization: 'Bearer abcdefgh', 'x-kept': 'yes' } }));
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
    expect(other.seen[0]?.headers['x-kept']).toBe('yes');
  });

  it.each([400, 404, 501])('does not ask again after %i', async (status) => {
    const { url, seen } = await serve((response) => response.writeHead(status).end());
    expect(await client().send(request(url, { retries: 3 }))).toMatchObject({ status, attempts: 1 });
    expect(seen).toHaveLength(1);
  });

  it.each([429, 500, 502, 503])('asks again after %i and counts the attempts', async (status) => {
    const clock = createTestClock();
    const { url, seen } = await serve((response, count) => response.writeHead(count < 3 ? status : 200).end('done'));
    const sent = client(clock).send(request(url, { retries: 4 }));
    await untilSeen(seen, 1);
    while (!clock.waits().includes(1000)) await settle();
    await clock.advance(1000);
    await untilSeen(seen, 2);
    while (!clock.waits().includes(2000)) await settle();
    await clock.advance(2000);
    expect(await sent).toMatchObject({ ok: true, status: 200, body: 'done', attempts: 3 });
  });

  it('waits as long as a 503 asks', async () => {
    const clock = createTestClock();
    const { url } = await serve((response, count) =>
      response.writeHead(count === 1 ? 503 : 200, { 'retry-after': '7' }).end(),
    );
    const sent = client(clock).send(request(url, { retries: 1 }));
    while (!clock.waits().includes(7000)) await settle();
    await clock.advance(7000);
    expect(await sent).toMatchObject({ status: 200, attempts: 2 });
  });

  it('gives the last answer when all attempts were used', async () => {
    const { url, seen } = await serve((response) => response.writeHead(500).end('broken'));
    expect(await client().send(request(url))).toMatchObject({ ok: true, status: 500, body: 'broken', attempts: 1 });
    expect(seen).toHaveLength(1);
  });

  it('says in one line that nobody listens', async () => {
    const { url, server } = await serve((response) => response.end());
    await new Promise((resolve) => server.close(resolve));
    const result = await client().send(request(url.replace('http://', 'http://me:hunter2@')));
    expect(result).toMatchObject({ ok: false, attempts: 1 });
    expect(result.ok ? '' : result.error).toMatch(/^connection refused \(127\.0\.0\.1:\d+\)$/);
  });

  it('gives up an attempt at its limit', async () => {
    const clock = createTestClock();
    const { url, seen } = await serve(() => {});
    const sent = client(clock).send(request(url, { timeoutMs: 3000 }));
    await untilSeen(seen, 1);
    await clock.advance(3000);
    expect(await sent).toEqual({ ok: false, error: 'no answer within 3 s', attempts: 1 });
  });

  it('rejects with the reason of its signal', async () => {
    const stop = new AbortController();
    const { url, seen } = await serve(() => {});
    const sent = client().send(request(url), stop.signal);
    await untilSeen(seen, 1);
    stop.abort(new Error('lease lost'));
    await expect(sent).rejects.toThrow('lease lost');
  });

  it('reads no more than its share of a body', async () => {
    const { url } = await serve((response) => response.end(Buffer.alloc(3 * MAX_BODY_BYTES, 'x')));
    const result = await client().send(request(url));
    expect(result.ok && result.body.length).toBe(MAX_BODY_BYTES);
  });

  it.each(['ftp://example.test/', 'file:///etc/passwd', 'not a url'])('refuses %s at once', async (url) => {
    expect(await client().send(request(url, { retries: 5 }))).toMatchObject({ ok: false, attempts: 1 });
  });

  it('sends credentials of the URL as a header', async () => {
    const { url, seen } = await serve((response) => response.end());
    await client().send(request(url.replace('http://', 'http://me:hunter2@')));
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:hunter2').toString('base64')}`);
  });

  it('goes through the proxy that the request or the environment names', async () => {
    const proxy = createServer();
    const tunnelled: string[] = [];
    proxy.on(
      'connect',
      (connect, socket) => (tunnelled.push(connect.url ?? ''), socket.end('HTTP/1.1 502 no\r\n\r\n')),
    );
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => proxy.close(resolve)));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await client().send(request('http://named.test/', { proxy: address }));
    await client(systemClock, { HTTPS_PROXY: address }).send(request('https://from-environment.test/'));
    expect(tunnelled).toEqual(['named.test:80', 'from-environment.test:443']);
  });

  it('trusts no certificate of an unknown authority, asks once, and can be told not to care', async () => {
    const { cert, key } = await createTestCertificate();
    const server = createSecureServer({ cert, key }, (_request, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const unknown = 'the certificate is signed by an unknown authority';
    expect(await client().send(request(url, { retries: 3 }))).toEqual({ ok: false, error: unknown, attempts: 1 });
    const careless = client(systemClock, { HTTPS_PROXY: 'http://127.0.0.1:1' });
    expect(await careless.send(request(url, { insecureSkipVerify: true }))).toMatchObject({ ok: true, body: 'ok' });
  });

  it('keeps its connections for the next requests', async () => {
    const sockets = new Set<unknown>();
    const { url } = await serve((response, _count, incoming) => (sockets.add(incoming.socket), response.end('ok')));
    const http = client();
    for (let count = 0; count < 20; count += 1) await http.send(request(url));
    expect(sockets.size).toBeLessThanOrEqual(2);
  });
});
