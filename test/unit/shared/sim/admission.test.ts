import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../../shared/sim/admission-call.ts';
import { KINDS, openWorld, type Seen, type World } from './world.ts';

type Reply = (request: Seen, exchange: Exchange) => object;

/** A world whose webhooks are answered by functions, by the path in their address. */
const openHooked = (replies: Record<string, Reply>): World & { calls: string[] } => {
  const calls: string[] = [];
  const transport = async (exchange: Exchange): Promise<{ status: number; body: string }> => {
    const { request } = JSON.parse(exchange.body);
    const { pathname } = new URL(exchange.url);
    calls.push(`${pathname} ${request.operation}`);
    const response = { uid: request.uid, allowed: true, ...replies[pathname]?.(request, exchange) };
    return {
      status: 200,
      body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }),
    };
  };
  return Object.assign(
    openWorld(undefined, {
      admission: { transport, resolveService: ({ name }) => (name === 'known' ? 'https://127.0.0.1:1' : undefined) },
    }),
    { calls },
  );
};

const hook = (path: string, more: object = {}): object => ({
  name: `${path}.example.org`,
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { url: `https://hooks.example.org/${path}` },
  rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['configmaps'], operations: ['CREATE', 'UPDATE'] }],
  ...more,
});

const register = (world: World, sort: 'mutating' | 'validating', ...webhooks: object[]): Promise<Seen> =>
  world.create(sort === 'mutating' ? KINDS.mutatingWebhook : KINDS.validatingWebhook, {
    metadata: { name: `${sort}-${webhooks.length}` },
    webhooks,
  });

const patch = (...operations: object[]): object => ({
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
const add = (key: string): object => patch({ op: 'add', path: `/data/${key}`, value: '1' });
const map = (name: string, more: object = {}): object => ({ metadata: { name }, data: { own: '1' }, ...more });

describe('admission', () => {
  it('mutates one after the other and validates what came of it', async () => {
    const seen: Seen[] = [];
    const world = openHooked({
      '/first': () => add('first'),
      '/second': (request) => {
        seen.push(Object.keys(request.object.data));
        return add('second');
      },
      '/judge': (request) => {
        seen.push(Object.keys(request.object.data));
        return {};
      },
    });
    await register(world, 'mutating', hook('first'), hook('second'));
    await register(world, 'validating', hook('judge'));
    const { data } = await world.create(KINDS.configMap, map('a'));
    expect(Object.keys(data)).toEqual(['own', 'first', 'second']);
    expect(seen).toEqual([
      ['own', 'first'],
      ['own', 'first', 'second'],
    ]);
  });

  it('calls again whom a later change concerns, once', async () => {
    const world = openHooked({ '/first': () => ({}), '/second': () => add('second') });
    await register(
      world,
      'mutating',
      hook('first', { reinvocationPolicy: 'IfNeeded' }),
      hook('second', { reinvocationPolicy: 'IfNeeded' }),
    );
    await world.create(KINDS.configMap, map('a'));
    expect(world.calls).toEqual(['/first CREATE', '/second CREATE', '/first CREATE']);
  });

  it('stores nothing that is refused', async () => {
    const world = openHooked({ '/judge': () => ({ allowed: false, status: { message: 'never' } }) });
    await register(world, 'validating', hook('judge'));
    await expect(world.create(KINDS.configMap, map('a'))).rejects.toThrow('denied the request: never');
    expect(await world.names(KINDS.configMap)).toEqual([]);
  });

  it('never asks about configurations of webhooks', async () => {
    const world = openHooked({ '/judge': () => ({ allowed: false }) });
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*', '*'], operations: ['*'] }];
    await register(world, 'validating', hook('judge', { rules }));
    await world.remove(KINDS.validatingWebhook, 'validating-1');
    expect(world.calls).toEqual([]);
  });

  it.each([
    ['deployments', 'status', []],
    ['deployments/status', 'status', ['/judge UPDATE']],
    ['deployments/*', 'status', ['/judge UPDATE']],
    ['*/scale', 'scale', ['/judge UPDATE']],
    ['*', 'status', []],
    ['*/*', '', ['/judge UPDATE']],
  ])('takes the rule %s for a write of %j as it says', async (resource, subresource, calls) => {
    const world = openHooked({});
    await world.create(KINDS.deployment, {
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    });
    await register(
      world,
      'validating',
      hook('judge', {
        rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: [resource], operations: ['UPDATE'] }],
      }),
    );
    const body = subresource === 'status' ? { status: { replicas: 1 } } : { spec: { replicas: 3 } };
    const ref = { kind: KINDS.deployment, namespace: 'test', name: 'web' };
    await world.server.kube.patch(ref, body, subresource === '' ? {} : { subresource: subresource as 'status' });
    expect(world.calls).toEqual(calls);
  });

  it('selects by the labels of the namespace', async () => {
    const world = openHooked({});
    await world.create(KINDS.namespace, { metadata: { name: 'test', labels: { judged: 'yes' } } });
    await register(world, 'validating', hook('judge', { namespaceSelector: { matchLabels: { judged: 'yes' } } }));
    await world.create(KINDS.configMap, map('a'));
    await world.server.kube.create(KINDS.configMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'b', namespace: 'other' },
    });
    expect(world.calls).toEqual(['/judge CREATE']);
  });

  it('sends another version of the kind when a rule names only that', async () => {
    const seen: Seen[] = [];
    const world = openHooked({ '/judge': (request) => (seen.push(request), {}) });
    const kinds = ['v1', 'v2'].map((version) => ({
      apiVersion: `example.org/${version}`,
      kind: 'Thing',
      plural: 'things',
      namespaced: true,
    }));
    for (const kind of kinds) world.server.register(kind);
    const rules = [{ apiGroups: ['example.org'], apiVersions: ['v1'], resources: ['things'], operations: ['CREATE'] }];
    await register(world, 'validating', hook('judge', { rules }));
    await world.create(kinds[1] as (typeof kinds)[0], { metadata: { name: 'a' } });
    expect(seen.map(({ kind, requestKind, object }) => [kind.version, requestKind.version, object.apiVersion])).toEqual(
      [['v1', 'v2', 'example.org/v1']],
    );
  });

  it('finds a Service by the resolver, with its name in the certificate', async () => {
    const exchanges: Exchange[] = [];
    const world = openHooked({ '/check': (_request, exchange) => (exchanges.push(exchange), {}) });
    const service = { name: 'known', namespace: 'canary-system', path: '/check', port: 10250 };
    await register(
      world,
      'validating',
      hook('judge', { clientConfig: { service, caBundle: Buffer.from('PEM').toString('base64') }, timeoutSeconds: 3 }),
    );
    await world.create(KINDS.configMap, map('a'));
    expect(exchanges[0]).toMatchObject({
      url: 'https://127.0.0.1:1/check?timeout=3s',
      serverName: 'known.canary-system.svc',
      ca: 'PEM',
      timeoutMs: 3000,
    });
  });

  it('fails on a Service that nobody knows', async () => {
    const world = openHooked({});
    await register(world, 'validating', hook('judge', { clientConfig: { service: { name: 'lost', namespace: 'n' } } }));
    await expect(world.create(KINDS.configMap, map('a'))).rejects.toMatchObject({
      code: 'API_UNAVAILABLE',
      message: expect.stringContaining('service "lost" not found'),
    });
  });

  it.each([
    ['Fail', 'rejected'],
    ['Ignore', 'fulfilled'],
  ])('counts a condition that cannot be evaluated by the policy %s', async (failurePolicy, outcome) => {
    const world = openHooked({});
    await register(
      world,
      'validating',
      hook('judge', { failurePolicy, matchConditions: [{ name: 'bad', expression: 'object.spec.none.such > 1' }] }),
    );
    const [result] = await Promise.allSettled([world.create(KINDS.configMap, map('a'))]);
    expect([result.status, world.calls]).toEqual([outcome, []]);
  });

  it('refuses dry runs that a webhook could not undo', async () => {
    const world = openHooked({});
    world.server.store.put('admissionregistration.k8s.io/validatingwebhookconfigurations', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'old' },
      webhooks: [hook('judge', { sideEffects: 'Some' })],
    });
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'test' } };
    await expect(world.server.kube.create(KINDS.configMap, object, { dryRun: true })).rejects.toThrow(
      'does not support dry run',
    );
  });

  it('keeps virtual time from moving while a webhook is asked', async () => {
    const { createVirtualClock } = await import('../../../../shared/sim/clock.ts');
    const { createSimServer } = await import('../../../../shared/sim/server.ts');
    const clock = createVirtualClock(0);
    const transport = async ({ body }: Exchange): Promise<{ status: number; body: string }> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const { uid } = JSON.parse(body).request;
      return {
        status: 200,
        body: JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid, allowed: true },
        }),
      };
    };
    const server = createSimServer({ clock, admission: { transport, track: clock.track } });
    await server.kube.create(KINDS.validatingWebhook, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'v' },
      webhooks: [hook('judge')],
    });
    let createdAt = -1;
    clock.after(
      10,
      () =>
        void server.kube
          .create(KINDS.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'test' } })
          .then(() => (createdAt = clock.now())),
    );
    clock.after(11, () => {});
    await clock.advance(100);
    expect(createdAt).toBe(10);
  });
});
