/** Answers what the core wants to know, over HTTP and read by the pure codecs. */
import { metricsOf, webhooksOf } from '../api/defaults.ts';
import type { Answer, Probe } from '../api/model.ts';
import { targetNameOf } from '../api/names.ts';
import { hookRequest, hookVerdict } from '../hooks/payload.ts';
import { askMetric } from './ask-metric.ts';
import { askOnline } from './ask-online.ts';
import type { EngineDeps } from './deps.ts';
import { askKept } from './past.ts';
import { namespaceOf, type Scene } from './scene.ts';

/** A provider or hook that fails is an answer too. Rejects where the API server can't be read, or `signal` ended it. */
export const answerProbe = (scene: Scene, probe: Probe, deps: EngineDeps, signal: AbortSignal): Promise<Answer> => {
  if (probe.ask === 'hook') return askHook(scene, probe, deps, signal);
  if (probe.ask === 'online') return askOnline(scene, deps, signal);
  if (probe.ask === 'kept') return askKept(scene, probe.revision, deps, signal);
  return askMetric(scene, probe, deps, signal);
};

const askHook = async (
  scene: Scene,
  probe: Extract<Probe, { ask: 'hook' }>,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Answer> => {
  const hook = webhooksOf(scene.canary)[probe.index];
  if (hook === undefined) return { kind: 'hook', passed: false, error: 'the hook is gone' };
  const request = hookRequest(hook, scene.canary, probe.phase);
  if ('error' in request) return { kind: 'hook', passed: false, error: request.error };
  return { kind: 'hook', ...hookVerdict(hook.url, await deps.http.send(request, signal)) };
};

/** The last value of each metric, durations in seconds as the reference gives them. */
export const measureAnswer = ({ canary }: Scene, probe: Probe, answer: Answer, { metrics }: EngineDeps): void => {
  const metric = probe.ask === 'metric' ? metricsOf(canary)[probe.index] : undefined;
  if (metric === undefined || answer.kind !== 'value' || probe.ask !== 'metric') return;
  if (probe.side !== undefined || probe.about !== undefined) return;
  const isDuration = probe.part === 'builtin' && metric.name === 'request-duration';
  const labels = { name: targetNameOf(canary), namespace: namespaceOf(canary), metric: metric.name };
  metrics.set('flagger_canary_metric_analysis', labels, isDuration ? answer.value / 1000 : answer.value);
};
