import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../shared/api/canary.ts';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../../shared/api/kube.ts';
import { tick } from '../../../../shared/engine/tick.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import type { SimKubeOptions } from '../../../../shared/sim/kube.ts';
import { aCanary } from '../../../make/canary.ts';
import { aDeployment, withPodSpec } from '../../../make/deployment.ts';
import { type EngineWorld, openEngineWorld } from './engine-world.ts';

const CONFIG: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'extra', namespace: 'test' },
  data: { color: 'red' },
};

/** A target that reads one ConfigMap, without which it can or can not start. */
const readingConfig = (optional: boolean) =>
  aDeployment(withPodSpec({ volumes: [{ name: 'extra', configMap: { name: 'extra', optional } }] }));

const open = (
  optional: boolean,
  configs: readonly KubeObject[],
  intercept?: SimKubeOptions['intercept'],
): Promise<EngineWorld> =>
  openEngineWorld(
    [
      [KINDS.deployment, readingConfig(optional)],
      ...configs.map((config) => [KINDS.configMap, config] as [typeof KINDS.configMap, KubeObject]),
      [KINDS.canary, aCanary()],
    ],
    intercept,
  );

const passes = async (world: EngineWorld, count = 6): Promise<CanaryStatus | undefined> => {
  const input = world.tick();
  for (let pass = 0; pass < count; pass += 1) await world.pass(tick(input, world.deps));
  return world.canary().status;
};

const primaryOf = ({ server }: EngineWorld): KubeObject | undefined =>
  server.store.get('apps/deployments', 'test', 'podinfo-primary');

describe('a ConfigMap that pods', () => {
  it('can start without is nothing to wait for where it is absent', async () => {
    const world = await open(true, []);
    await passes(world);
    expect(JSON.stringify(primaryOf(world)?.['spec'])).toContain('"name":"extra","configMap":{"name":"extra",');
  });

  it('can not start without is waited for', async () => {
    const world = await open(false, []);
    await passes(world);
    expect(primaryOf(world)).toBeUndefined();
    expect(world.events().join()).toContain('configmap extra.test get query error: configmaps "extra" not found');
    await world.kube.create(KINDS.configMap, CONFIG);
    await world.clock.advance(1);
    await passes(world);
    expect(JSON.stringify(primaryOf(world)?.['spec'])).toContain('"configMap":{"name":"extra-primary"');
  });

  it('can start without is not taken for absent where it can not be read', async () => {
    const world = await open(true, [CONFIG], ({ kind }) => {
      if (kind?.kind === 'ConfigMap') throw new CanaryError('API_FORBIDDEN', 'configmaps is not for you');
    });
    await expect(passes(world)).rejects.toMatchObject({ code: 'API_FORBIDDEN' });
    expect(primaryOf(world)).toBeUndefined();
    expect(await world.kube.get(refTo(KINDS.configMap, 'test', 'extra'))).toBeDefined();
  });
});
