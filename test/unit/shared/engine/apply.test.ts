import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { apply } from '../../../../shared/engine/apply.ts';
import { observe } from '../../../../shared/engine/observe.ts';
import { tick } from '../../../../shared/engine/tick.ts';
import { aCanary } from '../../../make/canary.ts';
import { aDeployment, type Deployment, withImage } from '../../../make/deployment.ts';
import { type EngineWorld, openEngineWorld } from './engine-world.ts';

const push = async ({ kube, clock }: EngineWorld, image: string): Promise<void> => {
  const live = (await kube.get(refTo(KINDS.deployment, 'test', 'podinfo'))) as Deployment;
  await kube.replace(KINDS.deployment, withImage(image)(live));
  await clock.advance(1);
};

const imageOf = ({ server }: EngineWorld, name: string): string | undefined =>
  (server.store.get('apps/deployments', 'test', name) as Deployment | undefined)?.spec.template.spec.containers[0]
    ?.image;

describe('a promotion', () => {
  it('copies what the pass has judged, though the target moved on meanwhile', async () => {
    const world = await openEngineWorld([
      [KINDS.deployment, aDeployment()],
      [KINDS.canary, aCanary()],
    ]);
    const input = world.tick();
    for (let pass = 0; pass < 3; pass += 1) await world.pass(tick(input, world.deps));
    await push(world, 'example.org/podinfo:2.0.0');
    const { scene } = await world.pass(observe(world.canary(), world.deps, undefined, input.signal));
    if (scene === undefined) throw new Error('the spec can not be worked on');
    await push(world, 'example.org/podinfo:3.0.0');
    await world.pass(apply(scene, [{ do: 'promote' }], world.deps, input.signal));
    expect(imageOf(world, 'podinfo-primary')).toBe('example.org/podinfo:2.0.0');
  });
});
