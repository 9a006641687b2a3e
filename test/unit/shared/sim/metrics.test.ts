import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../../shared/api/model.ts';
import { createMetricsModel, METRIC_ANNOTATIONS, valuesByRevision } from '../../../../shared/sim/metrics-model.ts';
import { listenPrometheus, prometheusRoute } from '../../../../shared/sim/prometheus.ts';
import { createSimHttp, routeFor } from '../../../../shared/sim/sim-http.ts';
import { aDeployment, KINDS, openWorld } from './world.ts';

const SUCCESS = 'sum(rate(http_requests_total{namespace="test",app="web"}[1m]))';
const DURATION = 'histogram_quantile(0.99, x{namespace="test"})';
const request = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  timeoutMs: 1000,
  retries: 0,
  ...more,
});

describe('the metric model', () => {
  it('is healthy until told otherwise', () => {
    const model = createMetricsModel();
    expect([SUCCESS, DURATION, 'custom_metric', 'vector(1)'].map((query) => model.answer(query))).toEqual([
      100, 0.1, 1, 1,
    ]);
  });

  it('tells namespaces apart, the longer name first', () => {
    const model = createMetricsModel();
    model.set('test', { success: 50 });
    model.set('test-2', { success: 60 });
    expect(model.answer(SUCCESS)).toBe(50);
    expect(model.answer(SUCCESS.replace('test', 'test-2'))).toBe(60);
    expect(model.answer(SUCCESS.replace('test', 'other'))).toBe(100);
  });

  it('gives no result when a value is null', () => {
    const model = createMetricsModel();
    model.set('', { custom: null });
    model.set('test', { success: null });
    expect([model.answer(SUCCESS), model.answer('custom_metric'), model.answer(DURATION)]).toEqual([null, null, 0.1]);
  });

  it('asks its sources first, until they are taken away', () => {
    const model = createMetricsModel();
    const stop = model.use((query) => (query.includes('web') ? { success: 1 } : undefined));
    expect([model.answer(SUCCESS), model.answer(DURATION)]).toEqual([1, 0.1]);
    stop();
    expect(model.answer(SUCCESS)).toBe(100);
  });

  it('remembers each query once, without its line breaks', () => {
    const model = createMetricsModel();
    model.answer('a\n  b');
    model.answer('a b');
    expect(model.queries()).toEqual(['a b']);
  });

  it('answers by the revision that runs', async () => {
    const world = openWorld();
    const model = createMetricsModel();
    model.use(valuesByRevision(world.server));
    await world.create(
      KINDS.deployment,
      aDeployment('web', {
        annotations: { [METRIC_ANNOTATIONS.success]: '80', [METRIC_ANNOTATIONS.duration]: 'none' },
      }),
    );
    await world.create(KINDS.deployment, aDeployment('web-primary'));
    expect(model.answer(SUCCESS)).toBe(80);
    expect(model.answer(DURATION.replace('x{', 'x{app="web",'))).toBeNull();
    expect(model.answer(SUCCESS.replace('"web"', '"web-primary"'))).toBe(100);
    await world.patch(KINDS.deployment, 'web', {
      spec: { template: { metadata: { annotations: { [METRIC_ANNOTATIONS.success]: '99.5' } } } },
    });
    expect(model.answer(SUCCESS)).toBe(99.5);
  });
});

describe('Prometheus', () => {
  const body = (value: string) => ({
    status: 'success',
    data: { resultType: 'vector', result: [{ metric: {}, value: [60, value] }] },
  });

  it('answers through the in-memory Http port', async () => {
    const http = createSimHttp([prometheusRoute(createMetricsModel(), 'http://prometheus:9090', () => 60_000)]);
    const answer = await http.send(request(`http://prometheus:9090/api/v1/query?query=${encodeURIComponent(SUCCESS)}`));
    expect(answer).toMatchObject({ ok: true, status: 200, attempts: 1 });
    expect(JSON.parse(answer.ok ? answer.body : '')).toEqual(body('100'));
  });

  it('has an empty result for null and refuses no query', async () => {
    const model = createMetricsModel();
    model.set('', { success: null });
    const http = createSimHttp([prometheusRoute(model, 'http://prometheus:9090', () => 0)]);
    const empty = await http.send(request('http://prometheus:9090/api/v1/query?query=x'));
    expect(empty.ok && JSON.parse(empty.body).data.result).toEqual([]);
    expect(await http.send(request('http://prometheus:9090/api/v1/query'))).toMatchObject({ status: 400 });
  });

  it('answers over sockets, to a GET and to a form', async () => {
    const prometheus = await listenPrometheus(createMetricsModel(), () => 60_000);
    try {
      const get = await fetch(`${prometheus.url}/api/v1/query?query=x`);
      const post = await fetch(`${prometheus.url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: 'x' }),
      });
      expect([await get.json(), await post.json()]).toEqual([body('100'), body('100')]);
      expect((await fetch(`${prometheus.url}/nowhere`)).status).toBe(404);
    } finally {
      await prometheus.close();
    }
  });
});

describe('the in-memory Http port', () => {
  it('refuses connections that no route takes', async () => {
    const http = createSimHttp([]);
    expect(await http.send(request('http://nobody:80/x', { retries: 2 }))).toEqual({
      ok: false,
      error: 'connect ECONNREFUSED nobody',
      attempts: 3,
    });
  });

  it('repeats what may be better next time, and only that', async () => {
    let calls = 0;
    const http = createSimHttp([
      routeFor('http://a/', () => ({ status: (calls += 1) < 3 ? 503 : 200, body: 'done' })),
      routeFor('http://b/', () => ({ status: 501 })),
    ]);
    expect(await http.send(request('http://a/', { retries: 5 }))).toEqual({
      ok: true,
      status: 200,
      body: 'done',
      headers: {},
      attempts: 3,
    });
    expect(await http.send(request('http://b/', { retries: 5 }))).toMatchObject({ status: 501, attempts: 1 });
    expect(http.sent.map(({ url }) => url)).toEqual(['http://a/', 'http://b/']);
  });
});
