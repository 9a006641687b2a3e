import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Finding } from '../../shared/api/model.ts';
import type { AdmissionRequest, Operation } from './review.ts';

export type Outcome = 'allowed' | 'warned' | 'mutated' | 'denied' | 'error';

export type LookupResult = 'found' | 'absent' | 'error' | 'timeout';

/** What the webhook counts. Nothing of a user's object but its kind ever becomes a label. */
export interface WebhookMetrics {
  readonly registry: Registry;
  answered(hook: string, request: AdmissionRequest, how: { outcome: Outcome; seconds: number }): void;
  found(findings: readonly Finding[]): void;
  looked(kind: string, result: LookupResult): void;
  failed(): void;
  shed(): void;
  inFlight(change: 1 | -1): void;
  certificate(name: 'ca' | 'leaf', endsAtMs: number): void;
  stage(ordinal: number): void;
  reloaded(result: 'ok' | 'error'): void;
}

/** One series for each pair of labels, found without hashing them anew each time. */
const remembered = <T>(make: (first: string, second: string) => T): ((first: string, second: string) => T) => {
  const made = new Map<string, T>();
  return (first, second) => {
    const key = `${first} ${second}`;
    let series = made.get(key);
    if (series === undefined) made.set(key, (series = make(first, second)));
    return series;
  };
};

const KNOWN_KINDS = new Set(['Canary', 'MetricTemplate', 'AlertProvider', 'ScaledObject']);

/** Kinds come from outside: all that are not ours share one label value. */
const kindLabel = (kind: string): string => (KNOWN_KINDS.has(kind) ? kind : 'other');

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3];

/** All series of the webhook in a registry of their own. */
export const createMetrics = (): WebhookMetrics => {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `kubectl_canary_${name}`, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name: `kubectl_canary_${name}`, help, labelNames, registers });

  const requests = counter('admission_requests_total', 'Answered admission reviews', [
    'hook',
    'kind',
    'operation',
    'outcome',
    'dry_run',
  ]);
  const findings = counter('admission_rule_findings_total', 'Findings by rule', ['rule', 'severity']);
  const lookups = counter('admission_lookup_total', 'Reads of other objects', ['kind', 'result']);
  const lookupSeries = remembered((kind, result) => lookups.labels({ kind, result }));
  const failures = counter('admission_failures_total', 'Reviews that broke and let the object pass unchecked', []);
  const shed = counter('admission_shed_total', 'Reviews sent away because too many were under way', []);
  const flying = gauge('admission_in_flight', 'Reviews under way', []);
  const ends = gauge('webhook_cert_not_after_seconds', 'End of a certificate, seconds since 1970', ['cert']);
  const stage = gauge('webhook_rotation_stage', 'Stage of the change of authority: 0 steady to 3 retire', []);
  const reloads = counter('webhook_reload_total', 'Changes of the serving certificate', ['result']);
  const duration = new Histogram({
    name: 'kubectl_canary_admission_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['hook', 'kind'],
    buckets: SECONDS,
    registers,
  });

  return {
    registry,
    answered(hook, request, { outcome, seconds }) {
      const kind = kindLabel(request.kind);
      const operation: Operation = request.operation;
      requests.inc({ hook, kind, operation, outcome, dry_run: request.dryRun ? 'true' : 'false' });
      duration.observe({ hook, kind }, seconds);
    },
    found(list) {
      for (const { id, severity } of list) findings.inc({ rule: id, severity });
    },
    looked: (kind, result) => lookupSeries(kind, result).inc(),
    failed: () => failures.inc(),
    shed: () => shed.inc(),
    inFlight: (change) => flying.inc(change),
    certificate: (name, endsAtMs) => ends.set({ cert: name }, endsAtMs / 1000),
    stage: (ordinal) => stage.set(ordinal),
    reloaded: (result) => reloads.inc({ result }),
  };
};
