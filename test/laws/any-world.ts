import fc from 'fast-check';
import { type Canary, type CanaryStatus, PHASES } from '../../shared/api/canary.ts';
import { COMMAND_ANNOTATION, VERBS } from '../../shared/api/command.ts';
import type { Answer, Probe, Readiness, Routes } from '../../shared/api/model.ts';
import { FINALIZER } from '../../shared/api/names.ts';
import { FAILURE_REASONS } from '../../shared/api/words.ts';
import type { World } from '../../shared/rollout/world.ts';
import { capabilitiesFor, ROUTERS } from '../../shared/routing/index.ts';
import { aCanary } from '../make/canary.ts';

export const NOW = Date.UTC(2026, 0, 1, 12);
const time = fc
  .constantFrom(-3_600_000, -60_000, -1, 0, 1, 9000, 60_000, 7_200_000)
  .map((ms) => new Date(NOW + ms).toISOString());
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 1 });

/** Drops keys that are undefined: an object of the API has none. */
const compact = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const REVISIONS = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc'] as const;
const revision = fc.constantFrom(...REVISIONS);

const readiness: fc.Arbitrary<Readiness> = fc.oneof(
  fc.constant<Readiness>({ ready: true }),
  fc
    .record({
      ready: fc.constant(false as const),
      message: fc.constant('waiting'),
      deadlineExceeded: fc.boolean(),
      isServing: fc.boolean(),
      deadlineAt: maybe(fc.constant(NOW + 5000)),
    })
    .map((one) => compact(one) as Readiness),
);

const number = fc.oneof(fc.integer({ min: -5, max: 120 }), fc.constantFrom(0, 1, 100, 1e9, -1));

const analysis = fc
  .record({
    interval: fc.constantFrom('10s', '1m', '5', 'soon'),
    threshold: number,
    iterations: maybe(number),
    stepWeight: maybe(number),
    stepWeights: maybe(fc.array(number, { maxLength: 4 })),
    maxWeight: maybe(number),
    stepWeightPromotion: maybe(number),
    mirror: maybe(fc.boolean()),
    match: maybe(fc.constant([{ headers: { 'x-canary': { exact: 'insider' } } }])),
    metrics: fc.array(
      fc.record({
        name: fc.constantFrom('request-success-rate', 'request-duration', 'own'),
        query: maybe(fc.constant('up')),
        thresholdRange: maybe(fc.record({ min: number, max: number })),
        minSamples: maybe(fc.constantFrom(0, 10)),
        compare: seldom(
          fc.record({
            with: fc.constant('primary'),
            maxIncreasePercent: maybe(number),
            maxDecreasePercent: maybe(number),
          }),
        ),
        onInconclusive: maybe(fc.constantFrom('fail', 'hold', 'pass')),
      }),
      { maxLength: 2 },
    ),
    webhooks: fc.array(
      fc.record({
        name: fc.constantFrom('one', 'two'),
        url: fc.constant('http://hook'),
        type: maybe(
          fc.constantFrom(
            'confirm-rollout',
            'pre-rollout',
            'rollout',
            'confirm-promotion',
            'post-rollout',
            'rollback',
            'confirm-traffic-increase',
            'event',
          ),
        ),
      }),
      { maxLength: 3 },
    ),
    gracePeriod: maybe(fc.constantFrom('0s', '30s', '2h')),
    gates: maybe(fc.constant([{ name: 'qa', type: 'confirm-promotion', timeout: '1m', onTimeout: 'approve' }])),
  })
  .map(compact);

const status: fc.Arbitrary<CanaryStatus> = fc
  .record({
    phase: maybe(fc.constantFrom(...PHASES)),
    canaryWeight: maybe(fc.integer({ min: 0, max: 100 })),
    failedChecks: maybe(fc.integer({ min: 0, max: 5 })),
    iterations: maybe(fc.integer({ min: -1, max: 12 })),
    revision: maybe(revision),
    lastAppliedSpec: maybe(fc.constant('456789')),
    lastPromotedSpec: maybe(fc.constant('456789')),
    trackedConfigs: maybe(fc.constantFrom({}, { 'configmap/a': '1' })),
    dueAt: maybe(time),
    waitingFor: maybe(
      fc.record({
        what: fc.constantFrom(
          'pods of podinfo.test',
          'metrics with data',
          'promoted pods of podinfo-primary.test',
          'traffic increase gate one',
          'the end of the grace period',
          'what can not be read: all',
          'routes that the data plane has taken over',
        ),
        since: time,
        until: time,
      }),
    ),
    trafficSince: maybe(time),
    notReady: maybe(fc.record({ target: time })),
    rollback: seldom(
      fc.record({ reason: fc.constantFrom(...FAILURE_REASONS), message: fc.constant('why'), since: time }),
    ),
    paused: maybe(fc.record({ since: time, until: maybe(time) })),
    checks: maybe(fc.constant([{ name: 'own', verdict: 'failed' as const, time: new Date(NOW).toISOString() }])),
    history: maybe(
      fc.constant([
        { number: 1, revision: 'aaaaaaaaaa', result: 'initialized' as const },
        { number: 2, revision: 'bbbbbbbbbb', result: 'running' as const },
      ]),
    ),
    observedGeneration: maybe(fc.constant(1)),
  })
  .map((one) => compact<object>(one) as CanaryStatus);

const command = fc
  .record({
    id: fc.constantFrom('one', 'two', 'x'.repeat(500)),
    verb: fc.constantFrom(...VERBS, 'dance'),
    at: fc.constantFrom(new Date(NOW).toISOString(), 'yesterday', '+275760-09-13T00:00:00Z'),
    by: maybe(fc.constantFrom('bo', 'y'.repeat(2000))),
    revision: maybe(revision),
    full: maybe(fc.boolean()),
    for: maybe(fc.constantFrom('30m', '2562047h', 'soon')),
    weight: maybe(fc.integer({ min: 0, max: 200 })),
    step: maybe(fc.integer({ min: 0, max: 3 })),
    count: maybe(fc.integer({ min: 0, max: 3 })),
    gate: maybe(fc.constant('qa')),
    toRevision: maybe(revision),
    force: maybe(fc.boolean()),
  })
  .map((one) => JSON.stringify(one));

const canary: fc.Arbitrary<Canary> = fc
  .record({
    analysis,
    status,
    skipAnalysis: seldom(fc.boolean()),
    suspend: seldom(fc.boolean()),
    revertOnDeletion: seldom(fc.boolean()),
    isDeleted: fc.integer({ min: 0, max: 14 }).map((draw) => draw === 0),
    hasFinalizer: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
    said: maybe(fc.oneof(command, fc.constantFrom('{', '[]', '{}', '{"id":1}'))),
  })
  .map(({ analysis: how, status: stands, isDeleted, hasFinalizer, said, ...flags }) => {
    const plain = aCanary();
    return compact<object>({
      ...plain,
      metadata: {
        ...plain.metadata,
        generation: 2,
        ...(isDeleted && { deletionTimestamp: new Date(NOW).toISOString() }),
        ...(hasFinalizer && { finalizers: [FINALIZER] }),
        ...(said !== undefined && { annotations: { [COMMAND_ANNOTATION]: said } }),
      },
      spec: { ...plain.spec, ...flags, analysis: how },
      status: stands,
    }) as Canary;
  });

const routes: fc.Arbitrary<Routes> = fc
  .tuple(fc.constantFrom(0, 0, 10, 50, 99, 100), fc.boolean())
  .map(([weight, mirrored]) => ({ primary: 100 - weight, canary: weight, mirrored: mirrored && weight === 0 }));

const problem = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | { problem: string }> =>
  fc.oneof({ weight: 12, arbitrary: value }, { weight: 1, arbitrary: fc.constant({ problem: 'not to be had' }) });

/** Worlds that may come about, and many that may not: the core has to say something sensible in all of them. */
export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    canary,
    router: fc.constantFrom(...ROUTERS),
    specProblem: fc.oneof(
      { weight: 12, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant('spec is odd') },
    ),
    target: problem(
      fc.record({
        kind: fc.constant('Deployment'),
        readiness,
        revision,
        image: fc.constant('x:1'),
        isParked: fc.boolean(),
        isScalerPaused: fc.boolean(),
        canRestart: fc.boolean(),
      }),
    ),
    primary: maybe(
      fc.record({
        readiness,
        runsTarget: fc.boolean(),
        hasCopy: fc.boolean(),
        replicas: maybe(fc.integer({ min: 0, max: 5 })),
      }),
    ),
    scaler: maybe(problem(fc.constant('present' as const))),
    configs: maybe(problem(fc.constantFrom({}, { 'configmap/a': '1' }, { 'configmap/a': '2' }))),
    routes: maybe(problem(routes)),
  })
  .map(({ router, ...facts }) => ({
    ...facts,
    now: NOW,
    nonce: 'abcdefghijklmnopqrst',
    settings: { provider: router.provider, clusterName: '', observer: 'any' },
    capabilities: capabilitiesFor(router, facts.canary),
  }));

/** What hooks, metrics and the cluster say, drawn anew for each question. */
export const answersOf = (draws: readonly number[]): ((probe: Probe, at: number) => Answer) => {
  const drawn = (at: number): number => draws[at % draws.length] ?? 0;
  return (probe, at) => {
    if (probe.ask === 'hook')
      return drawn(at) % 2 === 0
        ? { kind: 'hook', passed: true, error: '' }
        : { kind: 'hook', passed: false, error: 'no' };
    if (probe.ask === 'kept') return { kind: 'kept', isKept: drawn(at) % 2 === 0 };
    const values = [100, 0, -1, 1e308, Infinity, -Infinity, NaN, 499.5];
    if (drawn(at) % 5 === 0) return { kind: 'empty', error: 'no values found', query: 'up' };
    if (drawn(at) % 5 === 1) return { kind: 'error', message: 'no answer', query: '' };
    return { kind: 'value', value: values[drawn(at) % values.length] ?? 0, query: 'up' };
  };
};
