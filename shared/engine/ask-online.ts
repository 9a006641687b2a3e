/** Do the metric providers answer at all? */
import type { AnalysisMetric, Canary } from '../api/canary.ts';
import { metricsOf } from '../api/defaults.ts';
import type { Answer } from '../api/model.ts';
import { type PrometheusServer, prometheusRequest, readPrometheus } from '../metrics/prometheus.ts';
import { BUILT_IN } from '../rollout/assess.ts';
import { readTemplate, serverOf } from './ask-metric.ts';
import type { EngineDeps } from './deps.ts';
import { namespaceOf, type Scene } from './scene.ts';

/** Asked that has an answer wherever there is a server. */
const QUERY = 'vector(1)';

/** Asked once at first start, up to the first that does not; only told. */
export const askOnline = async (scene: Scene, deps: EngineDeps, signal: AbortSignal): Promise<Answer> => {
  for (const metric of metricsOf(scene.canary)) {
    const message = metric.templateRef
      ? await templateProblem(scene, metric.templateRef, deps, signal)
      : await serverProblem(scene.canary, metric, deps, signal);
    if (message !== undefined) return { kind: 'error', message, query: QUERY };
  }
  return { kind: 'value', value: 1, query: QUERY };
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
  const found = await readTemplate(ref.name, namespace, deps, signal);
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
  const result = readPrometheus(await deps.http.send(prometheusRequest(server, QUERY), signal));
  return 'value' in result ? undefined : `${what} not avaiable: ${'empty' in result ? result.empty : result.error}`;
};
