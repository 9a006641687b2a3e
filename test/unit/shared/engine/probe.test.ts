import { describe, expect, it } from 'vitest';
import type { AnalysisMetric, Canary } from '../../../../shared/api/canary.ts';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { Answer, Probe } from '../../../../shared/api/model.ts';
import { answerProbe, measureAnswer } from '../../../../shared/engine/probe.ts';
import { type Scene, sceneOf } from '../../../../shared/engine/scene.ts';
import { aCanary, withAnalysis, withSpec } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { answered, type EngineWorld, openEngineWorld } from './engine-world.ts';

type Part = Extract<Probe, { ask: 'metric' }>['part'];

const TEMPLATE = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'MetricTemplate',
  metadata: { name: 'errors', namespace: 'test' },
  spec: { provider: { type: 'prometheus', address: 'http://other' }, query: 'sum(errors{app="{{ target }}-canary"})' },
};

const open = async (metric: Partial<AnalysisMetric>, ...more: Modifier<Canary>[]): Promise<[EngineWorld, Scene]> => {
  const canary = aCanary(withAnalysis({ metrics: [{ name: 'own', ...metric }] }), ...more);
  const world = await openEngineWorld([
    [KINDS.canary, canary],
    [KINDS.metricTemplate, TEMPLATE],
  ]);
  world.answer = () =>
    Promise.resolve(answered(200, '{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"7"]}]}}'));
  const scene = sceneOf(world.canary(), world.deps.settings);
  if ('problem' in scene) throw new Error(scene.problem);
  return [world, scene];
};

const ask = async (
  [world, scene]: [EngineWorld, Scene],
  part: Part,
  more: Omit<Extract<Probe, { ask: 'metric' }>, 'ask' | 'index' | 'part'> = {},
): Promise<Answer> => {
  const probe: Probe = { ask: 'metric', index: 0, part, ...more };
  const answer = await world.pass(answerProbe(scene, probe, world.deps, new AbortController().signal));
  measureAnswer(scene, probe, answer, world.deps);
  return answer;
};

const hostsOf = (world: EngineWorld): string[] => world.asked.map(({ url }) => new URL(url).host);

describe('a question about the primary', () => {
  it.each<[Part, Partial<AnalysisMetric>, string, string]>([
    ['query', { query: 'sum(errors{app="{{ target }}"})' }, 'sum(errors{app="podinfo-primary"})', 'prometheus'],
    ['template', { templateRef: { name: 'errors' } }, 'sum(errors{app="podinfo-primary"})', 'other'],
    ['builtin', { name: 'request-success-rate' }, 'kubernetes_pod_name=~"podinfo-primary-[0-9a-zA-Z]+', 'prometheus'],
  ])('is the %s with its names, asked of the same server', async (part, metric, query, host) => {
    const opened = await open(metric);
    const answer = await ask(opened, part, { side: 'primary' });
    expect(answer).toMatchObject({ kind: 'value', value: 7 });
    expect(answer).toHaveProperty('query', expect.stringContaining(query));
    expect(hostsOf(opened[0])).toEqual([host]);
  });

  it('that is the same as about the canary is not asked', async () => {
    const opened = await open({ query: 'sum(errors)' });
    expect(await ask(opened, 'query', { side: 'primary' })).toEqual({
      kind: 'error',
      message:
        'Prometheus query failed for own: the query asks the same of canary and primary: it names neither {{ target }} nor {{ service }}',
      query: '',
    });
    expect(opened[0].asked).toEqual([]);
  });

  it('that the series of a provider can not answer is not asked', async () => {
    const apisix = withSpec({
      provider: 'apisix',
      routeRef: { apiVersion: 'apisix.apache.org/v2', kind: 'ApisixRoute', name: 'podinfo' },
    });
    const opened = await open({ name: 'request-success-rate' }, apisix);
    expect(await ask(opened, 'builtin', { side: 'primary' })).toMatchObject({
      kind: 'error',
      message: 'Prometheus query failed: the series of provider apisix can not tell primary from canary',
    });
  });
});

describe('the number of requests', () => {
  it.each<[Part, Partial<AnalysisMetric>]>([
    ['builtin', { name: 'request-duration' }],
    ['query', { query: 'up', interval: '5m' }],
    ['template', { templateRef: { name: 'errors' } }],
  ])('behind a %s is that of the provider, in the same window', async (part, metric) => {
    const opened = await open(metric);
    const answer = await ask(opened, part, { about: 'samples' });
    const window = metric.interval ?? '1m';
    expect(answer).toMatchObject({ kind: 'value', value: 7 });
    expect(answer).toHaveProperty(
      'query',
      expect.stringMatching(/^sum\( increase\( http_request_duration_seconds_count/),
    );
    expect(answer).toHaveProperty('query', expect.stringContaining(`[${window}]`));
    expect(hostsOf(opened[0])).toEqual(['prometheus']);
  });
});

describe('the series of the last value', () => {
  it('is that of the canary alone', async () => {
    const opened = await open({ query: 'sum(errors{app="{{ target }}"})' });
    await ask(opened, 'query', { side: 'primary' });
    await ask(opened, 'query', { about: 'samples' });
    expect(opened[0].series.size).toBe(0);
    await ask(opened, 'query');
    expect([...opened[0].series.values()]).toEqual([7]);
  });
});
