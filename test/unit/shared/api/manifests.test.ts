import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PHASES } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { PROVIDER_NAMES } from '../../../../shared/routing/index.ts';
import { faultsOf } from './crd-validator.ts';

type Fields = Record<string, unknown>;

const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' };
const ANALYSIS = { interval: '10s', threshold: 2, iterations: 3 };

const objectOf = (kind: string, spec: unknown, status?: unknown): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind,
  metadata: { name: 'podinfo' },
  spec,
  ...(status === undefined ? {} : { status }),
});

const canaryOf = (spec: Fields): KubeObject => objectOf('Canary', { targetRef: TARGET, analysis: ANALYSIS, ...spec });
const analysisOf = (fields: Fields): KubeObject => canaryOf({ analysis: { ...ANALYSIS, ...fields } });
const serviceOf = (fields: Fields): KubeObject => canaryOf({ service: { port: 80, ...fields } });
const templateOf = (provider: unknown, query: unknown = 'vector(1)'): KubeObject =>
  objectOf('MetricTemplate', { provider, query });
const alerterOf = (spec: Fields): KubeObject => objectOf('AlertProvider', spec);
const steps = (fields: Fields): KubeObject => canaryOf({ analysis: { interval: '10s', threshold: 2, ...fields } });

type Row = readonly [what: string, object: KubeObject];

const HOOK = { name: 'h', url: 'not a url' };
const METRIC = { name: 'request-success-rate' };
const mirrorTo = (backendRef: Fields): KubeObject => serviceOf({ mirror: [{ backendRef }] });
const balancedBy = (loadBalancer: Fields): KubeObject => serviceOf({ trafficPolicy: { loadBalancer } });

const ACCEPTED: readonly Row[] = [
  ['a Canary without service', canaryOf({})],
  ['a Canary without spec', { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata: { name: 'x' } }],
  ...PROVIDER_NAMES.map((provider): Row => [`provider ${provider}`, canaryOf({ provider })]),
  ...['DaemonSet', 'Deployment', 'Service'].map(
    (kind): Row => [`target ${kind}`, canaryOf({ targetRef: { ...TARGET, kind } })],
  ),
  [
    'fields that nobody knows',
    canaryOf({ canaryAnalysis: { any: 'thing' }, analysis: { ...ANALYSIS, match: [{ uri: { prefix: '/' } }] } }),
  ],
  ['an unanchored interval', analysisOf({ interval: '10sfoo' })],
  ['fractions, negative and huge numbers', analysisOf({ threshold: -1.5, maxWeight: 400, mirrorWeight: 2.5 })],
  ['a negative port and a deadline in fractions', canaryOf({ service: { port: -1 }, progressDeadlineSeconds: 1.5 })],
  ['targetPort by name', serviceOf({ targetPort: 'http' })],
  ['targetPort by number', serviceOf({ targetPort: 9898 })],
  ['stepWeight alone', steps({ stepWeight: 5, maxWeight: 50 })],
  ['stepWeights alone', steps({ stepWeights: [1, 2.5, 90] })],
  ['a hook of the empty type', analysisOf({ webhooks: [{ ...HOOK, type: '' }] })],
  ['an alert of the empty severity', analysisOf({ alerts: [{ name: 'a', severity: '', providerRef: { name: 'p' } }] })],
  [
    'scaler queries without any',
    canaryOf({ autoscalerRef: { apiVersion: '', kind: 'ScaledObject', name: 'so', primaryScalerQueries: {} } }),
  ],
  ['a route match that compares nothing', serviceOf({ match: [{ uri: {}, headers: { a: {} } }] })],
  ['query parameters that compare nothing', analysisOf({ match: [{ queryParams: { a: {} } }] })],
  ['a mirror entry without backend', serviceOf({ mirror: [{}] })],
  ['a mirror to something else than a Service', mirrorTo({ group: 'x.io', kind: 'Queue', name: 'q' })],
  ['load balancing by one hash', balancedBy({ consistentHash: { useSourceIp: true } })],
  ['a simple balancer with an unfinished hash beside it', balancedBy({ simple: 'RANDOM', consistentHash: {} })],
  [
    'a template with headers',
    templateOf({ type: 'prometheus', address: 'http://p', headers: { 'X-Scope': ['a', 'b'] } }),
  ],
  ['an alert provider by address', alerterOf({ type: 'slack', address: 'https://hooks' })],
  ['an alert provider by Secret', alerterOf({ type: 'gchat', secretRef: { name: 's' } })],
];

const REFUSED: readonly Row[] = [
  ['the empty provider', canaryOf({ provider: '' })],
  ['an unknown provider', canaryOf({ provider: 'smi:v1alpha2:mesh' })],
  ['no target', objectOf('Canary', { analysis: ANALYSIS })],
  ['no analysis, even when it is skipped', objectOf('Canary', { targetRef: TARGET, skipAnalysis: true })],
  ['a target of an unknown kind', canaryOf({ targetRef: { ...TARGET, kind: 'StatefulSet' } })],
  ['a target without name', canaryOf({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment' } })],
  ['an autoscaler of an unknown kind', canaryOf({ autoscalerRef: { apiVersion: 'x', kind: 'VPA', name: 'v' } })],
  [
    'no replica at all for the primary',
    canaryOf({
      autoscalerRef: { apiVersion: 'x', kind: 'ScaledObject', name: 'v', primaryScalerReplicas: { minReplicas: 0 } },
    }),
  ],
  ['an ingressRef to a Route', canaryOf({ ingressRef: { apiVersion: 'x', kind: 'Route', name: 'r' } })],
  ['a service without port', canaryOf({ service: { name: 'x' } })],
  ['a targetPort in fractions', serviceOf({ targetPort: 80.5 })],
  ['an unknown traffic distribution', serviceOf({ trafficDistribution: 'Near' })],
  ['two ways to compare a path', serviceOf({ match: [{ uri: { exact: '/', prefix: '/' } }] })],
  ['more than 32 parents', serviceOf({ gatewayRefs: Array.from({ length: 33 }, () => ({ name: 'g' })) })],
  ['a parent in a namespace that cannot be', serviceOf({ gatewayRefs: [{ name: 'g', namespace: 'Not_One' }] })],
  ['a mirror port out of range', mirrorTo({ name: 'b', port: 65_536 })],
  ['an origin that compares nothing', serviceOf({ corsPolicy: { allowOrigins: [{}] } })],
  ['a balancer without a way to balance', balancedBy({ warmupDurationSecs: '1s' })],
  ['a balancer with two hashes', balancedBy({ consistentHash: { useSourceIp: true, httpHeaderName: 'x' } })],
  ['a balancer with both ways', balancedBy({ simple: 'RANDOM', consistentHash: { useSourceIp: true } })],
  ['more retries than 32 bits hold', serviceOf({ retries: { attempts: 2 ** 31 } })],
  ['an interval in hours', analysisOf({ interval: '1h' })],
  ['iterations and stepWeight', steps({ iterations: 2, stepWeight: 10 })],
  ['stepWeight and stepWeights', steps({ stepWeight: 10, stepWeights: [10] })],
  ['maxWeight alone', steps({ maxWeight: 50 })],
  ['no threshold', canaryOf({ analysis: { interval: '10s', iterations: 2 } })],
  ['a header condition that compares nothing', analysisOf({ match: [{ headers: { a: {} } }] })],
  ['a header condition that compares twice', analysisOf({ match: [{ headers: { a: { exact: 'x', suffix: 'x' } } }] })],
  ['a metric without name', analysisOf({ metrics: [{ interval: '1m' }] })],
  ['a metric window in hours', analysisOf({ metrics: [{ ...METRIC, interval: '1h' }] })],
  ['a template reference without name', analysisOf({ metrics: [{ ...METRIC, templateRef: { namespace: 'x' } }] })],
  ['a hook of an unknown type', analysisOf({ webhooks: [{ ...HOOK, type: 'confirm' }] })],
  ['a hook without address', analysisOf({ webhooks: [{ name: 'h' }] })],
  [
    'an alert of an unknown severity',
    analysisOf({ alerts: [{ name: 'a', severity: 'fatal', providerRef: { name: 'p' } }] }),
  ],
  ['session affinity without cookie name', analysisOf({ sessionAffinity: { maxAge: 5 } })],
  ['an unknown sameSite', analysisOf({ sessionAffinity: { cookieName: 'c', sameSite: 'lax' } })],
  ['a template without query', objectOf('MetricTemplate', { provider: { type: 'prometheus' } })],
  ['a template of an unknown provider', templateOf({ type: 'zabbix' })],
  [
    'an alert provider with address and Secret',
    alerterOf({ type: 'slack', address: 'https://x', secretRef: { name: 's' } }),
  ],
  ['an alert provider without type', alerterOf({ address: 'https://x' })],
  ['an alert provider of an unknown type', alerterOf({ type: 'irc', address: 'https://x' })],
];

const OURS: readonly Row[] = [
  ['a policy for missing data', analysisOf({ metrics: [{ ...METRIC, onInconclusive: 'hold', minSamples: 30 }] })],
  ['a comparison', analysisOf({ metrics: [{ ...METRIC, compare: { with: 'primary', maxDecreasePercent: 1.5 } }] })],
  ['a grace period', analysisOf({ gracePeriod: '1m30s' })],
  ['a gate', analysisOf({ gates: [{ name: 'qa', type: 'confirm-promotion', timeout: '2h', onTimeout: 'approve' }] })],
  ['a preview', analysisOf({ preview: { match: [{ headers: { cookie: { regex: '^preview=' } } }] } })],
  [
    'further ports',
    serviceOf({ ports: [{ name: 'grpc', port: 9999, targetPort: 'grpc', protocol: 'TCP', appProtocol: 'grpc' }] }),
  ],
];

const NOT_OURS: readonly Row[] = [
  ['an unknown policy', analysisOf({ metrics: [{ ...METRIC, onInconclusive: 'ignore' }] })],
  ['a grace period with a foot', analysisOf({ gracePeriod: '10sfoo' })],
  ['a gate without type', analysisOf({ gates: [{ name: 'qa' }] })],
  ['a gate of an unknown type', analysisOf({ gates: [{ name: 'qa', type: 'rollout' }] })],
  ['a further port without name', serviceOf({ ports: [{ port: 9999 }] })],
  ['a further port in fractions', serviceOf({ ports: [{ name: 'x', port: 99.5 }] })],
];

const STATUS = {
  phase: 'Progressing',
  failedChecks: 1,
  canaryWeight: 10,
  iterations: -1,
  trackedConfigs: {},
  lastAppliedSpec: '5498f4fcd6',
  lastTransitionTime: '2026-01-02T03:04:05Z',
  conditions: [
    { type: 'Promoted', status: 'Unknown', reason: 'Progressing' },
    { type: 'Ready', status: 'False', reason: 'Progressing', observedGeneration: 4 },
  ],
  observedGeneration: 4,
  revision: '3cf1fdbc6f',
  dueAt: '2026-01-02T03:04:15Z',
  checks: [
    {
      name: 'request-success-rate',
      query: 'q',
      value: 61.5,
      min: 99,
      verdict: 'failed',
      samples: 12,
      time: '2026-01-02T03:04:05Z',
    },
  ],
  waitingFor: { what: 'the next step', since: '2026-01-02T03:04:05Z', until: '2026-01-02T03:04:15Z' },
  commands: [
    {
      id: 'a',
      verb: 'promote',
      by: 'anna',
      at: '2026-01-02T03:04:05Z',
      revision: '3cf1fdbc6f',
      result: 'refused',
      message: 'stale',
    },
  ],
  approvals: [{ gate: 'qa', revision: '3cf1fdbc6f', by: 'anna', at: '2026-01-02T03:04:05Z' }],
  paused: { since: '2026-01-02T03:04:05Z', by: 'anna', reason: 'lunch', until: '2026-01-02T04:04:05Z', at: 'step=4' },
  history: [
    { number: 1, revision: '3cf1fdbc6f', image: 'podinfo:1', started: '2026-01-02T03:04:05Z', result: 'running' },
  ],
};

const statusOf = (fields: Fields): KubeObject =>
  objectOf('Canary', { targetRef: TARGET, analysis: ANALYSIS }, { ...STATUS, ...fields });

describe('what the reference accepts is accepted', () => {
  test.each(ACCEPTED)('%s', (_, object) => {
    expect(faultsOf(object)).toEqual([]);
  });

  test.each(PHASES)('a status of phase "%s"', (phase) => {
    expect(faultsOf(statusOf({ phase }))).toEqual([]);
  });
});

describe('what the reference refuses is refused', () => {
  test.each(REFUSED)('%s', (_, object) => {
    expect(faultsOf(object)).not.toEqual([]);
  });
});

describe('fields of our own', () => {
  test.each(OURS)('accepted: %s', (_, object) => {
    expect(faultsOf(object)).toEqual([]);
  });

  test.each(NOT_OURS)('refused: %s', (_, object) => {
    expect(faultsOf(object)).not.toEqual([]);
  });

  test.each([
    ['an unknown phase', { phase: 'Done' }],
    ['an unknown verdict', { checks: [{ name: 'm', verdict: 'ok', time: '2026-01-02T03:04:05Z' }] }],
    ['a time that is none', { dueAt: 'soon' }],
    ['a condition without reason', { conditions: [{ type: 'Ready', status: 'True' }] }],
  ])('a status is refused with %s', (_, fields) => {
    expect(faultsOf(statusOf(fields))).not.toEqual([]);
  });
});

interface Scenario {
  name: string;
  objects: KubeObject[];
  steps: unknown[][];
}

const SCENARIOS = new URL('../../../golden/scenarios/', import.meta.url);

const isOurs = (value: unknown): value is KubeObject =>
  typeof value === 'object' &&
  value !== null &&
  'apiVersion' in value &&
  value.apiVersion === 'flagger.app/v1beta1' &&
  'metadata' in value;

const golden = readdirSync(SCENARIOS)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, SCENARIOS), 'utf8')) as Scenario)
  .map(({ name, objects, steps: played }): [string, KubeObject[]] => [
    name,
    [...objects, ...played.flat()].filter(isOurs),
  ]);

describe('the recordings of the reference', () => {
  test('hold a Canary in each scenario', () => {
    expect(golden.length).toBeGreaterThan(50);
    expect(
      golden.filter(([, objects]) => !objects.some(({ kind }) => kind === 'Canary')).map(([name]) => name),
    ).toEqual([]);
  });

  test.each(golden)('%s: each of our kinds is accepted', (_, objects) => {
    expect(objects.flatMap(faultsOf)).toEqual([]);
  });
});
