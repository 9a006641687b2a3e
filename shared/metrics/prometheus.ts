/** A Prometheus instant query: the request, and what its answer means. */
import type { HttpRequest, HttpResult } from '../api/model.ts';

const TIMEOUT_MS = 5000;

export interface PrometheusServer {
  url: string;
  headers?: Readonly<Record<string, string>>;
  insecureSkipVerify?: boolean;
}

export const prometheusRequest = (server: PrometheusServer, query: string): HttpRequest => ({
  method: 'GET',
  url: `${server.url.replace(/\/+$/, '')}/api/v1/query?query=${encodeURIComponent(query)}`,
  timeoutMs: TIMEOUT_MS,
  retries: 0,
  ...(server.headers && { headers: server.headers }),
  ...(server.insecureSkipVerify === true && { insecureSkipVerify: true }),
});

export type Measurement = { value: number } | { empty: string } | { error: string };

const NO_VALUES = 'no values found';

interface Response {
  status?: string;
  error?: string;
  data?: { resultType?: string; result?: unknown };
}

/** The last sample of a vector, or the scalar. NaN and an empty result are no value, never zero. */
export const readPrometheus = (result: HttpResult): Measurement => {
  if (!result.ok) return { error: `request failed: ${result.error}` };
  const body = parse(result.body);
  if (result.status !== 200) return { error: `error response: ${textOf(body?.error) ?? `status ${result.status}`}` };
  if (body?.status !== 'success')
    return { error: `error response: ${textOf(body?.error) ?? 'the answer is not that of a Prometheus server'}` };
  const { resultType, result: found } = body.data ?? {};
  if (resultType === 'scalar' && Array.isArray(found)) return measured(found[1]);
  if (resultType !== 'vector' || !Array.isArray(found))
    return { error: `query returned a ${textOf(resultType) ?? 'nothing'}, a vector is needed` };
  if (found.length === 0) return { empty: NO_VALUES };
  const sample = (found.at(-1) as { value?: unknown } | null)?.value;
  return measured(Array.isArray(sample) ? (sample as unknown[])[1] : undefined);
};

const MOST_ERROR_TEXT = 300;

/** One line of at most a few hundred characters; undefined: no text at all. */
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.replace(/\s+/g, ' ').slice(0, MOST_ERROR_TEXT) : undefined;

/** Undefined: nothing that could be an answer. */
const parse = (text: string): Response | undefined => {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : undefined;
  } catch {
    return undefined;
  }
};

const INFINITIES: ReadonlyMap<unknown, number> = new Map([
  ['+Inf', Infinity],
  ['Inf', Infinity],
  ['-Inf', -Infinity],
]);

const measured = (sample: unknown): Measurement => {
  if (typeof sample !== 'string' || sample.trim() === '') return { error: 'query returned a sample without a value' };
  const value = INFINITIES.get(sample) ?? Number(sample);
  if (!Number.isNaN(value)) return { value };
  return sample === 'NaN'
    ? { empty: NO_VALUES }
    : { error: `query returned ${JSON.stringify(sample.slice(0, 50))}, which is no number` };
};
