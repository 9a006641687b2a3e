import type { Severity } from '../../../../../shared/api/model.ts';
import { blueGreen, creating, hpa, kedaCanary, scaledObject } from '../world.ts';
import type { RuleCase } from './case.ts';
import { A, onHpa, ref, so } from './scaled.ts';

const OWNED_BY = (kind: string, name: string) => [{ apiVersion: 'x/v1', kind, name, uid: 'u' }];
const LONG = 'a'.repeat(47);

const row = (id: string, says: string, [severity, path, message]: readonly [Severity, string, string]) => ({
  id: `CANARY-KEDA-${id}`,
  says,
  severity,
  path,
  message,
});

export const SCALER_CASES: readonly RuleCase[] = [
  {
    ...row('010', 'a minimum above the maximum', [
      'deny',
      `${A}.primaryScalerReplicas`,
      'minReplicas 6 is greater than maxReplicas 5',
    ]),
    bad: ref((it) => (it.primaryScalerReplicas.minReplicas = 6)),
    good: ref((it) => (it.primaryScalerReplicas.minReplicas = 5)),
  },
  {
    ...row('011', 'a minimum above the maximum of the source', [
      'warn',
      `${A}.primaryScalerReplicas`,
      'min 8 above max 5',
    ]),
    bad: ref((it) => (it.primaryScalerReplicas = { minReplicas: 8 })),
    good: ref((it) => (it.primaryScalerReplicas = { minReplicas: 4 })),
  },
  {
    ...row('011', 'a maximum below the minimum of the source', [
      'warn',
      `${A}.primaryScalerReplicas`,
      'min 2 above max 1',
    ]),
    bad: onHpa({ primaryScalerReplicas: { maxReplicas: 1 } }),
    good: onHpa({ primaryScalerReplicas: { maxReplicas: 2 } }),
  },
  {
    ...row('011', 'a minimum that idling does not undercut', [
      'warn',
      `${A}.primaryScalerReplicas`,
      'not above idleReplicaCount 2',
    ]),
    bad: ref(
      (it) => (it.primaryScalerReplicas = { minReplicas: 2 }),
      so((it) => Object.assign(it.spec, { idleReplicaCount: 2, minReplicaCount: 3 })),
    ),
    good: ref(
      (it) => (it.primaryScalerReplicas = { minReplicas: 3 }),
      so((it) => Object.assign(it.spec, { idleReplicaCount: 2, minReplicaCount: 3 })),
    ),
  },
  {
    ...row('012', 'a scaler of something else', [
      'deny',
      A,
      'ScaledObject podinfo-so scales Deployment other, not Deployment podinfo',
    ]),
    bad: ref(
      () => {},
      so((it) => (it.spec.scaleTargetRef.name = 'other')),
    ),
    good: ref(
      () => {},
      so((it) => (it.spec.scaleTargetRef.kind = 'Deployment')),
    ),
  },
  {
    ...row('012', 'an HPA of another kind', ['deny', A, 'HorizontalPodAutoscaler podinfo scales StatefulSet podinfo']),
    bad: onHpa({}, [hpa((it) => (it.spec.scaleTargetRef.kind = 'StatefulSet'))]),
    good: onHpa(),
  },
  {
    ...row('013', 'a name too long for what KEDA makes of it', ['deny', `${A}.name`, 'has 47 characters']),
    bad: ref(
      (it) => (it.name = LONG),
      so((it) => (it.metadata.name = LONG)),
    ),
    good: ref(
      (it) => (it.name = LONG.slice(1)),
      so((it) => (it.metadata.name = LONG.slice(1))),
    ),
  },
  {
    ...row('013', 'an HPA name of its own that is too long', ['deny', `${A}.name`, 'has 56 characters']),
    bad: ref(
      (it) => (it.name = LONG),
      so((it) => {
        it.metadata.name = LONG;
        it.spec.advanced = { horizontalPodAutoscalerConfig: { name: 'h'.repeat(56) } };
      }),
    ),
    good: ref(
      (it) => (it.name = LONG),
      so((it) => {
        it.metadata.name = LONG;
        it.spec.advanced = { horizontalPodAutoscalerConfig: { name: 'h'.repeat(55) } };
      }),
    ),
  },
  {
    ...row('014', 'a DaemonSet with an autoscaler', ['deny', A, 'a DaemonSet cannot be scaled']),
    bad: creating(kedaCanary((it) => (it.spec.targetRef.kind = 'DaemonSet'))),
    good: creating(blueGreen((it) => (it.spec.targetRef.kind = 'DaemonSet'))),
  },
  {
    ...row('015', 'an HPA beside the ScaledObject', ['warn', A, 'HorizontalPodAutoscaler podinfo also scales podinfo']),
    bad: ref(() => {}, [scaledObject(), hpa()]),
    good: ref(() => {}, [
      scaledObject(),
      hpa((it) => (it.metadata.ownerReferences = OWNED_BY('ScaledObject', 'podinfo-so'))),
    ]),
  },
  {
    ...row('015', 'a scaler on the primary that is not ours', [
      'warn',
      A,
      'HorizontalPodAutoscaler extra also scales podinfo-primary',
    ]),
    bad: ref(() => {}, [
      scaledObject(),
      hpa((it) => ((it.metadata.name = 'extra'), (it.spec.scaleTargetRef.name = 'podinfo-primary'))),
    ]),
    good: ref(() => {}, [
      scaledObject(),
      hpa((it) => {
        it.metadata = { ...it.metadata, name: 'podinfo-primary', ownerReferences: OWNED_BY('Canary', 'podinfo') };
        it.spec.scaleTargetRef.name = 'podinfo-primary';
      }),
    ]),
  },
  {
    ...row('016', 'an autoscaler that is not there', ['warn', A, 'ScaledObject podinfo-so not found (yet)']),
    bad: creating(kedaCanary(), [], { related: { lookup: () => ({ missing: true }), list: () => ({ items: [] }) } }),
    good: ref(() => {}),
  },
  {
    ...row('016', 'a version that nobody reads', [
      'warn',
      `${A}.apiVersion`,
      '"autoscaling/v2beta2" is not read. Write autoscaling/v2.',
    ]),
    bad: onHpa({ apiVersion: 'autoscaling/v2beta2' }),
    good: onHpa(),
  },
  {
    ...row('017', 'a pause before the first start', [
      'warn',
      A,
      'podinfo-so is paused (autoscaling.keda.sh/paused-replicas)',
    ]),
    bad: ref(
      () => {},
      so((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused-replicas': '0' })),
    ),
    good: creating(
      kedaCanary((it) => (it.status = { phase: 'Initialized' })),
      so((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused-replicas': '0' })),
    ),
  },
  {
    ...row('018', 'a pause that no rollout lifts', ['warn', A, 'podinfo-so stays paused during rollouts']),
    bad: ref(
      () => {},
      so((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused': 'true' })),
    ),
    good: ref(
      () => {},
      so((it) => (it.metadata.annotations = { 'autoscaling.keda.sh/paused': 'false' })),
    ),
  },
  {
    ...row('019', 'an autoscaler that is not named', [
      'warn',
      A,
      'ScaledObject podinfo-so scales podinfo, which is parked at 0',
    ]),
    bad: creating(blueGreen(), [scaledObject()]),
    good: creating(blueGreen(), [scaledObject((it) => (it.spec.scaleTargetRef.name = 'other'))]),
  },
];
