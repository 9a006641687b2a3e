import type { Call } from '../../support/hook-receiver.ts';
import { collapseSpace, PROBE_QUERY } from '../../support/scripted-prometheus.ts';
import { isFields, omit } from './canonical.ts';
import { normaliseStates } from './normalise-object.ts';
import type { EventRow, State, Trace } from './scenario.ts';
import { withoutCycles } from './sequences.ts';

/** The reason of every event that the reference has; ours with other reasons are not compared. */
const REASON = 'Synced';
const AGGREGATED = '(combined from similar events): ';
/** Told as often as a controller happens to look. */
const NOISE = [
  /^(?!Promotion of ).*\bnot ready\b/,
  /waiting for rollout to finish/,
  /^all the metrics providers are available!$/,
];
/** Every namespace has one. */
const OF_THE_NAMESPACE = new Set(['core/configmaps/kube-root-ca.crt']);

const isNoise = (message: unknown): boolean =>
  typeof message === 'string' && NOISE.some((pattern) => pattern.test(message));

const normaliseEvents = (rows: readonly EventRow[]): EventRow[] => {
  const plain = rows
    .filter(([, , reason]) => reason === REASON)
    .map(
      ([object, type, reason, message]): EventRow => [
        object,
        type,
        reason,
        message.startsWith(AGGREGATED) ? message.slice(AGGREGATED.length) : message,
      ],
    );
  return withoutCycles(plain.filter(([, , , message]) => !isNoise(message)));
};

const metadataOf = (body: unknown): Record<string, unknown> =>
  isFields(body) && isFields(body['metadata']) ? body['metadata'] : {};

const withoutClocks = ([name, body]: Call): Call => {
  if (!isFields(body)) return [name, body];
  const plain = omit(body, ['checksum']);
  return [name, 'metadata' in plain ? { ...plain, metadata: omit(metadataOf(body), ['timestamp']) } : plain];
};

const normaliseCalls = (calls: readonly Call[]): Call[] =>
  withoutCycles(calls.filter(([, body]) => !isNoise(metadataOf(body)['eventMessage'])).map(withoutClocks));

const normaliseQueries = (queries: readonly string[]): string[] =>
  [...new Set(queries.map(collapseSpace))].filter((query) => query !== PROBE_QUERY).sort();

const cookiesOf = (objects: Trace['objects']): string[] => {
  const canaries = Object.entries(objects).filter(([key]) => key.startsWith('flagger.app/canaries/'));
  const text = JSON.stringify(canaries);
  return [
    ...new Set([...text.matchAll(/"(?:cookieName|primaryCookieName)":"([^"]+)"/g)].map(([, name]) => name ?? '')),
  ];
};

const normaliseObjects = (objects: Trace['objects']): Record<string, State[]> => {
  const cookies = cookiesOf(objects);
  const kept = Object.entries(objects).filter(([key, states]) => states.length > 0 && !OF_THE_NAMESPACE.has(key));
  return Object.fromEntries(kept.map(([key, states]) => [key, normaliseStates(key, states, cookies)]));
};

/** Both sides of a comparison go through this: what is chance, time or another program's work is left out. */
export const normalise = (trace: Trace): Trace => ({
  objects: normaliseObjects(trace.objects),
  events: normaliseEvents(trace.events),
  hooks: normaliseCalls(trace.hooks),
  alerts: normaliseCalls(trace.alerts),
  queries: normaliseQueries(trace.queries),
});
