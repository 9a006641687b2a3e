import type { Severity } from '../../../../../shared/api/model.ts';
import type { Loose } from '../world.ts';
import type { RuleCase } from './case.ts';
import { A, onHpa, ref, so } from './scaled.ts';

const PRIMARY = 'sum(rate(http_requests_total{app="podinfo-primary"}[1m]))';
const SOURCE = 'sum(rate(http_requests_total{app="podinfo"}[1m]))';
const Q = `${A}.primaryScalerQueries`;

const withQuery = (prom: unknown) => ref((it) => (it.primaryScalerQueries = { prom }));
const second = (trigger: Loose) =>
  so((it) => it.spec.triggers.push({ type: 'prometheus', metadata: { query: SOURCE }, ...trigger }));

const row = (id: string, says: string, [severity, path, message]: readonly [Severity, string, string]) => ({
  id: `CANARY-KEDA-${id}`,
  says,
  severity,
  path,
  message,
});

export const SCALER_QUERY_CASES: readonly RuleCase[] = [
  {
    ...row('001', 'a key that matches no trigger', [
      'deny',
      `${Q}[cpu]`,
      'ScaledObject podinfo-so has no trigger named "cpu" (it has: prom). Rename one of them.',
    ]),
    bad: ref((it) => (it.primaryScalerQueries = { prom: PRIMARY, cpu: PRIMARY })),
    good: ref(() => {}),
  },
  {
    ...row('001', 'a key whose trigger is named in the wrong place', [
      'deny',
      `${Q}[prom]`,
      '"prom" stands in metadata.name of trigger 0, which KEDA ignores. Move it to spec.triggers[0].name.',
    ]),
    bad: ref(
      () => {},
      so((it) => {
        delete it.spec.triggers[0].name;
        it.spec.triggers[0].metadata.name = 'prom';
      }),
    ),
    good: ref(() => {}),
  },
  {
    ...row('001', 'a key whose trigger has no name at all', ['deny', `${Q}[prom]`, 'Set spec.triggers[0].name: prom']),
    bad: ref(
      () => {},
      so((it) => delete it.spec.triggers[0].name),
    ),
    good: ref(() => {}),
  },
  {
    ...row('002', 'a trigger without a name', [
      'deny',
      Q,
      'trigger 1 (prometheus) of ScaledObject podinfo-so has no name',
    ]),
    bad: ref(() => {}, second({})),
    good: ref(
      () => {},
      so((it) => it.spec.triggers.push({ type: 'cpu', metadata: { value: '60' } })),
    ),
  },
  {
    ...row('002', 'a trigger without a name, and a map that asks for nothing', [
      'warn',
      Q,
      'trigger 0 (prometheus) of ScaledObject',
    ]),
    bad: ref(
      (it) => (it.primaryScalerQueries = {}),
      so((it) => delete it.spec.triggers[0].name),
    ),
    good: ref(
      (it) => delete it.primaryScalerQueries,
      so((it) => delete it.spec.triggers[0].name),
    ),
  },
  {
    ...row('003', 'a trigger that is not mentioned', [
      'warn',
      Q,
      'trigger "other" is missing here: its query is rewritten',
    ]),
    bad: ref(() => {}, second({ name: 'other' })),
    good: ref((it) => (it.primaryScalerQueries.other = PRIMARY), second({ name: 'other' })),
  },
  {
    ...row('004', 'an empty query', ['deny', `${Q}[prom]`, 'an empty query would be sent to KEDA']),
    bad: withQuery(' '),
    good: withQuery(PRIMARY),
  },
  {
    ...row('005', 'queries for a HorizontalPodAutoscaler', ['warn', Q, 'only used with a ScaledObject']),
    bad: onHpa({ primaryScalerQueries: { prom: PRIMARY } }),
    good: onHpa(),
  },
  {
    ...row('006', 'a query for a trigger that reads none', [
      'warn',
      `${Q}[nr]`,
      '"new-relic" does not read query; the primary keeps nrql unchanged',
    ]),
    bad: ref(
      (it) => (it.primaryScalerQueries.nr = 'SELECT 1'),
      so((it) => it.spec.triggers.push({ type: 'new-relic', name: 'nr', metadata: { nrql: 'SELECT 1' } })),
    ),
    good: ref(
      () => {},
      so((it) => it.spec.triggers.push({ type: 'new-relic', name: 'nr', metadata: { nrql: 'SELECT 1' } })),
    ),
  },
  {
    ...row('007', 'a query that Prometheus cannot read', [
      'warn',
      `${Q}[prom]`,
      'is not PromQL: it ends too early. Correct the query.',
    ]),
    bad: withQuery('sum(rate(http_requests_total{app="podinfo-primary"}[1m])'),
    good: withQuery(PRIMARY),
  },
  {
    ...row('007', 'a query with a mistake inside', [
      'warn',
      `${Q}[prom]`,
      'is not PromQL: at column 25, near "=podinfo-primary}"',
    ]),
    bad: withQuery('http_requests_total{app==podinfo-primary}'),
    good: withQuery('http_requests_total{app="podinfo-primary"}'),
  },
  {
    ...row('008', 'the canary’s own query', ['warn', `${Q}[prom]`, 'does not mention podinfo-primary']),
    bad: withQuery(SOURCE),
    good: withQuery(PRIMARY),
  },
  {
    ...row('009', 'a query that names no workload', [
      'warn',
      A,
      'rewriting changes nothing in the query of trigger "prom"',
    ]),
    bad: ref(
      (it) => delete it.primaryScalerQueries,
      so((it) => (it.spec.triggers[0].metadata.query = 'sum(podinfo_queue_length)')),
    ),
    good: ref((it) => delete it.primaryScalerQueries),
  },
];
