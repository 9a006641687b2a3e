import { describe, expect, it } from 'vitest';
import type { AutoscalerRef } from '../../../../shared/api/canary.ts';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { PAUSE_ANNOTATIONS, PAUSED_REPLICAS, scaledObject } from '../../../../shared/scaling/scaled-object.ts';
import type { ScalerContext } from '../../../../shared/scaling/scaler.ts';
import { stored, withAnnotations, withLabels } from '../../../make/modify.ts';
import { aScaledObject, aTrigger, type ScaledObject, withTriggers } from '../../../make/scaled-object.ts';
import type { Loose } from '../routing/board.ts';
import { OWNER } from '../targets/contexts.ts';

const contextOf = (more: Partial<AutoscalerRef> = {}): ScalerContext => ({
  autoscalerRef: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo-so', ...more },
  target: 'podinfo',
  primaryTarget: 'podinfo-primary',
  source: refTo(KINDS.scaledObject, 'test', 'podinfo-so'),
  primary: refTo(KINDS.scaledObject, 'test', 'podinfo-so-primary'),
  owner: OWNER,
});

const copyOf = (source: KubeObject, more: Partial<AutoscalerRef> = {}): Loose =>
  scaledObject.createPrimary(source, contextOf(more));
const withSpec =
  (fields: object) =>
  (object: ScaledObject): ScaledObject => ({ ...object, spec: { ...object.spec, ...fields } });

describe('the primary ScaledObject', () => {
  it('scales the primary with everything that the source says, known to us or not', () => {
    const unknown = { initialCooldownPeriod: 5, fallback: { replicas: 2, failureThreshold: 1, behavior: 'static' } };
    const copy = copyOf(
      aScaledObject(
        withSpec({ ...unknown, advanced: { scalingModifiers: { formula: 'a' } } }),
        withTriggers({ ...aTrigger(), useCachedMetrics: true }),
      ),
    );
    expect(copy.metadata).toMatchObject({ name: 'podinfo-so-primary', namespace: 'test', ownerReferences: [OWNER] });
    expect(copy.spec).toMatchObject({
      ...unknown,
      scaleTargetRef: { name: 'podinfo-primary' },
      advanced: { scalingModifiers: { formula: 'a' }, horizontalPodAutoscalerConfig: {} },
      minReplicaCount: 1,
      maxReplicaCount: 3,
    });
    expect(copy.spec.triggers[0].useCachedMetrics).toBe(true);
  });

  it('never inherits a pause, in whatever form, nor what Flux and kubectl wrote', () => {
    const paused = Object.fromEntries(PAUSE_ANNOTATIONS.map((key) => [key, 'true']));
    const source = aScaledObject(
      withAnnotations({
        ...paused,
        'scaledobject.keda.sh/transfer-hpa-ownership': 'true',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
        'helm.toolkit.fluxcd.io/x': '1',
      }),
      withLabels({ team: 'a', 'kustomize.toolkit.fluxcd.io/name': 'x' }),
    );
    expect(copyOf(source).metadata).toMatchObject({
      labels: { team: 'a' },
      annotations: { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' },
    });
    expect(Object.keys(copyOf(source).metadata.annotations)).toHaveLength(1);
    expect(Object.keys(copyOf(source).metadata.labels)).toHaveLength(1);
  });

  it('gives an HPA that the user named another name', () => {
    const copy = copyOf(
      aScaledObject(withSpec({ advanced: { horizontalPodAutoscalerConfig: { name: 'mine', behavior: {} } } })),
    );
    expect(copy.spec.advanced.horizontalPodAutoscalerConfig).toEqual({ name: 'mine-primary', behavior: {} });
  });

  it('has the replicas that the Canary gives', () => {
    expect(copyOf(aScaledObject(), { primaryScalerReplicas: { minReplicas: 2, maxReplicas: 9 } }).spec).toMatchObject({
      minReplicaCount: 2,
      maxReplicaCount: 9,
    });
    expect(copyOf(aScaledObject(), { primaryScalerReplicas: { maxReplicas: 9 } }).spec).toMatchObject({
      minReplicaCount: 1,
      maxReplicaCount: 9,
    });
  });
});

describe('the queries of the primary', () => {
  const queryOf = (trigger: Loose, more: Partial<AutoscalerRef> = {}): unknown =>
    copyOf(aScaledObject(withTriggers(trigger)), more).spec.triggers[0].metadata.query;
  const prometheus = (query: string) => ({ ...aTrigger(), metadata: { query } });

  it.each<[string, Loose, Partial<AutoscalerRef>, unknown]>([
    ['speak of the primary', prometheus('up{app="podinfo"}'), {}, 'up{app="podinfo-primary"}'],
    [
      'leave metric names as they are',
      prometheus('podinfo_total{app="podinfo"}'),
      {},
      'podinfo_total{app="podinfo-primary"}',
    ],
    [
      'are rewritten by token elsewhere',
      { type: 'influxdb', metadata: { query: 'from podinfo-canary' } },
      {},
      'from podinfo-primary',
    ],
    [
      'are those given for the name of the trigger',
      prometheus('x'),
      { primaryScalerQueries: { 'prom-trigger': 'given' } },
      'given',
    ],
    [
      'are given even where there was none',
      { ...aTrigger(), metadata: {} },
      { primaryScalerQueries: { 'prom-trigger': 'given' } },
      'given',
    ],
    [
      'are rewritten where none is given for them',
      prometheus('up{app="podinfo"}'),
      { primaryScalerQueries: { other: 'given' } },
      'up{app="podinfo-primary"}',
    ],
    [
      'are rewritten for a trigger without a name',
      { type: 'prometheus', metadata: { query: 'up{app="podinfo"}' } },
      { primaryScalerQueries: { '': 'given' } },
      'up{app="podinfo-primary"}',
    ],
    ['are none for a trigger without one', { type: 'cpu', metadata: { value: '60' } }, {}, undefined],
  ])('%s', (_what, trigger, more, query) => {
    expect(queryOf(trigger, more)).toBe(query);
  });

  it('do not come from what every object inherits', () => {
    expect(
      queryOf({ ...aTrigger(), name: 'constructor', metadata: { query: 'up' } }, { primaryScalerQueries: {} }),
    ).toBe('up');
  });

  it('leave every other word of a trigger', () => {
    const copy = copyOf(
      aScaledObject(
        withTriggers({
          ...aTrigger(),
          metadata: { query: 'x', serverAddress: 'http://podinfo', metricName: 'podinfo' },
        }),
      ),
    );
    expect(copy.spec.triggers[0].metadata).toMatchObject({ serverAddress: 'http://podinfo', metricName: 'podinfo' });
  });
});

describe('a primary ScaledObject at a promotion', () => {
  it('follows its source, heals an inherited pause and keeps what others wrote', () => {
    const live = withAnnotations({ [PAUSED_REPLICAS]: '0', mine: '1' })(
      stored('3')(copyOf(aScaledObject())) as KubeObject,
    );
    const synced = scaledObject.syncPrimary(aScaledObject(withSpec({ maxReplicaCount: 8 })), live, contextOf());
    expect(synced.metadata).toMatchObject({ resourceVersion: '3', annotations: { mine: '1' } });
    expect(synced.metadata.annotations).not.toHaveProperty(PAUSED_REPLICAS);
    expect(synced['spec']).toMatchObject({ maxReplicaCount: 8 });
  });

  it('is not written while nothing differs', () => {
    const live = copyOf(aScaledObject());
    expect(scaledObject.syncPrimary(aScaledObject(), live, contextOf())).toBe(live);
  });
});

describe('the source ScaledObject', () => {
  const { source } = contextOf();
  const paused = (value: string): KubeObject =>
    withAnnotations({ [PAUSED_REPLICAS]: value })(stored('4')(aScaledObject()) as KubeObject);

  it('is held at zero by an annotation, and nothing but it is written', () => {
    expect(scaledObject.pause(source, stored('4')(aScaledObject()))).toEqual({
      do: 'patch',
      ref: source,
      type: 'merge',
      patch: { metadata: { resourceVersion: '4', annotations: { [PAUSED_REPLICAS]: '0' } } },
    });
    expect(scaledObject.pause(source, paused('3'))).toMatchObject({
      patch: { metadata: { annotations: { [PAUSED_REPLICAS]: '0' } } },
    });
    expect(scaledObject.pause(source, paused('0'))).toBeUndefined();
  });

  it('is let go by taking it away', () => {
    expect(scaledObject.resume(source, paused('0'))).toMatchObject({
      patch: { metadata: { annotations: { [PAUSED_REPLICAS]: null } } },
    });
    expect(scaledObject.resume(source, aScaledObject())).toBeUndefined();
  });

  it.each<[KubeObject, boolean]>([
    [aScaledObject(), false],
    [paused('0'), true],
    [paused('3'), false],
  ])('is held only at zero', (object, isPaused) => {
    expect(scaledObject.isPaused(object)).toBe(isPaused);
  });

  it.each<[number | undefined, number]>([
    [3, 3],
    [0, 1],
    [undefined, 1],
  ])('with a minimum of %s wakes the target with %d', (minReplicaCount, woken) => {
    expect(scaledObject.minReplicas(aScaledObject(withSpec({ minReplicaCount })))).toBe(woken);
  });
});

describe('a minimum that a rollout sets', () => {
  const primary = copyOf(aScaledObject()) as KubeObject;
  const least = (object: KubeObject): unknown => (object['spec'] as { minReplicaCount?: number }).minReplicaCount;

  it.each<[number, number]>([
    [0, 1],
    [1, 1],
    [3, 3],
  ])('of %d leaves the least at %d: it never lowers one', (replicas, left) => {
    expect(least(scaledObject.withMinimum(primary, replicas))).toBe(left);
  });

  it('goes again with the rollout, to that of the source or of the Canary', () => {
    const held = scaledObject.withMinimum(primary, 3);
    expect(least(scaledObject.withoutMinimum(aScaledObject(), held, contextOf()))).toBe(1);
    expect(
      least(
        scaledObject.withoutMinimum(aScaledObject(), held, contextOf({ primaryScalerReplicas: { minReplicas: 2 } })),
      ),
    ).toBe(2);
    expect(
      least(scaledObject.withoutMinimum(aScaledObject(withSpec({ minReplicaCount: undefined })), held, contextOf())),
    ).toBeUndefined();
    expect(scaledObject.withoutMinimum(aScaledObject(), primary, contextOf())).toBe(primary);
  });

  it('is bounded by what the scaler may have at most', () => {
    expect(scaledObject.mostReplicas(primary)).toBe(3);
    expect(scaledObject.mostReplicas({ ...primary, spec: {} })).toBe(100);
  });
});

describe('a primary at rest', () => {
  const mayRest = (spec: object, annotations = {}): boolean | undefined =>
    scaledObject.mayRestAtZero?.({ ...aScaledObject(withAnnotations(annotations)), spec });

  it.each<[string, object, object, boolean]>([
    ['whose minimum KEDA takes for 0', {}, {}, true],
    ['with a minimum of 0', { minReplicaCount: 0 }, {}, true],
    ['that may idle at 0', { minReplicaCount: 2, idleReplicaCount: 0 }, {}, true],
    ['with a minimum', { minReplicaCount: 1 }, {}, false],
    ['that somebody paused at 0', {}, { [PAUSED_REPLICAS]: '0' }, false],
  ])('%s', (_what, spec, annotations, may) => {
    expect(mayRest(spec, annotations)).toBe(may);
  });
});
