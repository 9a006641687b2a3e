import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CanaryError } from '../errors.ts';
import { isTlsFailure, readFailure } from '../platform/http-error.ts';

/** One request on the wire. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | undefined;
  readonly agent: Agent;
}

/** A kept connection had been closed by the other side just before it was used: nothing was answered. */
export class StaleConnection extends Error {}

const toError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new CanaryError('INTERRUPTED', 'interrupted');

/** Sends and waits for the headers of the answer. An abort later on cuts its body too. */
export const exchange = (outgoing: Outgoing, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { url, method, body, agent } = outgoing;
    const headers = outgoing.headers as Record<string, string | string[]>;
    const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { method, headers, agent });
    const stop = (): void => void sent.destroy(toError(signal.reason));
    const forget = (): void => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop, { once: true });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      forget();
      const stale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(stale ? new StaleConnection('connection closed', { cause: error }) : error);
    });
    sent.once('response', (response) => {
      response.once('close', forget);
      resolve(response);
    });
    sent.end(body);
  });

/** The whole body as text. */
export const readText = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

/** The whole body as JSON; API_UNAVAILABLE when it is something else. */
export const parseJson = (text: string, server: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CanaryError('API_UNAVAILABLE', `${server} did not answer with JSON; is it a Kubernetes API server?`);
  }
};

/** API_UNREACHABLE for whatever the network threw; a CanaryError stays what it is. */
export const unreachable = (error: unknown, server: string): CanaryError => {
  if (error instanceof CanaryError) return error;
  const { text } = readFailure(error);
  if (!isTlsFailure(error)) return new CanaryError('API_UNREACHABLE', `cannot reach the API server ${server}: ${text}`);
  return new CanaryError('API_UNREACHABLE', `the API server ${server} is not trusted: ${text}`, {
    remedy: 'name its authority with --certificate-authority, or its name with --tls-server-name',
  });
};
