import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { Phase } from '../../../../shared/api/canary.ts';
import { COMMAND_ANNOTATION } from '../../../../shared/api/command.ts';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { PHASES } from '../../../../shared/api/phase.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import { capabilitiesOf, PROVIDER_NAMES } from '../../../../shared/routing/index.ts';
import { driverCheck } from '../../../../webhook/admission/driver.ts';
import { createMetrics } from '../../../../webhook/admission/metrics.ts';
import { createMutate } from '../../../../webhook/admission/mutate.ts';
import type { Answer } from '../../../../webhook/admission/review.ts';
import { aCanary, inPhase, withAutoscaler, withStatus } from '../../../make/canary.ts';
import { createTestClock } from '../../../make/clock.ts';
import { named, withAnnotations } from '../../../make/modify.ts';
import { aScaledObject } from '../../../make/scaled-object.ts';
import { aRequest } from '../asking.ts';
import { applyPatch, createFakeKube, type FakeKube } from '../fake-kube.ts';
import type { ReviewParts } from '../reviews.ts';

const PAUSED = 'autoscaling.keda.sh/paused-replicas';

let kube: FakeKube;
beforeEach(() => {
  kube = createFakeKube();
});

const isDriver = driverCheck(['canary-system/canary-controller', 'flagger-system/flagger']);
const settings = {
  meshProvider: 'kubernetes',
  selectorLabels: ['app'],
  noCrossNamespaceRefs: false,
  providers: PROVIDER_NAMES,
  capabilitiesOf,
};

const mutate = async (parts: ReviewParts): Promise<Answer> => {
  const options = { kube, clock: createTestClock(), metrics: createMetrics(), eachMs: 50, totalMs: 300 };
  return createMutate({ settings, isDriver }, options)(aRequest(parts));
};

const canaryIn = (phase: Phase, canaryWeight = 0): void =>
  kube.put(KINDS.canary, aCanary(withAutoscaler(), inPhase(phase), withStatus({ phase, canaryWeight })));

const bare = aScaledObject();
const paused = aScaledObject(withAnnotations({ [PAUSED]: '0' }));

test('a ScaledObject replaced without its pause while the Canary is parked gets it back, and the person is told', async () => {
  canaryIn('Succeeded');
  const answer = await mutate({ object: bare, oldObject: paused });
  expect(answer.patch).toEqual([
    { op: 'add', path: '/metadata/annotations', value: {} },
    { op: 'add', path: '/metadata/annotations/autoscaling.keda.sh~1paused-replicas', value: '0' },
  ]);
  expect(answer.notes).toEqual([`${PAUSED}: "0" put back: Canary podinfo is Succeeded and keeps the target at zero.`]);
  expect(Object.keys(answer.audit ?? {})).toEqual(['MUT-PAUSE-001']);
});

test('annotations that are there stay there', async () => {
  canaryIn('Initialized');
  const object = aScaledObject(withAnnotations({ team: 'web' }));
  const { patch = [] } = await mutate({ object });
  expect(patch).toEqual([
    { op: 'add', path: '/metadata/annotations/autoscaling.keda.sh~1paused-replicas', value: '0' },
  ]);
  expect(applyPatch(object, patch).metadata.annotations).toEqual({ team: 'web', [PAUSED]: '0' });
});

test.each(PHASES.map((phase) => [phase, ['Initialized', 'Succeeded', 'Failed'].includes(phase)] as const))(
  'in phase %s a lost pause is put back: %s',
  async (phase, back) => {
    canaryIn(phase);
    expect((await mutate({ object: bare, oldObject: paused })).patch !== undefined).toBe(back);
    expect((await mutate({ object: bare })).patch !== undefined).toBe(back);
  },
);

test.each<[string, ReviewParts]>([
  ['the key was not there before: somebody resumed it, and this is a re-apply', { object: bare, oldObject: bare }],
  [
    'the key is there with another value',
    { object: aScaledObject(withAnnotations({ [PAUSED]: '2' })), oldObject: paused },
  ],
  [
    'a person pauses it altogether',
    { object: aScaledObject(withAnnotations({ 'autoscaling.keda.sh/paused': 'true' })) },
  ],
  [
    'it is being deleted',
    {
      object: { ...bare, metadata: { ...bare.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      oldObject: paused,
    },
  ],
  ['it is deleted', { oldObject: paused, operation: 'DELETE' }],
  ['no Canary names it', { object: aScaledObject(named('other-so')) }],
  ['the Canary is in another namespace', { object: aScaledObject(named('podinfo-so', 'prod')) }],
  ['the controller resumes it', { object: bare, oldObject: paused, fieldManager: 'canary-controller' }],
  ['the plugin resumes it', { object: bare, oldObject: paused, fieldManager: 'kubectl-canary' }],
  ['the reference resumes it', { object: bare, oldObject: paused, fieldManager: 'flagger' }],
  [
    'a named ServiceAccount resumes it',
    { object: bare, oldObject: paused, user: 'system:serviceaccount:flagger-system:flagger' },
  ],
])('no pause is put back when %s', async (_, parts) => {
  canaryIn('Succeeded');
  expect((await mutate(parts)).patch).toBeUndefined();
});

test('a Canary whose promotion broke off carries all traffic on the target: no pause', async () => {
  canaryIn('Failed', 100);
  expect((await mutate({ object: bare, oldObject: paused })).patch).toBeUndefined();
});

test('a Canary that is being deleted parks nothing', async () => {
  const canary = aCanary(withAutoscaler(), inPhase('Succeeded')) as unknown as KubeObject;
  kube.put(KINDS.canary, { ...canary, metadata: { ...canary.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  expect((await mutate({ object: bare })).patch).toBeUndefined();
});

test('an API server that does not answer costs nobody their write', async () => {
  kube.before = () => {
    throw new CanaryError('API_UNREACHABLE', 'connection refused');
  };
  const answer = await mutate({ object: bare, oldObject: paused });
  expect([answer.patch, answer.findings]).toEqual([undefined, []]);
});

const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'u1' };
const primary = aScaledObject(
  named('podinfo-so-primary'),
  withAnnotations({ [PAUSED]: '0', 'autoscaling.keda.sh/paused': 'true', team: 'web' }),
  (object) => ({ ...object, metadata: { ...object.metadata, ownerReferences: [owner] } }),
);

test('a generated primary ScaledObject is made without any pause, also by a driver', async () => {
  const answer = await mutate({ object: primary, fieldManager: 'flagger' });
  expect(applyPatch(primary, answer.patch ?? []).metadata.annotations).toEqual({ team: 'web' });
  expect(answer.notes).toEqual([
    'pause removed from ScaledObject podinfo-so-primary: the primary of Canary podinfo serves the traffic.',
  ]);
});

test.each<[string, ReviewParts]>([
  [
    'a person pauses it later',
    { object: primary, oldObject: { ...primary, metadata: { ...primary.metadata, annotations: {} } } },
  ],
  ['no Canary owns it', { object: { ...primary, metadata: { ...primary.metadata, ownerReferences: [] } } }],
  [
    'a Canary of another API owns it',
    {
      object: {
        ...primary,
        metadata: { ...primary.metadata, ownerReferences: [{ ...owner, apiVersion: 'x.example/v1' }] },
      },
    },
  ],
  ['its name is not that of a primary', { object: aScaledObject(withAnnotations({ [PAUSED]: '0' })) }],
])('a pause stays when %s', async (_, parts) => {
  expect((await mutate(parts)).patch).toBeUndefined();
});

const command = (more: object = {}): string =>
  JSON.stringify({ id: 'c1', verb: 'promote', at: '2026-01-01T00:00:00Z', ...more });
const commanded = (text: string): KubeObject => aCanary(withAnnotations({ [COMMAND_ANNOTATION]: text }));
const stampedBy = (object: KubeObject, answer: Answer): unknown =>
  JSON.parse(applyPatch(object, answer.patch ?? []).metadata.annotations?.[COMMAND_ANNOTATION] ?? '{}').by;

test.each([
  ['without a giver', command(), 'jane'],
  ['that claims to be from somebody else', command({ by: 'root' }), 'jane'],
  ['that says who really gives it', command({ by: 'jane' }), 'jane'],
])('a new command %s carries the name of the request', async (_, text, by) => {
  for (const oldObject of [undefined, aCanary() as unknown as KubeObject, commanded(command({ id: 'c0' }))]) {
    const object = commanded(text);
    expect(stampedBy(object, await mutate({ object, oldObject }))).toBe(by);
  }
});

test('a command that was there before keeps its giver when somebody else re-applies the Canary', async () => {
  const object = commanded(command({ by: 'jane' }));
  expect((await mutate({ object, oldObject: object, user: 'joe' })).patch).toBeUndefined();
});

test.each(['', 'promote', '[]', 'null', '7', '{"id":'])(
  'a command that is no JSON object stays as it is: %j',
  async (text) => {
    expect((await mutate({ object: commanded(text) })).patch).toBeUndefined();
  },
);

test('keys of the prototype in a command survive the stamp as mere keys', async () => {
  const object = commanded('{"id":"c1","__proto__":{"by":"root"}}');
  const text =
    applyPatch(object, (await mutate({ object })).patch ?? []).metadata.annotations?.[COMMAND_ANNOTATION] ?? '';
  expect(text).toBe('{"id":"c1","__proto__":{"by":"root"},"by":"jane"}');
});

test('law: mutating twice is mutating once, and only annotations ever change', async () => {
  const annotations = fc.dictionary(
    fc.constantFrom(PAUSED, 'autoscaling.keda.sh/paused', COMMAND_ANNOTATION, 'a/b~c', '__proto__'),
    fc.constantFrom('0', 'true', command(), command({ by: 'root' }), '{', ''),
  );
  const subject = fc.constantFrom<KubeObject>(bare, primary, aCanary() as unknown as KubeObject);
  const put = (object: KubeObject, map: Record<string, string> | undefined): KubeObject => {
    const { annotations: _, ...metadata } = object.metadata;
    return { ...object, metadata: map === undefined ? metadata : { ...metadata, annotations: map } };
  };
  canaryIn('Succeeded');
  await fc.assert(
    fc.asyncProperty(
      subject,
      fc.option(annotations, { nil: undefined }),
      fc.option(annotations, { nil: undefined }),
      fc.boolean(),
      async (base, now, before, isUpdate) => {
        const object = put(base, now);
        const oldObject = isUpdate ? put(base, before) : undefined;
        const once = applyPatch(object, (await mutate({ object, oldObject })).patch ?? []);
        expect({ ...once, metadata: { ...once.metadata, annotations: 0 } }).toEqual({
          ...object,
          metadata: { ...object.metadata, annotations: 0 },
        });
        expect((await mutate({ object: once, oldObject })).patch).toBeUndefined();
      },
    ),
    { numRuns: 200 },
  );
});
