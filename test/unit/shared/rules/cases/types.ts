import { ANNOTATIONS } from '../../../../../shared/api/names.ts';
import { blueGreen, canary, creating, kedaCanary, scaledObject } from '../world.ts';
import type { RuleCase } from './case.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const applied = (spec: unknown) =>
  canary((it) => (it.metadata.annotations = { [LAST_APPLIED]: JSON.stringify({ spec }) }));

const fractions: RuleCase[] = (
  [
    ['iterations', blueGreen, (it, n) => (it.spec.analysis.iterations = n), 'spec.analysis.iterations'],
    ['a port', canary, (it, n) => (it.spec.service.port = n), 'spec.service.port'],
    [
      'one of stepWeights',
      canary,
      (it, n) => (
        (it.spec.analysis.stepWeights = [1, n]), delete it.spec.analysis.stepWeight, delete it.spec.analysis.maxWeight
      ),
      'spec.analysis.stepWeights[1]',
    ],
    [
      'retries of a hook',
      canary,
      (it, n) => (it.spec.analysis.webhooks[0].retries = n),
      'spec.analysis.webhooks[0].retries',
    ],
    ['a deadline', canary, (it, n) => (it.spec.progressDeadlineSeconds = n * 100), 'spec.progressDeadlineSeconds'],
    [
      'replicas of the primary',
      kedaCanary,
      (it, n) => (it.spec.autoscalerRef.primaryScalerReplicas.minReplicas = n),
      'spec.autoscalerRef.primaryScalerReplicas.minReplicas',
    ],
  ] as const satisfies readonly (readonly [
    string,
    typeof canary,
    (it: import('../world.ts').Loose, n: number) => void,
    string,
  ])[]
).map(([what, make, set, path]) => ({
  id: 'CANARY-TYPE-001',
  says: `${what} is a fraction`,
  bad: creating(
    make((it) => set(it, 2.505)),
    [scaledObject()],
  ),
  good: creating(
    make((it) => set(it, 3)),
    [scaledObject()],
  ),
  severity: 'deny',
  path,
  message: 'must be a whole number',
}));

export const TYPE_CASES: readonly RuleCase[] = [
  ...fractions,
  {
    id: 'CANARY-TYPE-002',
    says: 'a port needs more than 32 bits',
    bad: creating(canary((it) => (it.spec.service.port = 2 ** 32))),
    good: creating(canary((it) => (it.spec.service.port = 65_535))),
    severity: 'deny',
    path: 'spec.service.port',
    message: 'does not fit an int32',
  },
  {
    id: 'CANARY-TYPE-002',
    says: 'a port to match is negative',
    bad: creating(canary((it) => (it.spec.service.match = [{ port: -1 }]))),
    good: creating(canary((it) => (it.spec.service.match = [{ port: 8080 }]))),
    severity: 'deny',
    path: 'spec.service.match[0].port',
    message: '-1 does not fit a uint32',
  },
  {
    id: 'CANARY-TYPE-003',
    says: 'a field of the applied manifest was misspelt',
    bad: creating(applied({ analysis: { maxWieght: 50 } }), [], { stage: 'validate' }),
    good: creating(applied({ analysis: { maxWeight: 50 } }), [], { stage: 'validate' }),
    severity: 'warn',
    path: 'spec.analysis.maxWieght',
    message: 'Did you mean "maxWeight"?',
  },
  {
    id: 'CANARY-TYPE-003',
    says: 'a field of a file was misspelt inside a list',
    bad: creating(canary((it) => (it.spec.analysis.webhooks[0].retrys = 1))),
    good: creating(canary((it) => (it.spec.analysis.webhooks[0].retries = 1))),
    severity: 'warn',
    path: 'spec.analysis.webhooks[0].retrys',
    message: 'Did you mean "retries"?',
  },
  {
    id: 'CANARY-TYPE-004',
    says: 'the provider is misspelt',
    bad: creating(canary((it) => (it.spec.provider = 'ngnix'))),
    good: creating(canary((it) => (it.spec.provider = 'nginx'))),
    severity: 'deny',
    path: 'spec.provider',
    message: 'Did you mean "nginx"?',
  },
  {
    id: 'CANARY-TYPE-004',
    says: 'the target is of a kind without pods',
    bad: creating(canary((it) => (it.spec.targetRef.kind = 'deployment'))),
    good: creating(canary()),
    severity: 'deny',
    path: 'spec.targetRef.kind',
    message: 'Did you mean "Deployment"?',
  },
  {
    id: 'CANARY-TYPE-004',
    says: 'a hook has an unknown type',
    bad: creating(canary((it) => (it.spec.analysis.webhooks[0].type = 'pre-rolout'))),
    good: creating(canary((it) => (it.spec.analysis.webhooks[0].type = ''))),
    severity: 'deny',
    path: 'spec.analysis.webhooks[0].type',
    message: 'is not a known hook type. Did you mean "pre-rollout"?',
  },
  {
    id: 'CANARY-TYPE-004',
    says: 'an alert has a number for its severity',
    bad: creating(canary((it) => (it.spec.analysis.alerts = [{ name: 'a', severity: 3, providerRef: { name: 'a' } }]))),
    good: creating(
      canary((it) => (it.spec.analysis.alerts = [{ name: 'a', severity: 'warn', providerRef: { name: 'a' } }])),
    ),
    severity: 'deny',
    path: 'spec.analysis.alerts[0].severity',
    message: '"3" is not a known severity',
  },
  {
    id: 'CANARY-TYPE-005',
    says: 'the target is missing',
    bad: creating(canary((it) => delete it.spec.targetRef)),
    good: creating(canary()),
    severity: 'deny',
    path: 'spec.targetRef',
    message: 'is required',
  },
  {
    id: 'CANARY-TYPE-005',
    says: 'the interval is missing',
    bad: creating(canary((it) => delete it.spec.analysis.interval)),
    good: creating(canary()),
    severity: 'deny',
    path: 'spec.analysis.interval',
    message: 'Write at least interval: 1m',
  },
  {
    id: 'CANARY-TYPE-006',
    says: 'the analysis stands under its old name',
    bad: creating(applied({ canaryAnalysis: { interval: '1m' } }), [], { stage: 'validate' }),
    good: creating(applied({ analysis: { interval: '1m' } }), [], { stage: 'validate' }),
    severity: 'warn',
    path: 'spec.canaryAnalysis',
    message: 'Move its content to analysis',
  },
  {
    id: 'GEN-001',
    says: 'an ignored rule does not exist',
    bad: creating(canary((it) => (it.metadata.annotations = { [ANNOTATIONS.ignoreRules]: 'CANARY-STRAT-0007' }))),
    good: creating(
      canary((it) => (it.metadata.annotations = { [ANNOTATIONS.ignoreRules]: 'canary-strat-007, GEN-001' })),
    ),
    severity: 'warn',
    path: 'metadata.annotations[kubectl-canary/ignore-rules]',
    message: 'no rule "CANARY-STRAT-0007". Did you mean "CANARY-STRAT-007"?',
  },
  {
    id: 'GEN-002',
    says: 'another object could not be read',
    bad: creating(kedaCanary(), [], {
      related: {
        lookup: ({ kind }) => (kind === 'ScaledObject' ? { unknown: 'timeout' } : { missing: true }),
        list: () => ({ items: [] }),
      },
    }),
    good: creating(kedaCanary(), [scaledObject()]),
    severity: 'warn',
    path: '',
    message: 'could not check ScaledObject podinfo-so (timeout)',
  },
];
