import { type Loose, blueGreen, creating, hpa, kedaCanary, scaledObject } from '../world.ts';
import type { RuleCase } from './case.ts';

const ref = (change: (ref: Loose) => void, others = [scaledObject()]) => creating(kedaCanary((it) => change(it.spec.autoscalerRef)), others);
const so = (change: (it: Loose) => void) => [scaledObject(change)];
const withQuery = (prom: unknown, others = [scaledObject()]) => ref((it) => (it.primaryScalerQueries = { prom }), others);
const onHpa = (more: Loose = {}, others = [hpa()]) =>
  creating(
    blueGreen((it) => (it.spec.autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo', ...more })),
    others,
  );
const PRIMARY = 'sum(rate(http_requests_total{app="podinfo-primary"}[1m]))';
const SOURCE = 'sum(rate(http_requests_total{app="podinfo"}[1m]))';
const OWNED_BY = (kind: string, name: string) => [{ apiVersion: 'x/v1', kind, name, uid: 'u' }];
const LONG = 'a'.repeat(47);
const second = (trigger: Loose) => so((it) => it.spec.triggers.push({ type: 'prometheus', metadata: { query: SOURCE }, ...trigger }));

const A = 'spec.autoscalerRef';
const Q = `${A}.primaryScalerQueries`;
const row = (id: string, says: string, severity: RuleCase['severity'], path: string, message: string) => ({
  id: `CANARY-KEDA-${id}`,
  says,
  severity,
  path,
  message,
});

export const SCALING_CASES: readonly RuleCase[] = [
  {
    ...row('001', 'a key that matches no trigger', 'deny', `${Q}[cpu]`, 'ScaledObject podinfo-so has no trigger named "cpu" (it has: prom). Rename one of them.'),
    bad: ref((it) => (it.primaryScalerQueries = { prom: PRIMARY, cpu: PRIMARY })),
    good: ref(() => {}),
  },
  {
    ...row('001', 'a key whose trigger is named in the wrong place', 'deny', `${Q}[prom]`, '"prom" stands in metadata.name of trigger 0, which KEDA ignores. Move it to spec.triggers[0].name.'),
    bad: ref(() => {}, so((it) => { delete it.spec.triggers[0].name; it.spec.triggers[0].metadata.name = 'prom'; })),
    good: ref(() => {}),
  },
  {
    ...row('001', 'a key whose trigger has no name at all', 'deny', `${Q}[prom]`, 'Set spec.triggers[0].name: prom'),
    bad: ref(() => {}, so((it) => delete it.spec.triggers[0].name)),
    good: ref(() => {}),
  },
  {
    ...row('002', 'a trigger without a name', 'deny', Q, 'trigger 1 (prometheus) of ScaledObject podinfo-so has no name'),
    bad: ref(() => {}, second({})),
    good: ref(() => {}, so((it) => it.spec.triggers.push({ type: 'cpu', metadata: { value: '60' } }))),
  },
  {
    ...row('002', 'a trigger without a name, and a map that asks for nothing', 'warn', Q, 'trigger 0 (prometheus) of ScaledObject'),
    bad: ref((it) => (it.primaryScalerQueries = {}), so((it) => delete it.spec.triggers[0].name)),
    good: ref((it) => delete it.primaryScalerQueries, so((it) => delete it.spec.triggers[0].name)),
  },
  {
    ...row('003', 'a trigger that is not mentioned', 'warn', Q, 'trigger "other" is missing here: its query is rewritten'),
    bad: ref(() => {}, second({ name: 'other' })),
    good: ref((it) => (it.primaryScalerQueries.other = PRIMARY), second({ name: 'other' })),
  },
  {
    ...row('004', 'an empty query', 'deny', `${Q}[prom]`, 'an empty query would be sent to KEDA'),
    bad: withQuery(' '),
    good: withQuery(PRIMARY),
  },
  {
    ...row('005', 'queries for a HorizontalPodAutoscaler', 'warn', Q, 'only used with a ScaledObject'),
    bad: onHpa({ primaryScalerQueries: { prom: PRIMARY } }),
    good: onHpa(),
  },
  {
    ...row('006', 'a query for a trigger that reads none', 'warn', `${Q}[nr]`, '"new-relic" does not read query; the primary keeps nrql unchanged'),
    bad: ref((it) => (it.primaryScalerQueries.nr = 'SELECT 1'), so((it) => it.spec.triggers.push({ type: 'new-relic', name: 'nr', metadata: { nrql: 'SELECT 1' } }))),
    good: ref(() => {}, so((it) => it.spec.triggers.push({ type: 'new-relic', name: 'nr', metadata: { nrql: 'SELECT 1' } }))),
  },
  {
    ...row('007', 'a query that Prometheus cannot read', 'warn', `${Q}[prom]`, 'is not PromQL: it ends too early. Correct the query.'),
    bad: withQuery('sum(rate(http_requests_total{app="podinfo-primary"}[1m])'),
    good: withQuery(PRIMARY),
  },
  {
    ...row('007', 'a query with a mistake inside', 'warn', `${Q}[prom]`, 'is not PromQL: at column 25, near "=podinfo-primary}"'),
    bad: withQuery('http_requests_total{app==podinfo-primary}'),
    good: withQuery('http_requests_total{app="podinfo-primary"}'),
  },
  {
    ...row('008', 'the canary’s own query', 'warn', `${Q}[prom]`, 'does not mention podinfo-primary'),
    bad: withQuery(SOURCE),
    good: withQuery(PRIMARY),
  },
  {
    ...row('009', 'a query that names no workload', 'warn', A, 'rewriting changes nothing in the query of trigger "prom"'),
    bad: ref((it) => delete it.primaryScalerQueries, so((it) => (it.spec.triggers[0].metadata.query = 'sum(podinfo_queue_length)'))),
    good: ref((it) => delete it.primaryScalerQueries),
  },
  {
    ...row('010', 'a minimum above the maximum', 'deny', `${A}.primaryScalerReplicas`, 'minReplicas 6 is greater than maxReplicas 5'),
    bad: ref((it) => (it.primaryScalerReplicas.minReplicas = 6)),
    good: ref((it) => (it.primaryScalerReplicas.minReplicas = 5)),
  },
  {
    ...row('011', 'a minimum above the maximum of the source', 'warn', `${A}.primaryScalerReplicas`, 'min 8 above max 5'),
    bad: ref((it) => (it.primaryScalerReplicas = { minReplicas: 8 })),
    good: ref((it) => (it.primaryScalerReplicas = { minReplicas: 4 })),
  },
  {
    ...row('011', 'a maximum below the minimum of the source', 'warn', `${A}.primaryScalerReplicas`, 'min 2 above max 1'),
    bad: onHpa({ primaryScalerReplicas: { maxReplicas: 1 } }),
    good: onHpa({ primaryScalerReplicas: { maxReplicas: 2 } }),
  },
  {
    ...row('011', 'a minimum that idling does not undercut', 'warn', `${A}.primaryScalerReplicas`, 'not above idleReplicaCount 2'),
    bad: ref((it) => (it.primaryScalerReplicas = { minReplicas: 2 }), so((it) => Object.assign(it.spec, { idleReplicaCount: 2, minReplicaCount: 3 }))),
    good: ref((it) => (it.primaryScalerReplicas = { minReplicas: 3 }), so((it) => Object.assign(it.spec, { idleReplicaCount: 2, minReplicaCount: 3 }))),
  },
  {
    ...row('012', 'a scaler of something else', 'deny', A, 'ScaledObject podinfo-so scales Deployment other, not Deployment podinfo'),
    bad: ref(() => {}, so((it) => (it.spec.scaleTargetRef.name = 'other'))),
    good: ref(() => {}, so((it) => (it.spec.scaleTargetRef.kind = 'Deployment'))),
  },
  {
    ...row('012', 'an HPA of another kind', 'deny', A, 'HorizontalPodAutoscaler podinfo scales StatefulSet podinfo'),
    bad: onHpa({}, [hpa((it) => (it.spec.scaleTargetRef.kind = 'StatefulSet'))]),
    good: onHpa(),
  },
  {
    ...row('013', 'a name too long for what KEDA makes of it', 'deny', `${A}.name`, 'has 47 characters'),
    bad: ref((it) => (it.name = LONG), so((it) => (it.metadata.name = LONG))),
    good: ref((it) => (it.name = LONG.slice(1)), so((it) => (it.metadata.name = LONG.slice(1)))),
  },
  {
    ...row('013', 'an HPA name of its own that is too long', 'deny', `${A}.name`, 'has 56 characters'),
    bad: ref((it) => (it.name = LONG), so((it) => { it.metadata.name = LONG; it.spec.advanced = { horizontalPodAutoscalerConfig: { name: 'h'.repeat(56) } }; })),
    good: ref((it) => (it.name = LONG), so((it) => { it.metadata.name = LONG; it.spec.advanced = { horizontalPodAutoscalerConfig: { name: 'h'.repeat(55) } }; })),
  },
  {
    ...row('014', 'a DaemonSet with an autoscaler', 'deny', A, 'a DaemonSet cannot be scaled'),
    bad: creating(kedaCanary((it) => (it.spec.targetRef.kind = 'DaemonSet'))),
    good: creating(blueGreen((it) => (it.spec.targetRef.kind = 'DaemonSet'))),
  },
  {
    ...row('015', 'an HPA beside the ScaledObject', 'warn', A, 'HorizontalPodAutoscaler podinfo also scales podinfo'),
    bad: ref(() => {}, [scaledObject(), hpa()]),
    good: ref(() => {}, [scaledObject(), hpa((it) => (it.metadata.ownerReferences = OWNED_BY('ScaledObject', 'podinfo-so')))]),
  },
  {
    ...row('015', 'a scaler on the primary that is not ours', 'warn', A, 'HorizontalPodAutoscaler extra also scales podinfo-primary'),
    bad: ref(() => {}, [scaledObject(), hpa((it) => ((it.metadata.name = 'extra'), (it.spec.scaleTargetRef.name = 'podinfo-primary')))]),
    good: ref(() => {}, [
      scaledObject(),
      hpa((it) => {
        it.metadata = { ...it.metadata, name: 'podinfo-primary', ownerReferences: OWNED_BY('Canary', 'podinfo') };
        it.spec.scaleTargetRef.name = 'podinfo-primary';
      }),
    ]),
  },
  {
    ...row('016', 'an autoscaler that is not there', 'warn', A, 'ScaledObject podinfo-so not found (yet)'),
    bad: creating(kedaCanary(), [], { related: { lookup: () => ({ missing: true }), list: () => ({ items: [] }) } }),
    good: ref(() => {}),
  },
  {
    ...row('016', 'a version that nobody reads', 'warn', `${A}.apiVersion`, '"autoscaling/v2beta2" is not read. Write autoscaling/v2.'),
    bad: onHpa({ apiVersion: 'autoscaling/v2beta2' }),
    good: onHpa(),
  },
  {
    ...row('017', 'a pause before the first start', 'warn', A, 'podinfo-so is paused (autoscaling.keda.sh/paused-replicas)'),
    bad: ref(() => {}, so((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused-replicas': '0' }))),
    good: creating(kedaCanary((it) => (it.status = { phase: 'Initialized' })), so((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused-replicas': '0' }))),
  },
  {
    ...row('018', 'a pause that no rollout lifts', 'warn', A, 'podinfo-so stays paused during rollouts'),
    bad: ref(() => {}, so((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused': 'true' }))),
    good: ref(() => {}, so((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused': 'false' }))),
  },
  {
    ...row('019', 'an autoscaler that is not named', 'warn', A, 'ScaledObject podinfo-so scales podinfo, which is parked at 0'),
    bad: creating(blueGreen(), [scaledObject()]),
    good: creating(blueGreen(), [scaledObject((it) => (it.spec.scaleTargetRef.name = 'other'))]),
  },
];
