import { describe, expect, it } from 'vitest';
import { aTemplate, KINDS, NODES, openWorld, PODS, type World } from '../world.ts';

const daemonSet = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: aTemplate(name, 'agent:1'), ...spec },
});

const addNodes = async (world: World, ...names: string[]): Promise<void> => {
  for (const name of names) await world.create(NODES, { metadata: { name, labels: { zone: name } } });
};

describe('the DaemonSet controller', () => {
  it('runs one pod on each node', async () => {
    const world = openWorld({});
    await addNodes(world, 'n1', 'n2', 'n3');
    await world.create(KINDS.daemonSet, daemonSet('agent'));
    await world.clock.advance(5000);
    expect((await world.get(KINDS.daemonSet, 'agent')).status).toEqual({
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberAvailable: 3,
      numberMisscheduled: 0,
      numberReady: 3,
      observedGeneration: 1,
      updatedNumberScheduled: 3,
    });
    expect((await world.list(PODS)).map((pod) => String(pod.spec.nodeName)).sort()).toEqual(['n1', 'n2', 'n3']);
  });

  it('assumes one node where none is known', async () => {
    const world = openWorld({});
    await world.create(KINDS.daemonSet, daemonSet('agent'));
    await world.clock.advance(5000);
    expect((await world.get(KINDS.daemonSet, 'agent')).status.numberAvailable).toBe(1);
  });

  it('has no pods when no node is selected', async () => {
    const world = openWorld({});
    await world.create(KINDS.daemonSet, daemonSet('agent'));
    await world.clock.advance(5000);
    const parked = { 'flagger.app/scale-to-zero': 'true' };
    await world.patch(KINDS.daemonSet, 'agent', { spec: { template: { spec: { nodeSelector: parked } } } });
    await world.clock.advance(5000);
    expect(await world.names(PODS)).toEqual([]);
    expect((await world.get(KINDS.daemonSet, 'agent')).status).toMatchObject({
      desiredNumberScheduled: 0,
      observedGeneration: 2,
    });
  });

  it('replaces pods one after the other', async () => {
    const world = openWorld({});
    await addNodes(world, 'n1', 'n2', 'n3');
    await world.create(KINDS.daemonSet, daemonSet('agent'));
    await world.clock.advance(5000);
    const old = await world.names(PODS);
    let fewest = 3;
    world.server.store.subscribe(({ resource, object }) => {
      const { numberAvailable = 0 } = (object['status'] ?? {}) as { numberAvailable?: number };
      if (resource === 'apps/daemonsets') fewest = Math.min(fewest, numberAvailable);
    });
    await world.patch(KINDS.daemonSet, 'agent', { spec: { template: { metadata: { annotations: { rev: '2' } } } } });
    await world.clock.advance(30_000);
    const now = await world.names(PODS);
    expect(now.filter((name) => old.includes(name))).toEqual([]);
    expect(now).toHaveLength(3);
    expect(fewest).toBe(2);
    expect((await world.get(KINDS.daemonSet, 'agent')).status).toMatchObject({
      updatedNumberScheduled: 3,
      numberAvailable: 3,
    });
  });

  it('leaves old pods alone when it updates on deletion only', async () => {
    const world = openWorld({});
    await world.create(KINDS.daemonSet, daemonSet('agent', { updateStrategy: { type: 'OnDelete' } }));
    await world.clock.advance(5000);
    const old = await world.names(PODS);
    await world.patch(KINDS.daemonSet, 'agent', { spec: { template: { metadata: { annotations: { rev: '2' } } } } });
    await world.clock.advance(5000);
    expect(await world.names(PODS)).toEqual(old);
    expect((await world.get(KINDS.daemonSet, 'agent')).status).not.toHaveProperty('updatedNumberScheduled');
  });

  it('goes to a node that joins later', async () => {
    const world = openWorld({});
    await addNodes(world, 'n1');
    await world.create(KINDS.daemonSet, daemonSet('agent'));
    await world.clock.advance(5000);
    await addNodes(world, 'n2');
    await world.clock.advance(5000);
    expect((await world.get(KINDS.daemonSet, 'agent')).status.numberAvailable).toBe(2);
  });
});
