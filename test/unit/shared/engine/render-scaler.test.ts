import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../shared/api/canary.ts';
import { refKey } from '../../../../shared/api/kube.ts';
import { renderAction } from '../../../../shared/engine/render.ts';
import { scalerContextOf, sceneOf } from '../../../../shared/engine/scene.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/engine/settings.ts';
import { PAUSED_REPLICAS } from '../../../../shared/scaling/scaled-object.ts';
import { aCanary, withAutoscaler, withStatus } from '../../../make/canary.ts';
import { stored, withAnnotations } from '../../../make/modify.ts';
import { aScaledObject } from '../../../make/scaled-object.ts';

/** What is written over a primary ScaledObject that is paused at zero. */
const writesOver = (status: Partial<CanaryStatus>) => {
  const canary = aCanary(withAutoscaler(), withStatus({ phase: 'Succeeded', ...status }));
  const scene = sceneOf(canary, { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes' });
  if ('problem' in scene) throw new Error(scene.problem);
  const context = scalerContextOf(scene);
  if (context === undefined) throw new Error('no scaler');
  scene.objects.set(refKey(context.source), aScaledObject());
  const primary = stored('9')(aScaledObject(withAnnotations({ [PAUSED_REPLICAS]: '0', mine: 'x' })));
  scene.objects.set(refKey(context.primary), primary);
  const rendered = renderAction(scene, { do: 'ensure-primary-scaler' });
  return 'problem' in rendered ? rendered.problem : rendered.writes;
};

describe('a primary ScaledObject that is paused at zero', () => {
  it('has that from another controller where the Canary comes from one: it is taken off', () => {
    expect(writesOver({})).toMatchObject([
      {
        do: 'patch',
        ref: { name: 'podinfo-so-primary' },
        patch: { metadata: { resourceVersion: '9', annotations: { [PAUSED_REPLICAS]: null } } },
      },
    ]);
  });

  it('has it from a person where we made it: it stays', () => {
    expect(writesOver({ revision: 'r1' })).toEqual([]);
  });
});
