/** Asks for a metric's value: a built-in query, one in the Canary, or one of a template. */
import type { AnalysisMetric } from '../api/canary.ts';
import { metricIntervalOf, metricsOf } from '../api/defaults.ts';
import { KINDS } from '../api/kinds.ts';
import { refTo } from '../api/kube.ts';
import type { MetricTemplate } from '../api/metric-template.ts';
import type { Answer, Probe } from '../api/model.ts';
import { REFERENCE_KEYS, targetNameOf } from '../api/names.ts';
import { messageOf } from '../errors.ts';
import { type PrometheusServer, prometheusRequest, readPrometheus } from '../metrics/prometheus.ts';
import { aboutPrimary, primaryNames } from '../metrics/sides.ts';
import { inWords, renderTemplate, type TemplateData } from '../metrics/template.ts';
import type { Observer } from '../routing/observer.ts';
import type { EngineDeps } from './deps.ts';
import { namespaceOf, objectOf, routeContextOf, type Scene } from './scene.ts';

type MetricProbe = Extract<Probe, { ask: 'metric' }>;

/** What can't be asked or read becomes an answer of kind `error`, in the reference's words. */
export const askMetric = async (
  scene: Scene,
  probe: MetricProbe,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Answer> => {
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
  const found = await readTemplate(templateRef.name, namespace, deps, signal);
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

/** Undefined: there is none of that name. */
export const readTemplate = async (
  name: string,
  namespace: string,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<MetricTemplate | undefined> =>
  (await deps.cache.get(refTo(KINDS.metricTemplate, namespace, name), signal)) as MetricTemplate | undefined;

/** Where a template's provider is, and what it is to be sent. */
export const serverOf = ({ spec: { provider } }: MetricTemplate): PrometheusServer => {
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
