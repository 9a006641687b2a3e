import type { Dispatcher } from 'undici';
import type { HttpRequest, HttpResult } from '../api/model.ts';
import { type Clock, type Http, sleep } from '../engine/ports.ts';
import type { Environment } from './env-proxy.ts';
import { readFailure } from './http-error.ts';
import { createHttpPool, type HttpPool } from './http-pool.ts';
import { isRetriableStatus, parseRetryAfter, waitAfter } from './retry.ts';
import { within } from './within.ts';

/** What is read of one answer; the rest is left unread. */
export const MAX_BODY_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 10;

export interface HttpOptions {
  readonly clock: Clock;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up; the process's own environment by default. */
  readonly env?: Environment;
}

export interface HttpClient extends Http {
  /** Ends the kept connections. */
  close(): Promise<void>;
}

/** A failure that another attempt would only repeat. */
class FinalError extends Error {}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface Hop {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const parseUrl = (text: string, base?: URL): URL => {
  if (!URL.canParse(text, base?.href)) throw new FinalError('the URL cannot be read');
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new FinalError(`unsupported protocol scheme "${url.protocol.slice(0, -1)}"`);
  return url;
};

/** Credentials in a URL travel as a header, as every client sends them. */
const firstHop = (request: HttpRequest): Hop => {
  const url = parseUrl(request.url);
  const basic = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString(
    'base64',
  );
  const headers = url.username === '' ? request.headers : { authorization: `Basic ${basic}`, ...request.headers };
  url.username = '';
  url.password = '';
  return { url, method: request.method, headers: headers ?? {}, body: request.body };
};

const SENSITIVE = new Set(['authorization', 'cookie', 'www-authenticate', 'proxy-authorization']);

const without = (headers: Readonly<Record<string, string>>, drop: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !drop(name.toLowerCase())));

/** Where a redirect leads, or undefined when the answer is final. 301, 302 and 303 turn into a GET without a body. */
const nextHop = (hop: Hop, status: number, location: string | undefined): Hop | undefined => {
  if (location === undefined || location === '' || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const url = parseUrl(location, hop.url);
  const kept = url.host === hop.url.host ? hop.headers : without(hop.headers, (name) => SENSITIVE.has(name));
  if (status >= 307) return { ...hop, url, headers: kept };
  return { url, method: 'GET', headers: without(kept, (name) => name.startsWith('content-')), body: undefined };
};

const readBody = async (body: Dispatcher.ResponseData['body']): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8');
};

const flatten = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );

/** One attempt, redirects included. */
const exchange = async (pool: HttpPool, request: HttpRequest, signal: AbortSignal): Promise<Answer> => {
  const undici = await import('undici');
  let hop = firstHop(request);
  for (let count = 0; count <= MAX_REDIRECTS; count += 1) {
    const { url, method, headers, body } = hop;
    const answer = await undici.request(url, {
      dispatcher: await pool.pick(url, request),
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    const flat = flatten(answer.headers);
    const next = nextHop(hop, answer.statusCode, flat['location']);
    if (next === undefined) return { status: answer.statusCode, headers: flat, body: await readBody(answer.body) };
    await answer.body.dump();
    hop = next;
  }
  throw new FinalError(`stopped after ${MAX_REDIRECTS} redirects`);
};

/**
 * Sends as the request says: a limit per attempt (0: none of ours, the client's own five minutes stay), redirects followed, further attempts after transport errors, 429 and
 * 5xx (not 501), `Retry-After` obeyed on 429 and 503. Rejects only with the signal's reason.
 */
export const createHttp = ({ clock, env = process.env }: HttpOptions): HttpClient => {
  const pool = createHttpPool(env);

  const attempt = async (
    request: HttpRequest,
    signal: AbortSignal | undefined,
  ): Promise<Answer | { failed: string; again: boolean }> => {
    try {
      const { timeoutMs } = request;
      const late = (): Error => new Error(`no answer within ${timeoutMs / 1000} s`);
      return await within({ clock, timeoutMs, signal, late }, (limited) => exchange(pool, request, limited));
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      const { text, retriable } = readFailure(error);
      return { failed: text, again: retriable && !(error instanceof FinalError) };
    }
  };

  const send = async (request: HttpRequest, signal?: AbortSignal): Promise<HttpResult> => {
    signal?.throwIfAborted();
    for (let attempts = 1; ; attempts += 1) {
      const got = await attempt(request, signal);
      const failed = 'failed' in got;
      const again = failed ? got.again : isRetriableStatus(got.status);
      if (!again || attempts > request.retries)
        return failed ? { ok: false, error: got.failed, attempts } : { ok: true, ...got, attempts };
      const asked =
        !failed && (got.status === 429 || got.status === 503)
          ? parseRetryAfter(got.headers['retry-after'], clock.now())
          : undefined;
      await sleep(clock, waitAfter(attempts, asked), signal);
    }
  };

  return { send, close: () => pool.close() };
};
