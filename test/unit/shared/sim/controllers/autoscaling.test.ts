import { describe, expect, it } from 'vitest';
import { aDeployment, conditionsOf, KINDS, openWorld, type World } from '../world.ts';

const hpa = (min: number, max: number): object => ({
  metadata: { name: 'web' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: min,
    maxReplicas: max,
  },
});

const scaledObject = (more: object = {}, annotations: object = {}): object => ({
  metadata: { name: 'web', annotations },
  spec: {
    scaleTargetRef: { name: 'web' },
    pollingInterval: 10,
    minReplicaCount: 1,
    maxReplicaCount: 6,
    triggers: [{ type: 'prometheus', metadata: { query: 'load', threshold: '10' } }],
    ...more,
  },
});

const PAUSED = 'autoscaling.keda.sh/paused-replicas';
const replicas = async (world: World): Promise<number> => (await world.get(KINDS.deployment, 'web')).spec.replicas;

describe('the autoscaler', () => {
  it('lifts a target to its minimum and lowers it to its maximum', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 1 }));
    await world.create(KINDS.hpa, hpa(2, 4));
    await world.clock.advance(1000);
    expect(await replicas(world)).toBe(2);
    await world.patch(KINDS.deployment, 'web', { spec: { replicas: 9 } });
    await world.clock.advance(1000);
    expect(await replicas(world)).toBe(4);
  });

  it('is inert at zero replicas, and says so', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 0 }));
    await world.create(KINDS.hpa, hpa(2, 4));
    await world.clock.advance(60_000);
    expect(await replicas(world)).toBe(0);
    expect(conditionsOf(await world.get(KINDS.hpa, 'web'))).toEqual([
      'AbleToScale=True/SucceededGetScale',
      'ScalingActive=False/ScalingDisabled',
    ]);
    await world.patch(KINDS.deployment, 'web', { spec: { replicas: 1 } });
    await world.clock.advance(1000);
    expect(await replicas(world)).toBe(2);
    expect(conditionsOf(await world.get(KINDS.hpa, 'web'))).toContain('ScalingActive=True/ValidMetricFound');
  });

  it('follows the load between its bounds', async () => {
    let load = 250;
    const world = openWorld({ load: () => load });
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 1 }));
    await world.create(KINDS.hpa, hpa(1, 10));
    await world.clock.advance(1000);
    expect(await replicas(world)).toBe(4);
    load = 10_000;
    await world.clock.advance(20_000);
    expect(await replicas(world)).toBe(10);
  });

  it('says when its target does not exist', async () => {
    const world = openWorld({});
    await world.create(KINDS.hpa, hpa(1, 2));
    await world.clock.advance(1000);
    expect(conditionsOf(await world.get(KINDS.hpa, 'web'))).toContain('AbleToScale=False/FailedGetScale');
  });
});

describe('KEDA', () => {
  const only = ['deployment', 'replicaset', 'pod', 'keda', 'garbage'] as const;

  it('scales by what its query answers, from zero and back', async () => {
    let load = 0;
    const world = openWorld({ only, load: () => load });
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 2 }));
    await world.create(KINDS.scaledObject, scaledObject({ minReplicaCount: 0 }));
    await world.clock.advance(15_000);
    expect(await replicas(world)).toBe(0);
    load = 35;
    await world.clock.advance(15_000);
    expect(await replicas(world)).toBe(4);
    load = 1000;
    await world.clock.advance(15_000);
    expect(await replicas(world)).toBe(6);
    expect(conditionsOf(await world.get(KINDS.scaledObject, 'web'))).toContain('Active=True/ScalerActive');
  });

  it('holds a paused target at its number and takes the HPA away', async () => {
    const world = openWorld({ only, load: () => 35 });
    await world.create(KINDS.deployment, aDeployment('web'));
    await world.create(KINDS.scaledObject, scaledObject());
    await world.clock.advance(5000);
    expect([await replicas(world), await world.names(KINDS.hpa)]).toEqual([4, ['keda-hpa-web']]);
    await world.patch(KINDS.scaledObject, 'web', { metadata: { annotations: { [PAUSED]: '0' } } });
    await world.clock.advance(60_000);
    expect([await replicas(world), await world.names(KINDS.hpa)]).toEqual([0, []]);
    expect(conditionsOf(await world.get(KINDS.scaledObject, 'web'))).toContain('Paused=True/ScaledObjectPaused');
    await world.patch(KINDS.scaledObject, 'web', { metadata: { annotations: { [PAUSED]: null } } });
    await world.clock.advance(1000);
    expect([await replicas(world), await world.names(KINDS.hpa)]).toEqual([4, ['keda-hpa-web']]);
  });

  it('freezes the present number when only told to pause', async () => {
    const world = openWorld({ only, load: () => 60 });
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 3 }));
    await world.create(KINDS.scaledObject, scaledObject({}, { 'autoscaling.keda.sh/paused': 'true' }));
    await world.clock.advance(30_000);
    expect(await replicas(world)).toBe(3);
  });

  it('names the HPA as it is told to', async () => {
    const world = openWorld({ only, load: () => 1 });
    await world.create(KINDS.deployment, aDeployment('web'));
    const advanced = { horizontalPodAutoscalerConfig: { name: 'my-hpa' } };
    await world.create(KINDS.scaledObject, scaledObject({ advanced }));
    await world.clock.advance(1000);
    const [found] = await world.list(KINDS.hpa);
    expect([found.metadata.name, found.spec.minReplicas, found.spec.maxReplicas]).toEqual(['my-hpa', 1, 6]);
  });

  it('lifts a target to its minimum without knowing the load', async () => {
    const world = openWorld({ only });
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 0 }));
    await world.create(KINDS.scaledObject, scaledObject({ minReplicaCount: 2 }));
    await world.clock.advance(1000);
    expect(await replicas(world)).toBe(2);
  });

  it('does not run unless asked for', async () => {
    const world = openWorld({});
    await world.create(KINDS.deployment, aDeployment('web', { replicas: 0 }));
    await world.create(KINDS.scaledObject, scaledObject({ minReplicaCount: 2 }));
    await world.clock.advance(60_000);
    expect(await replicas(world)).toBe(0);
  });
});
