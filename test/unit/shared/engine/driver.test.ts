import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { Driver } from '../../../../shared/engine/driver.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import type { KubeCall } from '../../../../shared/sim/kube.ts';
import { aCanary, withHooks, withSpec } from '../../../make/canary.ts';
import { aDeployment } from '../../../make/deployment.ts';
import { type Modifier, named } from '../../../make/modify.ts';
import { answered, type EngineWorld, openEngineWorld } from './engine-world.ts';

const open = (canaries: Canary[] = [aCanary()], intercept?: (call: KubeCall) => void): Promise<EngineWorld> =>
  openEngineWorld(
    [
      [KINDS.deployment, aDeployment()],
      ...canaries.map((canary) => [KINDS.canary, canary] as [typeof KINDS.canary, Canary]),
    ],
    intercept,
  );

const started = async (world: EngineWorld, options: ConstructorParameters<typeof Driver>[1] = {}): Promise<Driver> => {
  const driver = new Driver(world.deps, options);
  await world.pass(driver.start());
  return driver;
};

const DEPLOYMENT = refTo(KINDS.deployment, 'test', 'podinfo-primary');

/** The primary becomes ready, as its controller would say. */
const makeReady = async ({ kube }: EngineWorld): Promise<void> => {
  const live = await kube.get(DEPLOYMENT);
  const status = {
    observedGeneration: live.metadata.generation,
    replicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    readyReplicas: 2,
  };
  await kube.replace(KINDS.deployment, { ...live, status }, { subresource: 'status' });
};

describe('a driver', () => {
  it('drives what is there at its start, and what comes later', async () => {
    const world = await open();
    const driver = await started(world);
    await world.clock.advance(100);
    expect(world.canary().status?.phase).toBe('Initializing');
    await world.kube.create(
      KINDS.canary,
      aCanary(named('late'), withSpec({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' } })),
    );
    await world.clock.advance(100);
    expect(world.canary('late').status?.phase).toBe('Initializing');
    expect(driver.size).toBe(2);
    await driver.stop();
  });

  it('is woken by a change of what it read, and by nothing else', async () => {
    const world = await open();
    let passes = 0;
    const driver = await started(world, { onPass: () => void (passes += 1) });
    // By then it has told that it waits for pods.
    await world.clock.advance(11_000);
    passes = 0;
    await world.kube.create(KINDS.deployment, aDeployment(named('stranger')));
    // Its deadline comes later.
    await world.clock.advance(30_000);
    expect(passes).toBe(0);
    await makeReady(world);
    await world.clock.advance(100);
    expect(passes).toBeGreaterThan(0);
    expect(world.canary().status?.phase).toBe('Initialized');
    await driver.stop();
  });

  it('asks the server nothing while nothing changes', async () => {
    const calls: string[] = [];
    const world = await open([aCanary()], ({ verb }) => void calls.push(verb));
    const driver = await started(world);
    await world.clock.advance(100);
    await makeReady(world);
    await world.clock.advance(1000);
    calls.length = 0;
    await world.clock.advance(240_000);
    expect(calls).toEqual([]);
    await driver.stop();
  });

  it('forgets a Canary that is gone, with its series', async () => {
    const world = await open();
    const driver = await started(world);
    await world.clock.advance(100);
    expect([...world.series.keys()].some((key) => key.includes('flagger_canary_status'))).toBe(true);
    await world.kube.remove(refTo(KINDS.canary, 'test', 'podinfo'));
    await world.clock.advance(100);
    expect(driver.size).toBe(0);
    expect([...world.series.keys()].filter((key) => key.startsWith('flagger_canary_'))).toEqual([]);
    await driver.stop();
  });

  it('lets the younger of two rivals wait until the older is gone', async () => {
    const world = await open([aCanary()]);
    const driver = await started(world);
    await world.clock.advance(2000);
    await world.kube.create(KINDS.canary, aCanary(named('rival')));
    await world.clock.advance(100);
    const stalled = (): string | undefined =>
      world.canary('rival').status?.conditions?.find(({ type, status }) => type === 'Stalled' && status === 'True')
        ?.message;
    expect(stalled()).toMatch(/already targets Deployment podinfo/);
    await world.kube.remove(refTo(KINDS.canary, 'test', 'podinfo'));
    await world.clock.advance(100);
    expect(stalled()).toBeUndefined();
    await driver.stop();
  });
});

describe('a pass that failed', () => {
  const failing = async (
    error: () => Error,
    times: number,
  ): Promise<{ at: number[]; world: EngineWorld; driver: Driver }> => {
    const at: number[] = [];
    let left = times;
    const world = await open([aCanary()], ({ subresource }) => {
      if (subresource !== 'status' || left <= 0) return;
      left -= 1;
      throw error();
    });
    const start = world.clock.now();
    const driver = await started(world, { onFailure: () => void at.push(world.clock.now() - start) });
    await world.clock.advance(300_000);
    return { at, world, driver };
  };

  it('is tried again at growing distances, up to a minute', async () => {
    const { at, world, driver } = await failing(() => new CanaryError('API_UNAVAILABLE', 'busy'), 15);
    const gaps = at.slice(1).map((time, index) => time - (at[index] as number));
    expect(gaps[0]).toBeLessThanOrEqual(50);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);
    expect(gaps.at(-1)).toBeGreaterThan(10_000);
    expect(world.canary().status?.phase).toBe('Initializing');
    await driver.stop();
  });

  it('stops no other, even where it is a defect that one object brings out', async () => {
    const world = await open(
      [
        aCanary(),
        aCanary(named('late'), withSpec({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' } })),
      ],
      ({ verb, name }) => {
        if (verb === 'create' && name === 'podinfo-canary') throw new TypeError('weighted is null');
      },
    );
    let failures = 0;
    const driver = await started(world, { onFailure: () => void (failures += 1) });
    await world.clock.advance(60_000);
    expect(failures).toBeGreaterThan(1);
    expect(world.canary().status?.phase).not.toBe('Initialized');
    expect(world.canary('late').status?.phase).toBe('Initializing');
    await driver.stop();
  });

  it('waits as long as the server asks', async () => {
    const { at, driver } = await failing(() => new CanaryError('API_UNAVAILABLE', 'busy', { retryAfterMs: 7000 }), 2);
    expect((at[1] as number) - (at[0] as number)).toBe(7000);
    await driver.stop();
  });
});

describe('a driver that could not start', () => {
  it('drives nothing, though the server comes back', async () => {
    let isBroken = true;
    const world = await open([aCanary()], ({ verb, kind }) => {
      if (isBroken && verb === 'list' && kind?.kind === 'Canary')
        throw new CanaryError('API_UNREACHABLE', 'nobody there');
    });
    await expect(started(world)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
    isBroken = false;
    await world.clock.advance(120_000);
    expect(world.canary().status).toBeUndefined();
  });
});

describe('a driver that stops', () => {
  const slow: Modifier<Canary> = withHooks({ name: 'slow', type: 'confirm-rollout', url: 'http://slow/' });

  it('does not wait for an answer that it asked for', async () => {
    const world = await open([aCanary(slow)]);
    await world.kube.replace(
      KINDS.canary,
      {
        ...world.canary(),
        status: { phase: 'Succeeded', revision: 'old', trackedConfigs: {}, lastAppliedSpec: 'x' },
      },
      { subresource: 'status' },
    );
    world.answer = (_request, signal) =>
      new Promise((resolve, reject) => {
        world.clock.after(600_000, () => resolve(answered(200)));
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const driver = await started(world);
    await world.clock.advance(5000);
    expect(world.asked).toHaveLength(1);
    const before = world.clock.now();
    await world.pass(driver.stop());
    expect(world.clock.now() - before).toBeLessThan(1000);
    expect(world.canary().status?.phase).toBe('Succeeded');
  });

  it('hears of nothing any more', async () => {
    const world = await open();
    const driver = await started(world);
    await world.clock.advance(100);
    await world.pass(driver.stop());
    await makeReady(world);
    await world.clock.advance(10_000);
    expect(world.canary().status?.phase).toBe('Initializing');
  });
});
