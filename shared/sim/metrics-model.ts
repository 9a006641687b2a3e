/** What a metrics server would answer: values by namespace, by workload or by a script. */
import type { KubeObject } from '../api/kube.ts';
import { fieldsAt } from './json.ts';
import type { SimServer } from './server.ts';

/** Null: the query has an empty result. */
export interface MetricValues {
  /** Percent of requests that succeed. */
  success: number | null;
  /** As the query's own unit has it: seconds, or milliseconds. */
  duration: number | null;
  custom: number | null;
}

export type ValueSource = (query: string) => Partial<MetricValues> | undefined;

export interface MetricsModel {
  /** Sets values of a namespace; the empty name sets those of all others. */
  set(namespace: string, values: Partial<MetricValues>): void;
  /** Asks `source` first, for each query. Its undefined parts come from `set`. Returns how to stop. */
  use(source: ValueSource): () => void;
  /** The value of an instant query; null: no result. */
  answer(query: string): number | null;
  /** Distinct queries in the order they first came, white space collapsed. */
  queries(): string[];
}

const HEALTHY: MetricValues = { success: 100, duration: 0.1, custom: 1 };

/** Which value a query is about; undefined for the constant that only asks whether the server is there. */
const subjectOf = (query: string): keyof MetricValues | undefined => {
  if (query === 'vector(1)') return undefined;
  if (query.includes('custom_metric')) return 'custom';
  return /histogram|latency|_duration_ms/.test(query) ? 'duration' : 'success';
};

/** A model in which everything is healthy until told otherwise. */
export const createMetricsModel = (): MetricsModel => {
  const values = new Map<string, Partial<MetricValues>>();
  const sources = new Set<ValueSource>();
  const seen = new Set<string>();
  /** The longest known namespace in the query, so that `test-2` is not taken for `test`. */
  const namespaceOf = (query: string): string =>
    [...values.keys()].filter((name) => name !== '' && query.includes(name)).sort((a, b) => b.length - a.length)[0] ??
    '';
  return {
    set(namespace, changed) {
      values.set(namespace, { ...values.get(namespace), ...changed });
    },
    use(source) {
      sources.add(source);
      return () => sources.delete(source);
    },
    answer(text) {
      const query = text.trim().replace(/\s+/g, ' ');
      seen.add(query);
      const subject = subjectOf(query);
      if (subject === undefined) return 1;
      for (const source of sources) {
        const value = source(query)?.[subject];
        if (value !== undefined) return value;
      }
      return chosen(subject, values.get(namespaceOf(query)), values.get(''));
    },
    queries: () => [...seen],
  };
};

/** A null that was set on purpose stays null; what nobody set is healthy. */
const chosen = (
  subject: keyof MetricValues,
  own?: Partial<MetricValues>,
  all?: Partial<MetricValues>,
): number | null => {
  if (own?.[subject] !== undefined) return own[subject];
  return all?.[subject] === undefined ? HEALTHY[subject] : all[subject];
};

/** Annotations of a pod template that say how its pods behave: a number, or `none` for no result. */
export const METRIC_ANNOTATIONS: Readonly<Record<keyof MetricValues, string>> = {
  success: 'sim.kubectl-canary/success',
  duration: 'sim.kubectl-canary/duration',
  custom: 'sim.kubectl-canary/custom',
};

const readAnnotations = (workload: KubeObject): Partial<MetricValues> => {
  const annotations = fieldsAt(workload, 'spec', 'template', 'metadata', 'annotations');
  const values: Partial<MetricValues> = {};
  for (const subject of ['success', 'duration', 'custom'] as const) {
    const text = annotations[METRIC_ANNOTATIONS[subject]];
    if (typeof text === 'string') values[subject] = text === 'none' ? null : Number(text);
  }
  return values;
};

/** Words of a query: `podinfo` is found in `podinfo-canary` and in the pattern of its pods, not in `podinfo-primary`. */
const names = (query: string, word: string): boolean =>
  new RegExp(`(^|[^a-zA-Z0-9-])${word.replace(/[^a-zA-Z0-9-]/g, '\\$&')}($|[^a-zA-Z0-9-]|-canary|-\\[)`).test(query);

/**
 * Values by revision: a query that names a Deployment (not its primary) and its namespace is answered from the
 * annotations of that Deployment's pod template, so that one revision is good and the next is bad.
 */
export const valuesByRevision =
  (server: SimServer): ValueSource =>
  (query) => {
    const named = server.store
      .list('apps/deployments', '')
      .filter((workload) => query.includes(workload.metadata.namespace ?? '') && names(query, workload.metadata.name))
      .sort((a, b) => b.metadata.name.length - a.metadata.name.length)[0];
    return named === undefined ? undefined : readAnnotations(named);
  };
