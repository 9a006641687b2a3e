import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { refKey } from '../../../../shared/api/kube.ts';
import { holdPrimary, keepingMinimum, releasePrimary } from '../../../../shared/engine/primary-capacity.ts';
import { type Scene, scalerContextOf, sceneOf } from '../../../../shared/engine/scene.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/engine/settings.ts';
import { aCanary, withAutoscaler, withStatus } from '../../../make/canary.ts';
import { aDeployment, withReplicas } from '../../../make/deployment.ts';
import { stored } from '../../../make/modify.ts';

const hpa = (minReplicas: number): KubeObject =>
  stored('3')({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'podinfo' }, minReplicas, maxReplicas: 9 },
  });

/** A rollout that began with four pods of the primary. */
const sceneWith = (primary: KubeObject, source: KubeObject, replicas: number): Scene => {
  const ref = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' as const, name: 'podinfo' };
  const canary = aCanary(withAutoscaler(ref), withStatus({ phase: 'Progressing', primaryReplicas: 4 }));
  const scene = sceneOf(canary, { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes' });
  const context = 'problem' in scene ? undefined : scalerContextOf(scene);
  if ('problem' in scene || context === undefined) throw new Error('no scene');
  scene.objects.set(refKey(context.source), source);
  scene.objects.set(refKey(context.primary), primary);
  scene.objects.set(refKey(scene.primaryRef), aDeployment(withReplicas(replicas)));
  return scene;
};

const scalerIn = (writes: ReturnType<typeof holdPrimary>): KubeObject => {
  const [write] = writes;
  if (write?.do !== 'replace') throw new Error(`no scaler in ${JSON.stringify(writes)}`);
  return write.object;
};
const leastOf = ({ spec }: KubeObject): unknown => (spec as { minReplicas: number }).minReplicas;

const held = scalerIn(holdPrimary(sceneWith(hpa(2), hpa(2), 3)));

describe('what the primary had when the rollout began', () => {
  it('is the minimum of its scaler once that went below, and not before', () => {
    expect(holdPrimary(sceneWith(hpa(2), hpa(2), 4))).toEqual([]);
    expect(leastOf(held)).toBe(4);
  });

  it('is no minimum any more when the rollout ended, and leaves no trace', () => {
    expect(scalerIn(releasePrimary(sceneWith(held, hpa(2), 4)))).toEqual(hpa(2));
  });

  it.each([1, 4, 8])('was never set: a source of %d, which nobody has promoted, changes nothing', (least) => {
    expect(releasePrimary(sceneWith(hpa(4), hpa(least), 4))).toEqual([]);
  });

  it('stays the minimum while the scaler is brought up to its source, until the end', () => {
    const synced = (live: KubeObject) => {
      const scene = sceneWith(live, hpa(1), 4);
      const context = scalerContextOf(scene);
      if (context === undefined || scene.scaler === undefined) throw new Error('no scaler');
      return keepingMinimum(scene, live, scene.scaler.syncPrimary(hpa(1), live, context));
    };
    for (const live of [held, hpa(4)]) {
      expect(leastOf(synced(live))).toBe(4);
      expect(leastOf(scalerIn(releasePrimary(sceneWith(synced(live), hpa(1), 4))))).toBe(1);
    }
    expect(leastOf(synced(hpa(3)))).toBe(1);
  });
});
