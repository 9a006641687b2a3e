import { PAUSED_REPLICAS } from '../../../../../shared/rules/scaled-object/pause.ts';
import {
  alertProvider,
  blueGreen,
  canary,
  changing,
  creating,
  deployment,
  kedaCanary,
  type Loose,
  scaledObject,
} from '../world.ts';
import type { RuleCase } from './case.ts';

const other = (change: (it: Loose) => void = () => {}) =>
  canary((it) => {
    it.metadata.name = 'other';
    it.spec.targetRef.name = 'other';
    change(it);
  });
const onIngress = (name = 'podinfo', change: (it: Loose) => void = () => {}) =>
  canary((it) => {
    it.metadata.name = name;
    it.spec.targetRef.name = name;
    it.spec.provider = 'skipper';
    it.spec.ingressRef = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' };
    change(it);
  });
const primary = (owner: string) =>
  deployment((it) => {
    it.metadata.name = 'podinfo-primary';
    it.metadata.ownerReferences = [{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: owner, uid: 'u' }];
  });
const so = (change: (it: Loose) => void, canaries = [kedaCanary()]) => creating(scaledObject(change), canaries);
const paused = scaledObject((it) => (it.metadata.annotations = { [PAUSED_REPLICAS]: '0' }));
const idle = (phase: string) => kedaCanary((it) => (it.status = { phase, canaryWeight: 0 }));
const named = (name: string) => scaledObject((it) => (it.metadata.name = name));

export const OTHER_CASES: readonly RuleCase[] = [
  {
    id: 'CANARY-DUP-001',
    says: 'two Canaries on one target',
    bad: creating(canary(), [other((it) => (it.spec.targetRef.name = 'podinfo'))]),
    good: creating(canary(), [
      other((it) => ((it.spec.targetRef.name = 'podinfo'), (it.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'))),
    ]),
    severity: 'deny',
    path: 'spec.targetRef',
    message: 'Canary other already targets Deployment podinfo',
  },
  {
    id: 'CANARY-DUP-002',
    says: 'two Canaries with the same Services',
    bad: creating(
      canary((it) => (it.spec.service.name = 'front')),
      [other((it) => (it.spec.service.name = 'front'))],
    ),
    good: creating(
      canary((it) => (it.spec.service.name = 'front')),
      [other()],
    ),
    severity: 'deny',
    path: 'spec.service.name',
    message: 'Canary other already generates Services front, front-primary, front-canary',
  },
  {
    id: 'CANARY-DUP-003',
    says: 'two Canaries on one autoscaler',
    bad: creating(kedaCanary(), [
      scaledObject(),
      other((it) => (it.spec.autoscalerRef = { kind: 'ScaledObject', name: 'podinfo-so' })),
    ]),
    good: creating(kedaCanary(), [
      scaledObject(),
      other((it) => (it.spec.autoscalerRef = { kind: 'HorizontalPodAutoscaler', name: 'podinfo-so' })),
    ]),
    severity: 'deny',
    path: 'spec.autoscalerRef.name',
    message: 'Canary other also pauses podinfo-so',
  },
  {
    id: 'CANARY-DUP-004',
    says: 'a primary that somebody else made',
    bad: creating(canary(), [primary('other')]),
    good: creating(canary(), [primary('podinfo')]),
    severity: 'warn',
    path: 'spec.targetRef.name',
    message: 'Deployment podinfo-primary exists and was not made by this Canary',
  },
  {
    id: 'CANARY-PROV-015',
    says: 'two Canaries on one Ingress',
    bad: creating(onIngress(), [onIngress('other')]),
    good: creating(onIngress(), [onIngress('other', (it) => (it.spec.provider = 'istio'))]),
    severity: 'warn',
    path: 'spec.ingressRef',
    message: 'Canary other starts from Ingress web too: both would write web-canary',
  },
  {
    id: 'SCALEDOBJECT-001',
    says: 'a trigger that a Canary needs is renamed',
    bad: changing(
      scaledObject(),
      scaledObject((it) => (it.spec.triggers[0].name = 'renamed')),
      [kedaCanary()],
    ),
    good: changing(
      scaledObject(),
      scaledObject((it) => (it.spec.triggers[0].metadata.threshold = '9')),
      [kedaCanary()],
    ),
    severity: 'deny',
    path: 'spec.triggers[0].name',
    message: 'Canary podinfo replaces the query of trigger "prom", which is not here (there is: renamed)',
  },
  {
    id: 'SCALEDOBJECT-001',
    says: 'a trigger that a Canary needs is named in the wrong place',
    bad: so((it) => {
      delete it.spec.triggers[0].name;
      it.spec.triggers[0].metadata.name = 'prom';
    }),
    good: so(() => {}),
    severity: 'deny',
    path: 'spec.triggers[0].name',
    message: 'move it to spec.triggers[0].name',
  },
  {
    id: 'SCALEDOBJECT-001',
    says: 'a trigger that a Canary needs is removed',
    bad: changing(
      scaledObject(),
      scaledObject((it) => (it.spec.triggers = [{ type: 'cpu', metadata: {} }])),
      [kedaCanary()],
    ),
    good: changing(
      scaledObject(),
      scaledObject((it) => (it.spec.triggers = [])),
      [blueGreen()],
    ),
    severity: 'deny',
    path: 'spec.triggers[0].name',
    message: '(there is: none)',
  },
  {
    id: 'SCALEDOBJECT-002',
    says: 'a name where KEDA does not look',
    bad: so((it) => {
      delete it.spec.triggers[0].name;
      it.spec.triggers[0].metadata.name = 'prom';
    }, []),
    good: so((it) => (it.spec.triggers[0].metadata.name = 'prom'), []),
    severity: 'warn',
    path: 'spec.triggers[0].metadata.name',
    message: 'Write "prom" to spec.triggers[0].name',
  },
  {
    id: 'SCALEDOBJECT-003',
    says: 'two triggers of one name',
    bad: so((it) => it.spec.triggers.push({ ...it.spec.triggers[0] }), []),
    good: so((it) => it.spec.triggers.push({ ...it.spec.triggers[0], name: 'second' }), []),
    severity: 'deny',
    path: 'spec.triggers[1].name',
    message: '"prom" names another trigger already',
  },
  {
    id: 'SCALEDOBJECT-004',
    says: 'a pause that is no number',
    bad: so((it) => (it.metadata.annotations = { [PAUSED_REPLICAS]: 'true' })),
    good: so((it) => (it.metadata.annotations = { [PAUSED_REPLICAS]: '0' })),
    severity: 'deny',
    path: `metadata.annotations[${PAUSED_REPLICAS}]`,
    message: '"true" is not a number of replicas',
  },
  {
    id: 'SCALEDOBJECT-005',
    says: 'a person wakes a parked target',
    bad: changing(paused, scaledObject(), [idle('Succeeded')]),
    good: changing(paused, scaledObject(), [idle('Progressing')]),
    severity: 'warn',
    path: `metadata.annotations[${PAUSED_REPLICAS}]`,
    message: 'Canary podinfo is Succeeded: without it podinfo wakes up',
  },
  {
    id: 'SCALEDOBJECT-006',
    says: 'the scaler is pointed at something else',
    bad: so((it) => (it.spec.scaleTargetRef.name = 'other')),
    good: so(() => {}),
    severity: 'warn',
    path: 'spec.scaleTargetRef',
    message: 'Canary podinfo expects it to scale Deployment podinfo',
  },
  {
    id: 'SCALEDOBJECT-007',
    says: 'bounds that leave the primary nothing',
    bad: so(
      (it) => (it.spec.maxReplicaCount = 3),
      [kedaCanary((it) => (it.spec.autoscalerRef.primaryScalerReplicas = { minReplicas: 4 }))],
    ),
    good: so(() => {}, [kedaCanary((it) => (it.spec.autoscalerRef.primaryScalerReplicas = { minReplicas: 4 }))]),
    severity: 'warn',
    path: 'spec',
    message: 'min 4 above max 3',
  },
  {
    id: 'SCALEDOBJECT-008',
    says: 'the name of a generated scaler',
    bad: creating(named('podinfo-so-primary'), [kedaCanary()]),
    good: creating(named('database-primary'), [kedaCanary()]),
    severity: 'warn',
    path: 'metadata.name',
    message: 'clashes with the scaler that Canary podinfo generates for podinfo-so',
  },
  {
    id: 'ALERTPROV-001',
    says: 'both address and secretRef',
    bad: creating(alertProvider({ type: 'slack', address: 'http://x.test/', secretRef: { name: 's' } })),
    good: creating(alertProvider({ type: 'slack', secretRef: { name: 's' } })),
    severity: 'deny',
    path: 'spec.address',
    message: 'sets both address and secretRef',
  },
  {
    id: 'ALERTPROV-001',
    says: 'neither address nor secretRef',
    bad: creating(alertProvider({ type: 'slack' })),
    good: creating(alertProvider({ type: 'slack', address: 'http://x.test/' })),
    severity: 'deny',
    path: 'spec',
    message: 'sets neither address nor secretRef',
  },
  {
    id: 'ALERTPROV-001',
    says: 'no type',
    bad: creating(alertProvider({ address: 'http://x.test/' })),
    good: creating(alertProvider({ type: 'slack', address: 'http://x.test/' })),
    severity: 'deny',
    path: 'spec.type',
    message: 'type is required',
  },
  {
    id: 'ALERTPROV-002',
    says: 'an address without a protocol',
    bad: creating(alertProvider({ type: 'slack', address: 'hooks.slack.com/services/x' })),
    good: creating(alertProvider({ type: 'slack', address: 'https://chat.test/hook' })),
    severity: 'deny',
    path: 'spec.address',
    message: 'is not an http(s) URL; no alert would be sent',
  },
  {
    id: 'ALERTPROV-002',
    says: 'a proxy of another protocol',
    bad: creating(alertProvider({ type: 'slack', address: 'http://chat.test/', proxy: 'socks5://proxy:1080' })),
    good: creating(alertProvider({ type: 'slack', address: 'http://chat.test/', proxy: 'http://proxy:3128' })),
    severity: 'deny',
    path: 'spec.proxy',
    message: 'is not an http(s) URL',
  },
  {
    id: 'ALERTPROV-003',
    says: 'a hook that everybody can call who reads it',
    bad: creating(alertProvider({ type: 'gchat', address: 'https://chat.test/v1/spaces/x/messages?key=abc' })),
    good: creating(alertProvider({ type: 'gchat', secretRef: { name: 'chat' } })),
    severity: 'warn',
    path: 'spec.address',
    message: 'is a password. Move it to a Secret',
  },
  {
    id: 'ALERTPROV-003',
    says: 'a hook whose path nobody could guess',
    bad: creating(alertProvider({ type: 'slack', address: 'https://chat.test/services/T0/abcdefghij0123456789' })),
    good: creating(alertProvider({ type: 'slack', address: 'https://chat.test/services/a-readable-name-of-a-team' })),
    severity: 'warn',
    path: 'spec.address',
    message: 'is a password. Move it to a Secret',
  },
];
