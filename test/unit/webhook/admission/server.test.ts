import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { silentLog } from '../../../../shared/platform/log.ts';
import { createHealthApp } from '../../../../webhook/admission/health.ts';
import { createMetrics, type WebhookMetrics } from '../../../../webhook/admission/metrics.ts';
import { BODY_LIMIT, type Handler, IN_FLIGHT_LIMIT } from '../../../../webhook/admission/route.ts';
import { type AdmissionServer, createAdmissionServer } from '../../../../webhook/admission/server.ts';
import { aCanary } from '../../../make/canary.ts';
import { Agent, type Call, call, localCertificates, type Reply } from '../https.ts';
import { aReview } from '../reviews.ts';

const { ca, leaf } = localCertificates();

let server: AdmissionServer;
let metrics: WebhookMetrics;
let port: number;
let validate: Handler;
let missing: string[];

beforeEach(async () => {
  metrics = createMetrics();
  validate = () => ({ findings: [] });
  missing = [];
  server = createAdmissionServer({
    handlers: { '/validate': (request) => validate(request), '/mutate': () => ({ findings: [] }) },
    fallback: createHealthApp(() => missing, metrics),
    metrics,
    log: silentLog,
    clock: systemClock,
  });
  port = await server.listen(leaf, 0, '127.0.0.1');
});

afterEach(() => server.close(0));

const send = (more: Partial<Call> = {}): Promise<Reply> =>
  call({ port, ca: ca.cert, body: JSON.stringify(aReview({ object: aCanary() })), ...more });
const responseIn = (reply: Reply) => JSON.parse(reply.body).response;

test('a review gets its answer: HTTP 200, version, kind and its own uid', async () => {
  const reply = await send();
  expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json']);
  expect(JSON.parse(reply.body)).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true },
  });
});

test('a denial is HTTP 200 too; it has a 422 status with causes, a message, and warnings beside it', async () => {
  validate = () => ({
    findings: [
      { id: 'B', severity: 'warn', path: 'spec.b', message: 'is odd.', reason: 'FieldValueInvalid' },
      { id: 'A', severity: 'deny', path: 'spec.a', message: 'is wrong.', reason: 'FieldValueForbidden' },
    ],
    audit: { rules: 'A,B' },
  });
  const reply = await send();
  expect(reply.status).toBe(200);
  expect(responseIn(reply)).toEqual({
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    allowed: false,
    status: {
      status: 'Failure',
      code: 422,
      reason: 'Invalid',
      message: 'Canary "podinfo" is invalid:\n* spec.a: is wrong. [A]',
      details: {
        group: 'flagger.app',
        kind: 'Canary',
        name: 'podinfo',
        causes: [{ reason: 'FieldValueForbidden', field: 'spec.a', message: 'is wrong. [A]' }],
      },
    },
    warnings: ['spec.b: is odd. [B]'],
    auditAnnotations: { rules: 'A,B' },
  });
});

test('a patch travels as base64 with its type, and never with a denial', async () => {
  const patch = [{ op: 'add', path: '/metadata/annotations', value: {} }] as const;
  validate = () => ({ findings: [], patch });
  const changed = responseIn(await send());
  expect([changed.patchType, JSON.parse(Buffer.from(changed.patch, 'base64').toString())]).toEqual([
    'JSONPatch',
    patch,
  ]);
  validate = () => ({
    findings: [{ id: 'A', severity: 'deny', path: '', message: 'no.', reason: 'FieldValueInvalid' }],
    patch,
  });
  expect(Object.keys(responseIn(await send())).sort()).toEqual(['allowed', 'status', 'uid']);
});

test('a fault in judging lets the object pass, says so, and is counted', async () => {
  validate = () => {
    throw new Error('secret detail');
  };
  const reply = await send();
  expect(responseIn(reply)).toMatchObject({ allowed: true, warnings: [expect.stringContaining('[GEN-002]')] });
  expect(reply.body).not.toContain('secret detail');
  expect(await metrics.registry.metrics()).toContain('kubectl_canary_admission_failures_total 1');
});

const hostile: [string, Partial<Call>, number][] = [
  ['another method', { method: 'GET', body: '' }, 405],
  ['another method with a body', { method: 'PUT' }, 405],
  ['another type of content', { headers: { 'content-type': 'text/plain' } }, 415],
  ['a type that only begins alike', { headers: { 'content-type': 'application/jsonp' } }, 415],
  ['an unknown path', { path: '/validates' }, 404],
  ['a path from the prototype', { path: '/constructor' }, 404],
  ['a path outside', { path: '/../validate' }, 404],
  ['no JSON', { body: 'hello' }, 400],
  ['no body', { body: '' }, 400],
  ['JSON that is no review', { body: '{"a":1}' }, 400],
  [
    'a review without uid',
    { body: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"operation":"CREATE"}}' },
    400,
  ],
  ['a deep nest', { body: `{"request":${'['.repeat(5_000_000)}` }, 400],
  ['more than seven megabytes, announced', { body: Buffer.alloc(BODY_LIMIT + 1, ' ') }, 413],
];

test.each(hostile)('refused with an empty body: %s', async (_, more, status) => {
  const reply = await send(more);
  expect([reply.status, reply.body]).toEqual([status, '']);
});

test('after all of that the server still answers', async () => {
  for (const [, more] of hostile) await send(more).catch(() => undefined);
  expect((await send()).status).toBe(200);
});

test('a body that grows past the limit without saying so is cut off', async () => {
  const grown = call({
    port,
    ca: ca.cert,
    body: Buffer.alloc(BODY_LIMIT + 1, ' '),
    headers: { 'transfer-encoding': 'chunked' },
  }).then(
    (reply) => reply.status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  expect([413, 'ECONNRESET', 'EPIPE']).toContain(await grown);
});

test('keys of the prototype in an object are keys like others', async () => {
  const canary = aCanary();
  const body = JSON.stringify(aReview({ object: canary })).replace(
    '"spec":{',
    '"spec":{"__proto__":{"allowed":true},"constructor":{"prototype":1},',
  );
  let seen: unknown;
  validate = (request) => {
    seen = request.object?.['spec'];
    return { findings: [] };
  };
  expect(responseIn(await send({ body })).allowed).toBe(true);
  expect(Object.keys(seen as object)).toContain('__proto__');
  expect(({} as Record<string, unknown>)['allowed']).toBeUndefined();
});

test('a review in a unicode text of two megabytes is judged', async () => {
  const canary = { ...aCanary(), status: { text: 'ü😀'.repeat(350_000) } };
  expect(responseIn(await send({ body: JSON.stringify(aReview({ object: canary })) })).allowed).toBe(true);
});

test('how long the caller waits bounds the review', async () => {
  const budgets: number[] = [];
  validate = (request) => {
    budgets.push(request.budgetMs);
    return { findings: [] };
  };
  for (const query of ['', '?timeout=1s', '?timeout=30s', '?timeout=x', '?timeout='])
    await send({ path: `/validate${query}` });
  expect(budgets).toEqual([2000, 900, 2000, 2000, 2000]);
});

test('above the limit of reviews under way the caller is asked to come back', async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let judged = 0;
  let full = (): void => {};
  const isFull = new Promise<void>((resolve) => {
    full = resolve;
  });
  validate = async () => {
    judged += 1;
    if (judged === IN_FLIGHT_LIMIT) full();
    await held;
    return { findings: [] };
  };
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT_LIMIT + 1 });
  const waiting = Array.from({ length: IN_FLIGHT_LIMIT }, () => send({ agent }));
  await isFull;
  const refused = await send({ agent });
  expect([refused.status, refused.headers['retry-after'], refused.body]).toEqual([503, '1', '']);
  release();
  expect(new Set((await Promise.all(waiting)).map((reply) => reply.status))).toEqual(new Set([200]));
  expect((await send({ agent })).status).toBe(200);
  expect(await metrics.registry.metrics()).toContain('kubectl_canary_admission_shed_total 1');
  agent.destroy();
});

test('a new certificate is shown to new connections; an old connection gets one more answer and is closed', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const before = await send({ agent });
  expect(before.headers.connection).toBe('keep-alive');
  const next = localCertificates();
  server.load(next.leaf);
  const old = await send({ agent });
  expect([old.serial, old.headers.connection]).toEqual([before.serial, 'close']);
  const fresh = await send({ ca: next.ca.cert });
  expect(fresh.serial).not.toBe(before.serial);
  await expect(send()).rejects.toThrow();
  agent.destroy();
});

test('closing lets a review that is under way give its answer', async () => {
  let entered = (): void => {};
  const isIn = new Promise<void>((resolve) => {
    entered = resolve;
  });
  let release = (): void => {};
  validate = async () => {
    entered();
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return { findings: [] };
  };
  const agent = new Agent({ keepAlive: true });
  const pending = send({ agent });
  await isIn;
  const closed = server.close(10_000);
  release();
  expect((await pending).headers.connection).toBe('close');
  await closed;
  await expect(send()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  agent.destroy();
});

test('a taken port is told as such', async () => {
  const other = createAdmissionServer({
    handlers: {},
    fallback: () => {},
    metrics,
    log: silentLog,
    clock: systemClock,
  });
  await expect(other.listen(leaf, port, '127.0.0.1')).rejects.toMatchObject({
    code: 'REFUSED',
    message: `port ${port} is in use`,
  });
});

test('health and readiness are served beside admission; readiness says what is missing', async () => {
  const get = (path: string) => send({ path, method: 'GET', body: '' });
  expect((await get('/healthz')).body).toBe('ok\n');
  expect((await get('/readyz')).status).toBe(200);
  missing = ['no certificate yet'];
  const reply = await get('/readyz');
  expect([reply.status, reply.body]).toEqual([503, 'no certificate yet\n']);
  expect((await get('/metrics')).body).toContain('kubectl_canary_admission_requests_total');
});
