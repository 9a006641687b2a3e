/** The Http port without a network: hosts that are given answer, all others refuse the connection. */
import type { HttpRequest, HttpResult } from '../api/model.ts';
import type { Http } from '../engine/ports.ts';

export interface SimResponse {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Undefined: not for this route. */
export type SimRoute = (request: HttpRequest) => SimResponse | Promise<SimResponse> | undefined;

export interface SimHttp extends Http {
  /** Every request that was sent, oldest first; one entry per request, whatever its retries. */
  readonly sent: readonly HttpRequest[];
}

/** Does the failure deserve another attempt? As the request's contract says: 429 and 5xx except 501. */
const isWorthRetrying = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

/** An Http port over routes, tried in order. Retries come at once: nothing here takes time. */
export const createSimHttp = (routes: readonly SimRoute[]): SimHttp => {
  const sent: HttpRequest[] = [];
  const once = async (request: HttpRequest): Promise<SimResponse | undefined> => {
    for (const route of routes) {
      const answer = await route(request);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return {
    sent,
    async send(request, signal): Promise<HttpResult> {
      signal?.throwIfAborted();
      sent.push(request);
      let attempts = 0;
      for (;;) {
        attempts += 1;
        const answer = await once(request);
        const isFinal = attempts > request.retries;
        if (answer === undefined && isFinal)
          return { ok: false, error: `connect ECONNREFUSED ${new URL(request.url).host}`, attempts };
        if (answer !== undefined && (isFinal || !isWorthRetrying(answer.status))) {
          return { ok: true, status: answer.status, body: answer.body ?? '', headers: answer.headers ?? {}, attempts };
        }
      }
    },
  };
};

/** A route for every URL that begins with `prefix`. */
export const routeFor =
  (prefix: string, answer: (request: HttpRequest) => SimResponse | Promise<SimResponse>): SimRoute =>
  (request) =>
    request.url.startsWith(prefix) ? answer(request) : undefined;
