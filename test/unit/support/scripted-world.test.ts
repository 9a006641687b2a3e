import { afterEach, describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResult } from '../../../shared/api/model.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import { createVirtualClock } from '../../../shared/sim/clock.ts';
import { createMemoryHttp, serveEndpoint } from '../../support/endpoint.ts';
import { HookReceiver, joinEndpoints } from '../../support/hook-receiver.ts';
import { ScriptedPrometheus } from '../../support/scripted-prometheus.ts';

const clock = createVirtualClock();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const fetchHttp: Http = {
  async send({ method, url, body }) {
    const response = await fetch(url, { method, ...(body === undefined ? {} : { body }) });
    return { ok: true, status: response.status, body: await response.text(), headers: {}, attempts: 1 };
  },
};

/** The same world behind a real server and behind the Http port. */
const fronts = [
  [
    'a real server',
    async (world: ReturnType<typeof joinEndpoints>) => {
      const served = await serveEndpoint(world);
      closing.push(() => served.close());
      return { http: fetchHttp, host: served.host };
    },
  ],
  [
    'memory',
    (world: ReturnType<typeof joinEndpoints>) =>
      Promise.resolve({ http: createMemoryHttp({ 'scripted:1': world }, clock), host: 'scripted:1' }),
  ],
] as const;

const ask = (url: string, body?: string): HttpRequest => ({
  method: body === undefined ? 'GET' : 'POST',
  url,
  timeoutMs: 1000,
  retries: 0,
  ...(body === undefined ? {} : { body }),
});

const answerOf = (result: HttpResult): { status: number; body: string } =>
  result.ok ? { status: result.status, body: result.body } : { status: 0, body: result.error };

const samplesOf = (result: HttpResult): unknown =>
  (JSON.parse(answerOf(result).body) as { data: { result: { value: unknown[] }[] } }).data.result.map(
    ({ value }) => value[1],
  );

describe.each(fronts)('the scripted world behind %s', (_front, open) => {
  const setUp = async () => {
    const prometheus = new ScriptedPrometheus(() => 1000);
    const hooks = new HookReceiver();
    const { http, host } = await open(joinEndpoints(hooks, prometheus));
    const query = async (text: string) =>
      samplesOf(await http.send(ask(`http://${host}/api/v1/query?query=${encodeURIComponent(text)}`)));
    return { prometheus, hooks, http, host, query };
  };

  it('answers each query from the values of the namespace that it names', async () => {
    const { prometheus, query } = await setUp();
    prometheus.setValues('shop', { success: 61.5 });
    prometheus.setValues('shop-two', { duration: null });
    expect(await query('rate(x{ns="shop"})')).toEqual(['61.5']);
    expect(await query('rate(x{ns="shop-two"})')).toEqual(['100']);
    expect(await query('histogram_quantile(x{ns="shop"})')).toEqual(['0.1']);
    expect(await query('x_latency{ns="shop-two"}')).toEqual([]);
    expect(await query('custom_metric_duration_ms{ns="shop"}')).toEqual(['1']);
    expect(await query('vector(1)')).toEqual(['1']);
  });

  it('keeps the distinct queries of a namespace, white space collapsed', async () => {
    const { prometheus, query } = await setUp();
    prometheus.setValues('shop', {});
    await query('sum(\n  rate(x{ns="shop"})\n)');
    await query('sum( rate(x{ns="shop"}) )');
    await query('vector(1)');
    expect(prometheus.queriesOf('shop')).toEqual(['sum( rate(x{ns="shop"}) )']);
  });

  it('changes the given values and keeps the others', async () => {
    const { prometheus, query } = await setUp();
    prometheus.setValues('shop', { success: 1 });
    prometheus.setValues('shop', { duration: 2 });
    expect([await query('a{shop}'), await query('histogram{shop}')]).toEqual([['1'], ['2']]);
  });

  it('records hooks and alerts by namespace and name, and answers as told', async () => {
    const { hooks, http, host } = await setUp();
    hooks.setCode('shop', 'gate', 403);
    const gate = await http.send(ask(`http://${host}/hook/shop/gate`, '{"name":"podinfo"}'));
    const load = await http.send(ask(`http://${host}/hook/shop/load`, 'not json'));
    const chat = await http.send(ask(`http://${host}/alert/shop/slack`, '{}'));
    expect([gate, load, chat].map((result) => answerOf(result).status)).toEqual([403, 200, 200]);
    expect(hooks.hooksOf('shop')).toEqual([
      ['gate', { name: 'podinfo' }],
      ['load', 'not json'],
    ]);
    expect(hooks.alertsOf('shop')).toEqual([['slack', {}]]);
    expect(hooks.hooksOf('other')).toEqual([]);
  });
});

describe('the Http port in memory', () => {
  it('tries again as the request says, waiting on the clock', async () => {
    const hooks = new HookReceiver();
    hooks.setCode('shop', 'gate', 500);
    const http = createMemoryHttp({ 'scripted:1': hooks }, clock);
    const start = clock.now();
    let result: HttpResult | undefined;
    void http
      .send({ ...ask('http://scripted:1/hook/shop/gate', '{}'), retries: 3 })
      .then((answer) => (result = answer));
    await clock.advanceUntil(() => result !== undefined);
    expect(result).toMatchObject({ ok: true, status: 500, attempts: 4 });
    expect(clock.now() - start).toBe(7000);
  });

  it('answers for an unknown host as for a refused connection', async () => {
    const result = await createMemoryHttp({}, clock).send(ask('http://nobody:1/'));
    expect(result).toEqual({ ok: false, error: 'connect ECONNREFUSED nobody:1', attempts: 1 });
  });
});
