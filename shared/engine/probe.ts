/** Asks what the core wants to know: hooks and metrics over HTTP, read by the pure codecs. */
import type { AnalysisMetric, Canary } from '../api/canary.ts';
import { metricIntervalOf, metricsOf, webhooksOf } from '../api/defaults.ts';
import { KINDS } from '../api/kinds.ts';
import { refTo } from '../api/kube.ts';
import type { MetricTemplate } from '../api/metric-template.ts';
import type { Answer, Probe } from '../api/model.ts';
import { REFERENCE_KEYS, targetNameOf } from '../api/names.ts';
import { messageOf } from '../errors.ts';
import { hookRequest, hookVerdict } from '../hooks/payload.ts';
import { type PrometheusServer, prometheusRequest, readPrometheus } from '../metrics/prometheus.ts';
import { aboutPrimary, primaryNames } from '../metrics/sides.ts';
import { inWords, renderTemplate, type TemplateData } from '../metrics/template.ts';
import { BUILT_IN } from '../rollout/assess.ts';
import type { Observer } from '../routing/observer.ts';
import type { EngineDeps } from './deps.ts';
import { askKept } from './past.ts';
import { namespaceOf, objectOf, routeContextOf, type Scene } from './scene.ts';

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

type MetricProbe = Extract<Probe, { ask: 'metric' }>;

const askMetric = async (scene: Scene, probe: MetricProbe, deps: EngineDeps, signal: AbortSignal): Promise<Answer> => {
  const metric = metricsOf(scene.canary)[probe.index];
  if (metric === undefined) return { kind: 'error', message: 'the metric is gone', query: '' };
  if (probe.part === 'template' && probe.about === undefined)
    return askTemplate(scene, { metric, probe }, deps, signal);
  const server: PrometheusServer = { url: scene.canary.spec.metricsServer || deps.settings.metricsServer };
  if (probe.part === 'query' && probe.about === undefined) {
    const inline: Wording = { failed: `Prometheus query failed for ${metric.name}`, scale: 1, emptyPrefix: '' };
    return ask(
      server,
      { render: () => queryOf(scene, { metric, probe }, metric.query ?? ''), ...inline },
      deps,
      signal,
    );
  }
  const observer = observerOf(scene);
  const [query, wording] = builtIn(observer, metric, probe);
  return ask(server, { render: () => queryOf(scene, { metric, probe, observer }, query), ...wording }, deps, signal);
};

const observerOf = ({ router, target }: Scene): Observer => router.observer(target.podSuffix);

interface MetricQuestion {
  metric: AnalysisMetric;
  probe: MetricProbe;
  /** Where the query is a built-in one. */
  observer?: Observer;
}

/** The query with the names of the side that it is about. Throws where it can't be rendered, or can't tell the sides. */
const queryOf = (scene: Scene, { metric, probe, observer }: MetricQuestion, template: string): string => {
  const worded = (data: TemplateData): TemplateData => (observer?.wordsOnly === true ? inWords(data) : data);
  const data = dataOf(scene, metric, metricIntervalOf(metric));
  const query = renderTemplate(template, worded(data));
  if (probe.side === undefined) return query;
  if (observer?.isOneSided === true)
    throw new Error(`the series of provider ${scene.provider} can not tell primary from canary`);
  const names = worded(primaryNames(data, primaryRouteOf(scene)));
  const { sides } = observer ?? observerOf(scene);
  const about = aboutPrimary(renderTemplate(template, names), names, sides);
  if (about === query)
    throw new Error('the query asks the same of canary and primary: it names neither {{ target }} nor {{ service }}');
  return about;
};

/** The revision that serves, where target and primary are one object. */
const primaryRouteOf = (scene: Scene): string | undefined =>
  scene.target.routeNameOf && objectOf(scene, scene.targetRef)?.metadata.annotations?.[REFERENCE_KEYS.primaryRevision];

const builtIn = (observer: Observer, metric: AnalysisMetric, { about }: MetricProbe): [string, Wording] => {
  const wording = { failed: 'Prometheus query failed', emptyPrefix: observer.errorPrefix };
  if (about === 'samples') return [observer.requests, { ...wording, scale: 1 }];
  return metric.name === 'request-duration'
    ? [observer.duration, { ...wording, scale: observer.durationScale }]
    : [observer.successRate, { ...wording, scale: 1 }];
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

const askTemplate = async (
  scene: Scene,
  question: MetricQuestion,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Answer> => {
  const failed = (message: string): Answer => ({ kind: 'error', message, query: '' });
  const { metric } = question;
  const { templateRef } = metric;
  if (!templateRef) return failed('Metric query failed for no usable metrics template and query were configured');
  const namespace = templateRef.namespace || namespaceOf(scene.canary);
  const where = `Metric template ${templateRef.name}.${namespace}`;
  if (deps.settings.noCrossNamespaceRefs && namespace !== namespaceOf(scene.canary)) {
    return failed(`${where} error: cross-namespace references are blocked`);
  }
  const found = (await deps.cache.get(refTo(KINDS.metricTemplate, namespace, templateRef.name), signal)) as
    | MetricTemplate
    | undefined;
  if (!found) return failed(`${where} error: metrictemplates.flagger.app "${templateRef.name}" not found`);
  const { provider, query } = found.spec;
  if (provider.type !== 'prometheus')
    return failed(`${where} provider ${provider.type} error: not supported by this version`);
  const wording = {
    failed: `Metric query failed for ${metric.name}`,
    scale: 1,
    emptyPrefix: '',
    renderFailed: `${where} query render error`,
  };
  return ask(serverOf(found), { render: () => queryOf(scene, question, query), ...wording }, deps, signal);
};

const serverOf = ({ spec: { provider } }: MetricTemplate): PrometheusServer => {
  const headers = Object.entries(provider.headers ?? {}).map(([name, values]) => [name, values.join(', ')] as const);
  return {
    url: provider.address ?? '',
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(provider.insecureSkipVerify === true && { insecureSkipVerify: true }),
  };
};

interface Wording {
  failed: string;
  scale: number;
  emptyPrefix: string;
  renderFailed?: string;
}

const ask = async (
  server: PrometheusServer,
  { render, ...wording }: Wording & { render: () => string },
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Answer> => {
  let query: string;
  try {
    query = render();
  } catch (error) {
    return { kind: 'error', message: `${wording.renderFailed ?? wording.failed}: ${messageOf(error)}`, query: '' };
  }
  const shown = query.replace(/\s+/g, ' ').trim();
  const result = readPrometheus(await deps.http.send(prometheusRequest(server, query), signal));
  if ('value' in result) return { kind: 'value', value: result.value * wording.scale, query: shown };
  if ('empty' in result) return { kind: 'empty', error: `${wording.emptyPrefix}${result.empty}`, query: shown };
  return { kind: 'error', message: `${wording.failed}: ${result.error}`, query: shown };
};

const dataOf = (scene: Scene, metric: AnalysisMetric, interval: string): TemplateData => {
  const { canary, target } = scene;
  const object = objectOf(scene, scene.targetRef);
  return {
    name: canary.metadata.name,
    namespace: namespaceOf(canary),
    target: targetNameOf(canary),
    service: routeContextOf(scene).apex,
    ingress: canary.spec.ingressRef?.name ?? targetNameOf(canary),
    route: (object && target.routeNameOf?.(object)) ?? canary.spec.routeRef?.name ?? targetNameOf(canary),
    interval,
    variables: metric.templateVariables ?? {},
  };
};

/** Do the metric providers answer at all? Asked once at first start, up to the first that does not; only told. */
const askOnline = async (scene: Scene, deps: EngineDeps, signal: AbortSignal): Promise<Answer> => {
  const query = 'vector(1)';
  for (const metric of metricsOf(scene.canary)) {
    const message = metric.templateRef
      ? await templateProblem(scene, metric.templateRef, deps, signal)
      : await serverProblem(scene.canary, metric, deps, signal);
    if (message !== undefined) return { kind: 'error', message, query };
  }
  return { kind: 'value', value: 1, query };
};

const serverProblem = async (
  canary: Canary,
  metric: AnalysisMetric,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (!BUILT_IN.includes(metric.name)) return undefined;
  const server = { url: canary.spec.metricsServer || deps.settings.metricsServer };
  return offlineProblem('prometheus', server, deps, signal);
};

const templateProblem = async (
  scene: Scene,
  ref: { name: string; namespace?: string },
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const namespace = ref.namespace || namespaceOf(scene.canary);
  const where = `metric template ${ref.name}.${namespace}`;
  const found = (await deps.cache.get(refTo(KINDS.metricTemplate, namespace, ref.name), signal)) as
    | MetricTemplate
    | undefined;
  if (!found) return `${where} error: metrictemplate.flagger.app "${ref.name}" not found`;
  const { provider } = found.spec;
  if (provider.type !== 'prometheus') return `${where} provider ${provider.type} error: not supported by this version`;
  return offlineProblem(`prometheus in ${where}`, serverOf(found), deps, signal);
};

const offlineProblem = async (
  what: string,
  server: PrometheusServer,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const result = readPrometheus(await deps.http.send(prometheusRequest(server, 'vector(1)'), signal));
  return 'value' in result ? undefined : `${what} not avaiable: ${'empty' in result ? result.empty : result.error}`;
};
