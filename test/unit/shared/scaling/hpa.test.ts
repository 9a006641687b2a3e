import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { hpa } from '../../../../shared/scaling/hpa.ts';
import { scalerCodecOf } from '../../../../shared/scaling/index.ts';
import type { ScalerContext } from '../../../../shared/scaling/scaler.ts';
import { OWNER } from '../targets/contexts.ts';

const contextOf = (primaryScalerReplicas?: object): ScalerContext => ({
  autoscalerRef: {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    name: 'podinfo',
    ...(primaryScalerReplicas && { primaryScalerReplicas }),
  },
  target: 'podinfo',
  primaryTarget: 'podinfo-primary',
  source: refTo(KINDS.hpa, 'test', 'podinfo'),
  primary: refTo(KINDS.hpa, 'test', 'podinfo-primary'),
  owner: OWNER,
});

const CPU = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];

const sourceOf = (spec: object = {}): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: {
    name: 'podinfo',
    namespace: 'test',
    labels: { a: '1', 'kustomize.toolkit.fluxcd.io/name': 'x' },
    annotations: { note: 'x' },
  },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    minReplicas: 2,
    maxReplicas: 6,
    metrics: CPU,
    ...spec,
  },
});

describe('the primary HPA', () => {
  it('scales the primary as the source scales the target', () => {
    expect(hpa.createPrimary(sourceOf({ behavior: { scaleDown: {} } }), contextOf())).toEqual({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'podinfo-primary', namespace: 'test', labels: { a: '1' }, ownerReferences: [OWNER] },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo-primary' },
        minReplicas: 2,
        maxReplicas: 6,
        metrics: CPU,
        behavior: { scaleDown: {} },
      },
    });
  });

  it.each<[object, object]>([
    [{ minReplicas: 3 }, { minReplicas: 3, maxReplicas: 6 }],
    [{ maxReplicas: 9 }, { minReplicas: 2, maxReplicas: 9 }],
    [
      { minReplicas: 3, maxReplicas: 9 },
      { minReplicas: 3, maxReplicas: 9 },
    ],
  ])('has the replicas that the Canary gives: %j', (given, spec) => {
    expect(hpa.createPrimary(sourceOf(), contextOf(given))['spec']).toMatchObject(spec);
  });

  it('follows its source, loses what that lost, and keeps what others set', () => {
    const primary = hpa.createPrimary(sourceOf({ behavior: { scaleDown: {} } }), contextOf());
    const live: KubeObject = { ...primary, spec: { ...(primary['spec'] as object), foreign: 1 } };
    const synced = hpa.syncPrimary(sourceOf({ maxReplicas: 10 }), live, contextOf());
    expect(synced['spec']).toMatchObject({ maxReplicas: 10, foreign: 1 });
    expect(synced['spec']).not.toHaveProperty('behavior');
    expect(hpa.syncPrimary(sourceOf({ maxReplicas: 10 }), synced, contextOf())).toBe(synced);
  });
});

describe('the source HPA', () => {
  it('is never held: without replicas it does nothing', () => {
    expect(hpa.isPaused(sourceOf())).toBe(false);
    expect(hpa.pause(contextOf().source, sourceOf())).toBeUndefined();
    expect(hpa.resume(contextOf().source, sourceOf())).toBeUndefined();
  });

  it.each<[unknown, number]>([
    [3, 3],
    [1, 1],
    [0, 1],
    [undefined, 1],
  ])('with a minimum of %s wakes the target with %d', (minReplicas, woken) => {
    expect(hpa.minReplicas(sourceOf({ minReplicas }))).toBe(woken);
  });
});

describe('a minimum that a rollout sets', () => {
  const primary = hpa.createPrimary(sourceOf(), contextOf());
  const least = (object: KubeObject): unknown => (object['spec'] as { minReplicas?: number }).minReplicas;

  it.each<[number, number]>([
    [1, 2],
    [2, 2],
    [5, 5],
  ])('of %d leaves the least at %d: it never lowers one', (replicas, left) => {
    expect(least(hpa.withMinimum(primary, replicas))).toBe(left);
  });

  it('goes again with the rollout, to that of the source or of the Canary', () => {
    const held = hpa.withMinimum(primary, 5);
    expect(least(hpa.withoutMinimum(sourceOf(), held, contextOf()))).toBe(2);
    expect(least(hpa.withoutMinimum(sourceOf(), held, contextOf({ minReplicas: 3 })))).toBe(3);
    expect(least(hpa.withoutMinimum(sourceOf({ minReplicas: undefined }), held, contextOf()))).toBe(1);
    expect(hpa.withoutMinimum(sourceOf(), primary, contextOf())).toBe(primary);
  });

  it('is bounded by what the scaler may have at most', () => {
    expect(hpa.mostReplicas(primary)).toBe(6);
    expect(hpa.mostReplicas({ ...primary, spec: {} })).toBe(Infinity);
  });
});

describe('scalers', () => {
  it.each([['HorizontalPodAutoscaler'], ['ScaledObject']])('%s is known by its kind alone', (kind) => {
    expect(scalerCodecOf(kind)?.kind.kind).toBe(kind);
  });

  it('of other kinds are not', () => {
    expect(scalerCodecOf('VerticalPodAutoscaler')).toBeUndefined();
  });
});
