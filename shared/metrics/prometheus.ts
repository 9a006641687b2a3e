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
  if (result.status !== 200) return { error: `error response: ${body?.error ?? `status ${result.status}`}` };
  if (body?.status !== 'success') return { error: `error response: ${body?.error ?? 'the answer is not that of a Prometheus server'}` };
  const { resultType, result: found } = body.data ?? {};
  if (resultType === 'scalar' && Array.isArray(found)) return measured(found[1]);
  if (resultType !== 'vector' || !Array.isArray(found)) return { error: `query returned a ${resultType ?? 'nothing'}, a vector is needed` };
  const last = found.at(-1) as { value?: unknown[] } | undefined;
  return last === undefined ? { empty: NO_VALUES } : measured(last.value?.[1]);
};

const parse = (text: string): Response | undefined => {
  try {
    return JSON.parse(text) as Response;
  } catch {
    return undefined;
  }
};

const measured = (sample: unknown): Measurement => {
  const text = typeof sample === 'string' ? sample : '';
  const value = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number.parseFloat(text);
  return Number.isNaN(value) ? { empty: NO_VALUES } : { value };
};
