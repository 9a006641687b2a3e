import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../../shared/api/kube.ts';
import { sleep } from '../../../../shared/engine/ports.ts';
import { tick } from '../../../../shared/engine/tick.ts';
import { DRAIN_MS, timeOf } from '../../../../shared/rollout/times.ts';
import type { KubeCall } from '../../../../shared/sim/kube.ts';
import { aCanary, withSpec } from '../../../make/canary.ts';
import { aDeployment } from '../../../make/deployment.ts';
import { type EngineWorld, openEngineWorld } from './engine-world.ts';

/** The user's own from before; a Canary that goes gives it back. */
const SERVICE: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: { selector: { app: 'podinfo' }, ports: [{ name: 'http', port: 80 }] },
};

/** The Deployment's pods are there and ready, as its controller would say. */
const makeReady = async ({ kube }: EngineWorld, name: string): Promise<void> => {
  const live = await kube.get(refTo(KINDS.deployment, 'test', name));
  const { replicas } = live['spec'] as { replicas: number };
  const status = {
    observedGeneration: live.metadata.generation,
    replicas,
    updatedReplicas: replicas,
    availableReplicas: replicas,
    readyReplicas: replicas,
  };
  await kube.replace(KINDS.deployment, { ...live, status }, { subresource: 'status' });
};

const phaseOf = (world: EngineWorld): string | undefined => world.canary()?.status?.phase;

/** Passes until `isReached`, at most thirty. */
const passUntil = async (world: EngineWorld, isReached: () => boolean): Promise<void> => {
  const input = world.tick();
  for (let count = 0; count < 30 && !isReached(); count += 1) await world.pass(tick(input, world.deps));
  expect(isReached()).toBe(true);
};

describe('pods whose traffic is taken away', () => {
  it('stay for as long as they should after the write, however late an API server takes it', async () => {
    let writtenAt: number | undefined;
    const isApex = ({ verb, kind, name }: KubeCall): boolean =>
      ['replace', 'patch'].includes(verb) && kind?.kind === KINDS.service.kind && name === 'podinfo';
    const world: EngineWorld = await openEngineWorld(
      [
        [KINDS.deployment, aDeployment()],
        [KINDS.service, SERVICE],
        [KINDS.canary, aCanary(withSpec({ revertOnDeletion: true }))],
      ],
      async (call) => {
        if (!isApex(call)) return;
        await sleep(world.clock, 5 * DRAIN_MS);
        writtenAt = world.clock.now();
      },
    );
    const hasPrimary = () => world.server.store.get('apps/deployments', 'test', 'podinfo-primary') !== undefined;
    await passUntil(world, hasPrimary);
    await makeReady(world, 'podinfo-primary');
    await passUntil(world, () => phaseOf(world) === 'Initialized');
    await world.kube.remove(refTo(KINDS.canary, 'test', 'podinfo'));
    const target = () => world.server.store.get('apps/deployments', 'test', 'podinfo') as KubeObject;
    await passUntil(world, () => (target()['spec'] as { replicas: number }).replicas > 0);
    await makeReady(world, 'podinfo');
    writtenAt = undefined;
    await passUntil(world, () => writtenAt !== undefined);
    expect(timeOf(world.canary().status?.dueAt)).toBe((writtenAt ?? 0) + DRAIN_MS);
    await world.pass(tick(world.tick(), world.deps));
    expect(phaseOf(world)).toBe('Terminating');
    await world.clock.advance(DRAIN_MS);
    await passUntil(world, () => world.canary() === undefined);
  });
});
