/** Webhooks as data: what is sent, and what an answer means. The shapes are the reference's contract with receivers. */
import type { AnalysisWebhook, Canary } from '../api/canary.ts';
import { hookRetriesOf, hookTimeoutMsOf } from '../api/defaults.ts';
import { hookChecksum } from '../api/digest.ts';
import type { HttpRequest, HttpResult } from '../api/model.ts';
import { SECRET_PARAMETER } from '../api/secret-parameter.ts';

/** No limit was asked for; a pass must end all the same. */
const UNLIMITED_MS = 600_000;
const EVENT_TIMEOUT_MS = 10_000;

interface Payload {
  name: string;
  namespace: string;
  phase: string;
  checksum: string;
  metadata?: Record<string, string>;
}

const payloadOf = (canary: Canary, phase: string, metadata: Record<string, string>): Payload => ({
  name: canary.metadata.name,
  namespace: canary.metadata.namespace ?? '',
  phase,
  checksum: hookChecksum(canary.status?.trackedConfigs, canary.status?.lastAppliedSpec ?? ''),
  ...(Object.keys(metadata).length > 0 && { metadata }),
});

const post = (url: string, payload: Payload): Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'> => ({
  method: 'POST',
  url,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(payload),
});

/** The call of a hook; `error` when its timeout can't be read, which fails the hook as in the reference. */
export const hookRequest = (hook: AnalysisWebhook, canary: Canary, phase: string): HttpRequest | { error: string } => {
  const timeoutMs = hookTimeoutMsOf(hook);
  if (timeoutMs === undefined) return { error: `time: missing unit in duration "${hook.timeout}"` };
  return {
    ...post(hook.url, payloadOf(canary, phase, { ...hook.metadata })),
    timeoutMs: timeoutMs === 0 ? UNLIMITED_MS : timeoutMs,
    retries: hookRetriesOf(hook),
    ...(hook.disableTLS === true && { insecureSkipVerify: true }),
  };
};

export interface EventText {
  message: string;
  type: 'Normal' | 'Warning';
  /** Milliseconds since 1970. */
  time: number;
  phase: string;
}

/** The call that tells an event; the hook's own metadata gives way to ours. */
export const eventRequest = (hook: AnalysisWebhook, canary: Canary, event: EventText): HttpRequest => {
  const metadata = {
    ...hook.metadata,
    eventMessage: event.message,
    eventType: event.type,
    timestamp: String(event.time),
  };
  return {
    ...post(hook.url, payloadOf(canary, event.phase, metadata)),
    timeoutMs: hookTimeoutMsOf(hook) || EVENT_TIMEOUT_MS,
    retries: hookRetriesOf(hook),
    ...(hook.disableTLS === true && { insecureSkipVerify: true }),
  };
};

const MOST_ERROR_TEXT = 1000;

/** Texts of failures are told to everybody: a name and password before the host are not, nor keys in the query. */
const withoutCredentials = (url: string): string => {
  const fragment = url.search(/#|$/);
  const address = url.slice(0, fragment).replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1');
  return address.replace(SECRET_PARAMETER, '$1***') + url.slice(fragment);
};

/**
 * Passed up to 202. Otherwise the body says why; where it was tried again in vain the text names the attempts alone,
 * as receivers of the reference's events know it.
 */
export const hookVerdict = (url: string, result: HttpResult): { passed: boolean; error: string } => {
  const gaveUp = `POST ${withoutCredentials(url)} giving up after ${result.attempts} attempt(s)`;
  if (!result.ok) return { passed: false, error: `${gaveUp}: ${result.error}` };
  if (result.status <= 202) return { passed: true, error: '' };
  const isRetried = result.status === 429 || (result.status >= 500 && result.status !== 501);
  return { passed: false, error: isRetried ? gaveUp : result.body.trim().slice(0, MOST_ERROR_TEXT) };
};
