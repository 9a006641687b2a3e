import { beforeEach, expect, test } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../../../shared/api/kube.ts';
import type { Cache } from '../../../../shared/engine/ports.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import { type LookupOptions, openLookups } from '../../../../webhook/admission/lookups.ts';
import { createMetrics } from '../../../../webhook/admission/metrics.ts';
import { createTestClock, type TestClock } from '../../../make/clock.ts';
import { named } from '../../../make/modify.ts';
import { aScaledObject } from '../../../make/scaled-object.ts';
import { createFakeKube, type FakeKube } from '../fake-kube.ts';

let kube: FakeKube;
let clock: TestClock;

beforeEach(() => {
  kube = createFakeKube();
  clock = createTestClock();
});

/** Opens the look-ups of a review and asks for one object or one list. */
const ask = (more: Partial<LookupOptions> = {}, budgetMs = 2_000) => {
  const lookups = open(more, budgetMs);
  return {
    one: async (lookup: typeof wanted, fresh?: boolean) =>
      (await lookups.answer([lookup], fresh)).lookup(lookup.kind, lookup.namespace, lookup.name),
    all: async ({ kind, namespace }: typeof wanted) =>
      (await lookups.answer([{ kind, namespace }])).list(kind, namespace),
    modeOf: (namespace: string) => lookups.modeOf(namespace),
  };
};

const open = (more: Partial<LookupOptions> = {}, budgetMs = 2_000) =>
  openLookups({ kube, clock, metrics: createMetrics(), eachMs: 50, totalMs: 300, ...more }, budgetMs);

const wanted: { kind: Kind; namespace: string; name: string } = {
  kind: KINDS.scaledObject,
  namespace: 'test',
  name: 'podinfo-so',
};

test('what exists is found, what does not is missing', async () => {
  kube.put(KINDS.scaledObject, aScaledObject());
  const related = await open().answer([wanted, { ...wanted, name: 'other' }]);
  expect(related.lookup(wanted.kind, 'test', 'podinfo-so')).toMatchObject({
    found: { metadata: { name: 'podinfo-so' } },
  });
  expect(related.lookup(wanted.kind, 'test', 'other')).toEqual({ missing: true });
});

test('a list holds the objects of its namespace', async () => {
  kube.put(KINDS.scaledObject, aScaledObject());
  kube.put(KINDS.scaledObject, aScaledObject(named('podinfo-so', 'prod')));
  const answer = await ask().all(wanted);
  expect('items' in answer && answer.items.map((item) => item.metadata.namespace)).toEqual(['test']);
});

test('a kind that the cluster does not serve has no objects', async () => {
  kube.before = () => {
    throw new CanaryError('KIND_MISSING', 'no scaledobjects here');
  };
  expect(await ask().one(wanted)).toEqual({ missing: true });
  expect(await ask().all(wanted)).toEqual({ items: [] });
});

test('a failure is an answer: unknown, with its reason', async () => {
  kube.before = () => {
    throw new CanaryError('API_FORBIDDEN', 'may not get scaledobjects');
  };
  expect(await ask().one(wanted)).toEqual({ unknown: 'may not get scaledobjects' });
});

test('fifty milliseconds each, also when the signal is not heard', async () => {
  kube.before = () => new Promise(() => {});
  const answer = ask().one(wanted);
  await clock.advance(50);
  expect(await answer).toEqual({ unknown: 'no answer within 50 ms' });
  expect(clock.pending()).toBe(0);
});

test('three hundred milliseconds for all look-ups of a review, and never more than the caller waits', async () => {
  kube.before = () => new Promise(() => {});
  for (const [budgetMs, asked] of [
    [2_000, 6],
    [100, 2],
  ] as const) {
    const lookups = ask({}, budgetMs);
    for (let i = 0; i < asked; i += 1) {
      const answer = lookups.one(wanted);
      await clock.advance(50);
      expect(await answer).toEqual({ unknown: 'no answer within 50 ms' });
    }
    expect(await lookups.one(wanted)).toEqual({ unknown: 'no time left' });
  }
});

const cacheOf = (objects: KubeObject[]): Cache => ({
  get: async ({ name }) => objects.find((object) => object.metadata.name === name),
  list: async () => objects,
  put: () => {},
  drop: () => {},
  onChange: () => () => {},
  close: () => {},
});

test('what the cache holds costs no request, what it lacks is asked live', async () => {
  kube.put(KINDS.scaledObject, aScaledObject(named('new-so')));
  const lookups = ask({ cache: cacheOf([aScaledObject(), aScaledObject(named('far-so', 'prod'))]) });
  expect(await lookups.one(wanted)).toHaveProperty('found');
  const listed = await lookups.all(wanted);
  expect('items' in listed && listed.items.map((item) => item.metadata.name)).toEqual(['podinfo-so']);
  expect(kube.calls).toEqual([]);
  expect(await lookups.one({ ...wanted, name: 'new-so' })).toHaveProperty('found');
  expect(kube.calls).toHaveLength(1);
});

test('a fresh answer goes past the cache, and kinds that are not watched never go to it', async () => {
  const lookups = ask({ cache: cacheOf([aScaledObject()]) });
  expect(await lookups.one(wanted, true)).toEqual({ missing: true });
  expect(await lookups.one({ kind: KINDS.daemonSet, namespace: 'test', name: 'podinfo-so' })).toEqual({
    missing: true,
  });
});

test.each(['KIND_MISSING', 'API_FORBIDDEN', 'API_UNREACHABLE'] as const)(
  'a cache that fails with %s is passed by',
  async (code) => {
    kube.put(KINDS.scaledObject, aScaledObject());
    const broken = async () => {
      throw new CanaryError(code, 'no cache');
    };
    const lookups = ask({ cache: { ...cacheOf([]), get: broken, list: broken } });
    expect(await lookups.one(wanted)).toHaveProperty('found');
    expect(await lookups.all(wanted)).toMatchObject({ items: [{ metadata: { name: 'podinfo-so' } }] });
  },
);

test.each([
  ['warn', 'warn'],
  ['strict', 'strict'],
  ['loud', 'default'],
  [undefined, 'default'],
])('a namespace labelled %s is judged in mode %s', async (label, mode) => {
  const labels = label === undefined ? {} : { labels: { 'kubectl-canary/admission': label } };
  kube.put(KINDS.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test', ...labels } });
  expect(await ask().modeOf('test')).toBe(mode);
});

test('a namespace that cannot be read is judged in the default mode', async () => {
  expect(await ask().modeOf('test')).toBe('default');
});
