import { describe, expect, it } from 'vitest';
import { READY_ANNOTATION } from '../../../../../shared/sim/controllers/pods.ts';
import { aDeployment, conditionsOf, KINDS, openWorld, PODS, REPLICA_SETS, type Seen, type World } from '../world.ts';

const NEVER = { [READY_ANNOTATION]: 'never' };

const isRolledOut = ({ metadata, spec, status }: Seen): boolean =>
  status.observedGeneration === metadata.generation &&
  status.updatedReplicas === spec.replicas &&
  status.replicas === spec.replicas &&
  status.availableReplicas === spec.replicas;

const rolledOut = async (world: World, name: string): Promise<Seen> => {
  await world.clock.advanceUntil(async () => isRolledOut(await world.get(KINDS.deployment, name)), 600_000);
  return world.get(KINDS.deployment, name);
};

describe('the Deployment controller', () => {
  it('makes pods that become available, and says so as the real one does', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { spec: { minReadySeconds: 5 } }));
    await world.clock.advance(500);
    const early = await world.get(KINDS.deployment, 'web');
    expect(conditionsOf(early)).toEqual([
      'Available=False/MinimumReplicasUnavailable',
      'Progressing=True/ReplicaSetUpdated',
    ]);
    expect(early.status).toMatchObject({
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      unavailableReplicas: 2,
    });
    const late = await rolledOut(world, 'web');
    expect(world.clock.monotonic()).toBeGreaterThanOrEqual(6000);
    expect(conditionsOf(late)).toEqual([
      'Available=True/MinimumReplicasAvailable',
      'Progressing=True/NewReplicaSetAvailable',
    ]);
    expect(late.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    const [pod] = await world.list(PODS);
    expect(pod).toMatchObject({
      spec: { nodeName: 'node-1' },
      status: { phase: 'Running', podIP: expect.stringMatching(/^10\.244\./) },
    });
  });

  it('rolls to a new template without ever falling below what must be available', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 4 }));
    await rolledOut(world, 'web');
    const available: number[] = [];
    world.server.store.subscribe(({ resource, object }) => {
      if (resource === 'apps/deployments') available.push((object as Seen).status.availableReplicas ?? 0);
    });
    await world.patch(KINDS.deployment, 'web', { spec: { template: { metadata: { annotations: { rev: '2' } } } } });
    const after = await rolledOut(world, 'web');
    expect(Math.min(...available)).toBeGreaterThanOrEqual(3);
    expect(after.metadata.annotations['deployment.kubernetes.io/revision']).toBe('2');
    const sets = await world.list(REPLICA_SETS);
    expect(sets.map((set: Seen) => String(set.spec.replicas)).sort()).toEqual(['0', '4']);
    expect(await world.names(PODS)).toHaveLength(4);
  });

  it('takes the old ReplicaSet again when the old template comes back', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { image: 'app:1' }));
    await rolledOut(world, 'web');
    for (const image of ['app:2', 'app:1']) {
      await world.patch(KINDS.deployment, 'web', {
        spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
      });
      await rolledOut(world, 'web');
    }
    expect(await world.names(REPLICA_SETS)).toHaveLength(2);
    expect((await world.get(KINDS.deployment, 'web')).metadata.annotations['deployment.kubernetes.io/revision']).toBe(
      '3',
    );
  });

  it('exceeds the progress deadline when pods never become ready, and keeps the old ones', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { spec: { progressDeadlineSeconds: 30 } }));
    await rolledOut(world, 'web');
    await world.patch(KINDS.deployment, 'web', { spec: { template: { metadata: { annotations: NEVER } } } });
    await world.clock.advance(29_000);
    expect(conditionsOf(await world.get(KINDS.deployment, 'web'))).not.toContain(
      'Progressing=False/ProgressDeadlineExceeded',
    );
    await world.clock.advance(3000);
    const stuck = await world.get(KINDS.deployment, 'web');
    expect(conditionsOf(stuck)).toEqual([
      'Available=True/MinimumReplicasAvailable',
      'Progressing=False/ProgressDeadlineExceeded',
    ]);
    expect(stuck.status).toMatchObject({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 });
  });

  it('recovers when a good template follows a bad one', async () => {
    const world = openWorld({});
    await world.create(
      KINDS.deployment,
      aDeployment('web', { image: 'app:1-broken', spec: { progressDeadlineSeconds: 10 } }),
    );
    await world.clock.advance(20_000);
    expect(conditionsOf(await world.get(KINDS.deployment, 'web'))).toContain(
      'Progressing=False/ProgressDeadlineExceeded',
    );
    await world.patch(KINDS.deployment, 'web', {
      spec: { template: { spec: { containers: [{ name: 'main', image: 'app:2' }] } } },
    });
    expect(conditionsOf(await rolledOut(world, 'web'))).toContain('Progressing=True/NewReplicaSetAvailable');
  });

  it('is complete at zero replicas', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web'));
    await rolledOut(world, 'web');
    await world.patch(KINDS.deployment, 'web', { spec: { replicas: 0 } });
    await world.clock.advance(1000);
    const { status } = await world.get(KINDS.deployment, 'web');
    expect(Object.keys(status).sort()).toEqual(['conditions', 'observedGeneration']);
    expect(status.observedGeneration).toBe(2);
    expect(await world.names(PODS)).toEqual([]);
  });

  it('only scales while paused', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web'));
    await rolledOut(world, 'web');
    await world.patch(KINDS.deployment, 'web', {
      spec: { paused: true, template: { metadata: { annotations: { rev: '2' } } } },
    });
    await world.clock.advance(5000);
    expect(await world.names(REPLICA_SETS)).toHaveLength(1);
    expect(conditionsOf(await world.get(KINDS.deployment, 'web'))).toContain('Progressing=Unknown/DeploymentPaused');
  });

  it('waits until all old pods are gone when it recreates', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { spec: { strategy: { type: 'Recreate' } } }));
    await rolledOut(world, 'web');
    let most = 0;
    world.server.store.subscribe(() => (most = Math.max(most, world.server.store.list('/pods', 'test').length)));
    await world.patch(KINDS.deployment, 'web', { spec: { template: { metadata: { annotations: { rev: '2' } } } } });
    await rolledOut(world, 'web');
    expect(most).toBe(2);
  });

  it('keeps no more old ReplicaSets than it should', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 1, spec: { revisionHistoryLimit: 1 } }));
    for (const rev of ['2', '3', '4']) {
      await rolledOut(world, 'web');
      await world.patch(KINDS.deployment, 'web', { spec: { template: { metadata: { annotations: { rev } } } } });
    }
    await rolledOut(world, 'web');
    await world.clock.advance(1000);
    expect(await world.names(REPLICA_SETS)).toHaveLength(2);
  });

  it('replaces a pod that is deleted, and calls that no new rollout', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web'));
    await rolledOut(world, 'web');
    const [victim = ''] = await world.names(PODS);
    await world.remove(PODS, victim);
    await world.clock.advance(500);
    expect(conditionsOf(await world.get(KINDS.deployment, 'web'))).toContain('Progressing=True/NewReplicaSetAvailable');
    await rolledOut(world, 'web');
    expect(await world.names(PODS)).not.toContain(victim);
  });

  it('lets a pod take its own time', async () => {
    const world = openWorld({});
    await world.create(
      KINDS.deployment,
      aDeployment('slow', { replicas: 1, annotations: { [READY_ANNOTATION]: '20000' } }),
    );
    await rolledOut(world, 'slow');
    expect(world.clock.monotonic()).toBeGreaterThanOrEqual(20_000);
  });

  it('asks whoever starts it about readiness', async () => {
    const world = openWorld({ readiness: (pod) => (pod.metadata.labels?.['app'] === 'sick' ? 'never' : undefined) });
    await world.create(KINDS.deployment, aDeployment('sick', { replicas: 1 }));
    await world.create(KINDS.deployment, aDeployment('well', { replicas: 1 }));
    await rolledOut(world, 'well');
    await world.clock.advance(60_000);
    expect((await world.get(KINDS.deployment, 'sick')).status.availableReplicas).toBeUndefined();
  });
});
