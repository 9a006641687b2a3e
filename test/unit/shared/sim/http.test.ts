import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { createVirtualClock } from '../../../../shared/sim/clock.ts';
import type { Listening } from '../../../../shared/sim/http.ts';
import { createSimServer, type SimServer } from '../../../../shared/sim/server.ts';
import type { Seen } from './world.ts';

const MAPS = '/api/v1/namespaces/test/configmaps';

describe('the server over sockets', () => {
  let server: SimServer;
  let listening: Listening;
  const seen: string[] = [];
  beforeEach(async () => {
    server = createSimServer({ clock: systemClock });
    seen.length = 0;
    listening = await server.listen({ onRequest: (method, url) => seen.push(`${method} ${url}`) });
  });
  afterEach(() => listening.close());

  const ask = async (
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Seen }> => {
    const answer = await fetch(listening.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };

  it('takes an apply in YAML', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n';
    const { status, body } = await ask('PATCH', `${MAPS}/a?fieldManager=me`, yaml, {
      'content-type': 'application/apply-patch+yaml',
    });
    expect([status, body.data]).toEqual([201, { k: 'v' }]);
  });

  it('refuses what it cannot read', async () => {
    expect((await ask('POST', MAPS, '{')).status).toBe(400);
    expect((await ask('POST', MAPS, '[1]')).body.message).toContain('the object provided is unrecognized');
    const protobuf = await ask('POST', MAPS, 'k8s\0', { 'content-type': 'application/vnd.kubernetes.protobuf' });
    expect([protobuf.status, protobuf.body.message]).toEqual([
      415,
      expect.stringContaining('this simulated server takes JSON'),
    ]);
  });

  it('refuses a body beyond what the real server takes', async () => {
    const { status } = await ask(
      'POST',
      MAPS,
      JSON.stringify({ metadata: { name: 'a' }, data: { big: 'x'.repeat(3 * 1024 * 1024) } }),
    );
    expect(status).toBe(400);
  });

  it('lets a client speak for somebody else', async () => {
    const review = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
    const { body } = await ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review, {
      'impersonate-user': 'jane',
      'impersonate-group': 'dev',
    });
    expect(body.status.userInfo).toEqual({ username: 'jane', groups: ['dev', 'system:authenticated'] });
  });

  it('knows methods that a resource does not', async () => {
    expect((await ask('POST', `${MAPS}/a`, '{}')).body.reason).toBe('MethodNotAllowed');
    expect((await ask('PUT', MAPS, '{}')).body.reason).toBe('MethodNotAllowed');
    expect((await ask('GET', '/apis/authentication.k8s.io/v1/selfsubjectreviews')).body.reason).toBe(
      'MethodNotAllowed',
    );
  });

  it('says inside the stream that a version is too old', async () => {
    await ask('POST', MAPS, '{"metadata":{"name":"a"}}');
    server.store.compact();
    const answer = await fetch(`${listening.url}${MAPS}?watch=true&resourceVersion=2`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(await answer.text())).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });

  it('ends all watches when it closes', async () => {
    const answer = await fetch(`${listening.url}${MAPS}?watch=true`);
    const text = answer.text();
    await listening.close();
    expect(await text).toBe('');
    listening = await server.listen();
  });

  it('shows each request to whoever wants to know', async () => {
    await ask('GET', '/version');
    expect(seen).toEqual(['GET /version']);
  });

  it('writes a kubeconfig that names it', () => {
    expect(listening.kubeconfig).toContain(`server: ${listening.url}`);
    expect(listening.kubeconfig).not.toContain('token');
  });
});

describe('a watch in virtual time', () => {
  it('sends bookmarks now and then, and ends when its time is over', async () => {
    const clock = createVirtualClock();
    const server = createSimServer({ clock });
    const listening = await server.listen();
    try {
      const answer = await fetch(
        `${listening.url}${MAPS}?watch=true&allowWatchBookmarks=true&timeoutSeconds=25&resourceVersion=${server.store.revision()}`,
      );
      const text = answer.text();
      await clock.advance(25_000);
      const types = (await text)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type);
      expect(types).toEqual(['BOOKMARK', 'BOOKMARK', 'BOOKMARK']);
    } finally {
      await listening.close();
    }
  });
});
