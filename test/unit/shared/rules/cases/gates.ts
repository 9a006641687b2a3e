import { ANNOTATIONS } from '../../../../../shared/api/names.ts';
import { blueGreen, canary, creating, type Loose, SETTINGS } from '../world.ts';
import type { RuleCase } from './case.ts';

const annotated = (text: string, gates?: Loose) =>
  creating(
    canary((it) => {
      it.metadata.annotations = { [ANNOTATIONS.gates]: text };
      if (gates !== undefined) it.spec.analysis.gates = gates;
    }),
  );
const inSpec = (gates: Loose) => creating(canary((it) => (it.spec.analysis.gates = gates)));
const GATE = { name: 'legal', type: 'confirm-promotion' };
const IN_ANNOTATION = 'metadata.annotations[kubectl-canary/gates]';

const gate = (says: string, path: string, message: string) => ({
  id: 'CANARY-GATE-001',
  says,
  severity: 'deny' as const,
  path,
  message,
});

const alerts = (...list: Loose[]) =>
  creating(
    canary((it) => (it.spec.analysis.alerts = list)),
    [],
    { settings: { ...SETTINGS, noCrossNamespaceRefs: true } },
  );
const alert = (name: string, more: Loose = {}) => ({ name: 'a', severity: 'info', providerRef: { name }, ...more });
const target = (apiVersion: string, kind = 'Deployment') =>
  creating(canary((it) => (it.spec.targetRef = { apiVersion, kind, name: 'podinfo' })));

const service = (provider: string) =>
  creating(
    blueGreen((it) => {
      it.spec.provider = provider;
      it.spec.targetRef = { apiVersion: 'v1', kind: 'Service', name: 'podinfo' };
    }),
  );

/** Gates, alerts and the target. */
export const GATE_CASES: readonly RuleCase[] = [
  {
    ...gate('an annotation that is no JSON', IN_ANNOTATION, 'is not JSON. Write e.g.'),
    bad: annotated('[legal]'),
    good: annotated(JSON.stringify([GATE])),
  },
  {
    ...gate('gates of the spec that are no list', 'spec.analysis.gates', 'is not a list. Write e.g.'),
    bad: inSpec(3),
    good: inSpec([GATE]),
  },
  {
    ...gate('an annotation that is no list', IN_ANNOTATION, 'is not a list'),
    bad: annotated(JSON.stringify(GATE)),
    good: annotated(''),
  },
  {
    ...gate('a gate of a type that is none', IN_ANNOTATION, '[0]: type must be one of'),
    bad: annotated(JSON.stringify([{ ...GATE, type: 'confirm' }])),
    good: annotated(JSON.stringify([{ ...GATE, timeout: '2h', onTimeout: 'approve' }])),
  },
  {
    ...gate('a gate with a field that nobody reads', IN_ANNOTATION, '"onTimout" is not a field of a gate'),
    bad: annotated(JSON.stringify([{ ...GATE, onTimout: 'approve' }])),
    good: annotated('  '),
  },
  {
    ...gate('two gates of one name', IN_ANNOTATION, 'two gates are called "legal"'),
    bad: annotated(JSON.stringify([GATE, GATE])),
    good: annotated(JSON.stringify([GATE]), [{ ...GATE, name: 'sales' }]),
  },
  {
    ...gate('a gate of the spec without a duration', 'spec.analysis.gates', 'timeout must be a duration such as 2h'),
    bad: inSpec([{ ...GATE, timeout: '2' }]),
    good: inSpec([{ ...GATE, timeout: '2m' }]),
  },
  {
    id: 'CANARY-ALERT-001',
    says: 'an alert without a severity',
    bad: alerts(alert('chat', { severity: '' })),
    good: alerts(alert('chat')),
    severity: 'warn',
    path: 'spec.analysis.alerts[0].severity',
    message: 'Write severity: info.',
  },
  {
    id: 'CANARY-ALERT-003',
    says: 'an AlertProvider of another namespace where that is forbidden',
    bad: alerts(alert('chat', { providerRef: { name: 'chat', namespace: 'other' } })),
    good: alerts(alert('chat', { providerRef: { name: 'chat', namespace: 'test' } })),
    severity: 'deny',
    path: 'spec.analysis.alerts[0].providerRef.namespace',
    message: 'references to those are blocked. Move "chat" to "test".',
  },
  {
    id: 'CANARY-ALERT-004',
    says: 'one channel twice',
    bad: alerts(alert('chat'), alert('chat', { providerRef: { name: 'chat', namespace: 'test' } })),
    good: alerts(alert('chat'), alert('mail')),
    severity: 'warn',
    path: 'spec.analysis.alerts[1]',
    message: '"chat" would be told twice',
  },
  {
    id: 'CANARY-TARGET-008',
    says: 'an API version that is gone',
    bad: target('extensions/v1beta1'),
    good: target('apps/v1', 'DaemonSet'),
    severity: 'deny',
    path: 'spec.targetRef.apiVersion',
    message: '"extensions/v1beta1" has no Deployment that can be rolled out. Write apps/v1.',
  },
  {
    id: 'CANARY-TARGET-008',
    says: 'a Service of no API that has any',
    bad: target('apps/v1', 'Service'),
    good: target('v1', 'Service'),
    severity: 'deny',
    path: 'spec.targetRef.apiVersion',
    message: 'Write v1 or serving.knative.dev/v1.',
  },
  {
    id: 'CANARY-TARGET-009',
    says: 'a Service where nothing divides traffic',
    bad: service('kubernetes'),
    good: service('istio'),
    severity: 'warn',
    path: 'spec.targetRef',
    message: 'kubernetes leads no traffic to copies of a Service',
  },
];
