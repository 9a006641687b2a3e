import type { Answer, Endpoint, Exchange } from './endpoint.ts';

/** What the scripted metrics are right now; null is an empty result. */
export interface MetricValues {
  readonly success: number | null;
  /** Seconds or milliseconds, as the query asks for it. */
  readonly duration: number | null;
  readonly custom: number | null;
}

const DEFAULTS: MetricValues = { success: 100, duration: 0.1, custom: 1 };

/** Asked to see whether the server is there at all. */
export const PROBE_QUERY = 'vector(1)';

export const collapseSpace = (text: string): string => text.trim().split(/\s+/).join(' ');

const valueFor = (query: string, values: MetricValues): number | null => {
  if (query.includes('custom_metric')) return values.custom;
  if (/histogram|latency|_duration_ms/.test(query)) return values.duration;
  if (query === PROBE_QUERY) return 1;
  return values.success;
};

/**
 * A Prometheus that answers instant queries from a script. Namespaces share one server: a query belongs to the longest
 * namespace that it names.
 */
export class ScriptedPrometheus implements Endpoint {
  readonly #values = new Map<string, MetricValues>();
  readonly #queries = new Map<string, Set<string>>();
  readonly #now: () => number;

  /** `now` stamps the samples, in milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Changes the given values of one namespace; the others stay. The first call makes the namespace known. */
  setValues(namespace: string, values: Partial<MetricValues>): void {
    this.#values.set(namespace, { ...(this.#values.get(namespace) ?? DEFAULTS), ...values });
  }

  /** The distinct queries that named the namespace, in order of arrival, white space collapsed. */
  queriesOf(namespace: string): string[] {
    return [...(this.#queries.get(namespace) ?? [])];
  }

  answer({ method, url, body }: Exchange): Answer {
    if (!url.pathname.endsWith('/api/v1/query')) return { status: 200, body: '{"status":"success","data":{}}' };
    const form = method === 'POST' ? new URLSearchParams(body) : url.searchParams;
    const query = collapseSpace(form.get('query') ?? url.searchParams.get('query') ?? '');
    if (query === '') return { status: 400, body: '{"status":"error","errorType":"bad_data","error":"no query"}' };
    const namespace = this.#namespaceOf(query);
    this.#remember(namespace, query);
    const value = valueFor(query, this.#values.get(namespace) ?? DEFAULTS);
    const result = value === null ? [] : [{ metric: {}, value: [this.#now() / 1000, String(value)] }];
    return { status: 200, body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }) };
  }

  #namespaceOf(query: string): string {
    const named = [...this.#values.keys()].filter((namespace) => query.includes(namespace));
    return named.reduce((longest, namespace) => (namespace.length > longest.length ? namespace : longest), '');
  }

  #remember(namespace: string, query: string): void {
    const seen = this.#queries.get(namespace) ?? new Set<string>();
    this.#queries.set(namespace, seen.add(query));
  }
}
