import { describe, expect, it } from 'vitest';
import { aDeployment, KINDS, openWorld, PODS, REPLICA_SETS, type Seen, type World } from '../world.ts';

const owned = (name: string, owner: Seen, more: object = {}): object => ({
  metadata: {
    name,
    ownerReferences: [
      { apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid, ...more },
    ],
  },
});

const settle = (world: World): Promise<void> => world.clock.advance(1000);

describe('garbage collection', () => {
  it('takes along what was owned, down to the last', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web'));
    await world.clock.advance(5000);
    await world.remove(KINDS.deployment, 'web');
    await settle(world);
    expect([await world.names(REPLICA_SETS), await world.names(PODS)]).toEqual([[], []]);
  });

  it('keeps what another owner still owns', async () => {
    const world = openWorld({});
    const [a, b] = [
      await world.create(KINDS.configMap, { metadata: { name: 'a' } }),
      await world.create(KINDS.configMap, { metadata: { name: 'b' } }),
    ];
    const references = [a, b].map(({ metadata }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: metadata.name,
      uid: metadata.uid,
    }));
    await world.create(KINDS.secret, { metadata: { name: 'child', ownerReferences: references } });
    await world.remove(KINDS.configMap, 'a');
    await settle(world);
    expect(await world.names(KINDS.secret)).toEqual(['child']);
    await world.remove(KINDS.configMap, 'b');
    await settle(world);
    expect(await world.names(KINDS.secret)).toEqual([]);
  });

  it('takes what is created under an owner that is gone already', async () => {
    const world = openWorld({});
    const owner = await world.create(KINDS.configMap, { metadata: { name: 'owner' } });
    await world.remove(KINDS.configMap, 'owner');
    await world.create(KINDS.secret, owned('late', owner));
    await settle(world);
    expect(await world.names(KINDS.secret)).toEqual([]);
  });

  it('sees the uid, not the name', async () => {
    const world = openWorld({});
    const first = await world.create(KINDS.configMap, { metadata: { name: 'owner' } });
    await world.create(KINDS.secret, owned('child', first));
    await world.remove(KINDS.configMap, 'owner');
    await world.create(KINDS.configMap, { metadata: { name: 'owner' } });
    await settle(world);
    expect(await world.names(KINDS.secret)).toEqual([]);
  });

  it('deletes children first when asked to', async () => {
    const world = openWorld({});
    const owner = await world.create(KINDS.configMap, { metadata: { name: 'owner' } });
    await world.create(KINDS.secret, owned('child', owner));
    const gone: string[] = [];
    world.server.store.subscribe(({ type, object }) => {
      if (type === 'DELETED') gone.push(object.metadata.name);
    });
    await world.remove(KINDS.configMap, 'owner', 'Foreground');
    await settle(world);
    expect(gone).toEqual(['child', 'owner']);
  });

  it('leaves orphans behind when asked to', async () => {
    const world = openWorld({});
    const owner = await world.create(KINDS.configMap, { metadata: { name: 'owner' } });
    await world.create(KINDS.secret, owned('child', owner));
    await world.remove(KINDS.configMap, 'owner', 'Orphan');
    await settle(world);
    expect(await world.names(KINDS.configMap)).toEqual([]);
    expect((await world.get(KINDS.secret, 'child')).metadata).not.toHaveProperty('ownerReferences');
  });
});

describe('a namespace that is deleted', () => {
  it('takes its content along, and waits for what finalizers hold', async () => {
    const world = openWorld({});
    await world.create(KINDS.configMap, { metadata: { name: 'plain' } });
    await world.create(KINDS.configMap, { metadata: { name: 'held', finalizers: ['example.org/hold'] } });
    await world.remove(KINDS.namespace, 'test');
    await settle(world);
    expect(await world.names(KINDS.configMap)).toEqual(['held']);
    expect((await world.get(KINDS.namespace, 'test')).status.phase).toBe('Terminating');
    await expect(world.create(KINDS.configMap, { metadata: { name: 'new' } })).rejects.toMatchObject({
      code: 'API_FORBIDDEN',
    });
    await world.patch(KINDS.configMap, 'held', { metadata: { finalizers: null } });
    await settle(world);
    await expect(world.get(KINDS.namespace, 'test')).rejects.toMatchObject({ code: 'API_NOT_FOUND' });
  });
});
