import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { Kind, KubeObject, Ref } from '../../../../shared/api/kube.ts';
import type { Cache } from '../../../../shared/engine/ports.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import { capabilitiesOf, PROVIDER_NAMES } from '../../../../shared/routing/index.ts';
import { driverCheck } from '../../../../webhook/admission/driver.ts';
import { createMetrics } from '../../../../webhook/admission/metrics.ts';
import type { Answer } from '../../../../webhook/admission/review.ts';
import { createValidate } from '../../../../webhook/admission/validate.ts';
import { aCanary, withAnalysis, withAutoscaler } from '../../../make/canary.ts';
import { createTestClock, type TestClock } from '../../../make/clock.ts';
import { aScaledObject, aTrigger, withTriggers } from '../../../make/scaled-object.ts';
import { aRequest } from '../asking.ts';
import { createFakeKube, type FakeKube } from '../fake-kube.ts';
import type { ReviewParts } from '../reviews.ts';

let kube: FakeKube;
let clock: TestClock;

beforeEach(() => {
  kube = createFakeKube();
  clock = createTestClock();
});

const settings = {
  meshProvider: 'kubernetes',
  selectorLabels: ['app'],
  noCrossNamespaceRefs: false,
  providers: PROVIDER_NAMES,
  capabilitiesOf,
};
const isDriver = driverCheck([]);

const validateNow = (parts: ReviewParts, cache?: Cache): Answer | Promise<Answer> => {
  const ports = { kube, clock, metrics: createMetrics(), ...(cache === undefined ? {} : { cache }) };
  return createValidate({ settings, isDriver }, { ...ports, eachMs: 50, totalMs: 300 })(aRequest(parts));
};

const validate = async (parts: ReviewParts, cache?: Cache): Promise<Answer> => validateNow(parts, cache);

const idsOf = (answer: Answer, severity: 'deny' | 'warn'): string[] =>
  answer.findings.filter((finding) => finding.severity === severity).map((finding) => finding.id);

const named: KubeObject = aScaledObject();
const unnamed: KubeObject = aScaledObject(withTriggers({ ...aTrigger(), name: '' }));
const asking = (key = 'prom-trigger') =>
  aCanary(
    withAutoscaler({
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      name: 'podinfo-so',
      primaryScalerQueries: { [key]: 'sum(rate(http_requests_total{ app="podinfo-primary" }[30s]))' },
    }),
  );

const labelled = (value: string): void =>
  kube.put(KINDS.namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'test', labels: { 'kubectl-canary/admission': value } },
  });

test('what the object alone proves wrong is refused without a look at anything else', async () => {
  const answer = await validate({ object: aCanary(withAnalysis({ interval: '10seconds' })) });
  expect(idsOf(answer, 'deny')).toEqual(['CANARY-DUR-001']);
  expect(kube.calls).toEqual([]);
  expect(answer.audit?.['rules']).toContain('CANARY-DUR-001');
});

test('an object that contradicts is refused by default, and a warning where the namespace or the applier asks for that', async () => {
  kube.put(KINDS.scaledObject, unnamed);
  expect(idsOf(await validate({ object: asking() }), 'deny')).toEqual(['CANARY-KEDA-002', 'CANARY-KEDA-001']);
  const gitops = await validate({ object: asking(), fieldManager: 'kustomize-controller' });
  expect(idsOf(gitops, 'deny')).toEqual([]);
  expect(idsOf(gitops, 'warn')).toEqual(expect.arrayContaining(['CANARY-KEDA-001', 'CANARY-KEDA-002']));
  labelled('warn');
  expect(idsOf(await validate({ object: asking() }), 'deny')).toEqual([]);
});

test('a missing object is a warning, and a refusal in a strict namespace', async () => {
  expect(idsOf(await validate({ object: asking() }), 'warn')).toContain('CANARY-KEDA-016');
  labelled('strict');
  expect(idsOf(await validate({ object: asking() }), 'deny')).toContain('CANARY-KEDA-016');
});

test('an object that nobody could read leaves the Canary unchecked in that respect, and says so', async () => {
  kube.before = (_verb, path) => {
    if (path.includes('scaledobjects')) throw new CanaryError('API_UNAVAILABLE', 'try later');
  };
  const answer = await validate({ object: asking() });
  expect(idsOf(answer, 'deny')).toEqual([]);
  expect(answer.findings.find((finding) => finding.id === 'GEN-002')?.message).toContain('try later');
});

test('an API server that never answers costs a request its three hundred milliseconds and no more', async () => {
  kube.before = () => new Promise(() => {});
  const answer = validate({ object: asking() });
  await clock.advance(300);
  expect(idsOf(await answer, 'warn')).toContain('GEN-002');
  expect(clock.pending()).toBe(0);
});

const cacheOf = (objects: readonly KubeObject[]): Cache => ({
  get: async ({ kind, name }) => objects.find((object) => object.kind === kind.kind && object.metadata.name === name),
  list: async (kind) => objects.filter((object) => object.kind === kind.kind),
  put: () => {},
  drop: () => {},
  onChange: () => () => {},
  close: () => {},
});

test('nobody is refused on the word of a cache that lags: the object is read again first', async () => {
  kube.put(KINDS.scaledObject, named);
  const answer = await validate({ object: asking() }, cacheOf([unnamed]));
  expect(idsOf(answer, 'deny')).toEqual([]);
  expect(kube.calls.some((call) => call.includes('scaledobjects'))).toBe(true);
  kube.put(KINDS.scaledObject, unnamed);
  expect(idsOf(await validate({ object: asking() }, cacheOf([unnamed])), 'deny')).toContain('CANARY-KEDA-002');
});

test('a good object is answered from the cache alone', async () => {
  const deployment = (name: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'test',
      ownerReferences: [{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'u' }],
    },
    spec: { selector: { matchLabels: { app: name } }, template: { spec: { containers: [] } } },
  });
  await validate({ object: asking() }, cacheOf([named, deployment('podinfo'), deployment('podinfo-primary')]));
  expect(kube.calls.filter((call) => !call.includes('namespaces'))).toEqual([]);
});

test('what the cache holds this instant is answered at once, and everything else after a look', async () => {
  const owner = [{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'u' }];
  const workload = (name: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'test', ownerReferences: owner },
    spec: { selector: { matchLabels: { app: name } }, template: { spec: { containers: [] } } },
  });
  const held: KubeObject[] = [named, workload('podinfo'), workload('podinfo-primary')];
  const holding = (objects: readonly KubeObject[]) => ({
    ...cacheOf(objects),
    peek: ({ kind, name }: Ref) => objects.find((object) => object.kind === kind.kind && object.metadata.name === name),
    peekAll: (kind: Kind) => objects.filter((object) => object.kind === kind.kind),
  });
  expect(validateNow({ object: asking() }, holding(held))).toEqual({ findings: [] });
  expect(validateNow({ object: asking() }, holding(held.slice(1)))).toBeInstanceOf(Promise);
  kube.put(KINDS.scaledObject, unnamed);
  const answer = await validateNow({ object: asking() }, holding([unnamed, ...held.slice(1)]));
  expect(idsOf(answer, 'deny')).toContain('CANARY-KEDA-002');
});

test.each<[string, ReviewParts]>([
  [
    'a status write',
    {
      object: { ...aCanary(withAnalysis({ interval: 'x' })), status: { phase: 'Failed' } },
      oldObject: aCanary(withAnalysis({ interval: 'x' })),
    },
  ],
  [
    'a kind that is not ours',
    { object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'test' } } },
  ],
  [
    'a kind of our name in another group',
    { object: { ...aCanary(withAnalysis({ interval: 'x' })), apiVersion: 'other.example/v1' } },
  ],
  [
    'a kind from the prototype',
    { object: { apiVersion: 'flagger.app/v1beta1', kind: 'constructor', metadata: { name: 'a' } } },
  ],
  [
    'an object that is going away',
    { object: { ...aCanary(withAnalysis({ interval: 'x' })), metadata: { name: 'a', deletionTimestamp: 'now' } } },
  ],
])('%s passes unjudged', async (_, parts) => {
  expect((await validate(parts)).findings).toEqual([]);
});

test('a delete is never refused', async () => {
  labelled('strict');
  for (const oldObject of [asking(), unnamed]) {
    expect(idsOf(await validate({ oldObject, operation: 'DELETE' }), 'deny')).toEqual([]);
  }
});

test('law: whatever JSON an object is, it is judged and nothing throws', async () => {
  const kind = fc.constantFrom('Canary', 'MetricTemplate', 'AlertProvider');
  await fc.assert(
    fc.asyncProperty(kind, fc.jsonValue(), fc.jsonValue(), fc.boolean(), async (name, spec, metadata, isUpdate) => {
      const more = typeof metadata === 'object' && metadata !== null ? metadata : {};
      const object = {
        apiVersion: 'flagger.app/v1beta1',
        kind: name,
        metadata: { ...more, name: 'a' },
        spec,
      } as KubeObject;
      const answer = await validate({ object, oldObject: isUpdate ? { ...object, spec: {} } : undefined });
      for (const finding of answer.findings) expect(finding.message).not.toMatch(/could not check rule/);
    }),
    { numRuns: 300 },
  );
});

test('gates that nobody can read are refused in one line, also where the annotation alone changes', async () => {
  const oldObject = aCanary(withAnalysis({}));
  const annotations = { 'kubectl-canary/gates': '[{"name": "legal"}]' };
  const object = { ...oldObject, metadata: { ...oldObject.metadata, annotations } };
  const answer = await validate({ operation: 'UPDATE', oldObject, object });
  expect(answer.findings.filter(({ severity }) => severity === 'deny')).toMatchObject([
    {
      id: 'CANARY-GATE-001',
      path: 'metadata.annotations[kubectl-canary/gates]',
      message: expect.stringMatching(/^\[0\]: type must be one of .*\. Write e\.g\. .*\.$/),
    },
  ]);
  expect(await validate({ operation: 'UPDATE', oldObject: object, object })).toMatchObject({ findings: [] });
});
