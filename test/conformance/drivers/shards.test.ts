import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import { refTo } from '../../../shared/api/kube.ts';
import { startController } from '../../../shared/engine/controller.ts';
import type { EngineDeps } from '../../../shared/engine/deps.ts';
import {
  LEASE_DURATION_MS,
  LEASE_RENEW_MS,
  SHARDS,
  STANDBY_LEASE,
  shardLease,
  shardOf,
} from '../../../shared/engine/lease-names.ts';
import { DEFAULT_SETTINGS } from '../../../shared/engine/settings.ts';
import { createCache } from '../../../shared/kube/cache.ts';
import { createLease } from '../../../shared/kube/lease.ts';
import { silentLog } from '../../../shared/platform/log.ts';
import { seededRandom } from '../../../shared/platform/random.ts';
import { describeMismatch } from '../../golden/runner/compare.ts';
import { playScenario } from '../../golden/runner/player.ts';
import { createJudge, traceOf } from '../../golden/runner/run.ts';
import { loadScenario, RECORDED_HOST, type Scenario } from '../../golden/runner/scenario.ts';
import { openVirtualWorld, passTime, type VirtualWorld } from '../../golden/runner/virtual-stage.ts';
import { createMortalPorts } from './mortal-ports.ts';

const HOME = 'kube-system';
/** How far apart others look, and the renewals on their way. */
const LOOK_MS = 2500;
const metrics: EngineDeps['metrics'] = { set() {}, add() {}, observe() {}, forget() {} };

/** One replica of a controller: a process that can be killed. */
const startReplica = async (world: VirtualWorld, identity: string, seed: number) => {
  const { clock } = world;
  const ports = createMortalPorts(world, 0, 'after');
  const random = seededRandom(seed);
  const common = {
    kube: ports.kube,
    clock,
    random,
    namespace: HOME,
    identity,
    durationMs: LEASE_DURATION_MS,
    renewMs: LEASE_RENEW_MS,
  };
  const leases = Array.from({ length: SHARDS }, (_, shard) => createLease({ ...common, name: shardLease(shard) }));
  const shards = { leases, standby: createLease({ ...common, name: STANDBY_LEASE }) };
  const cache = createCache({ kube: ports.kube, clock, random, log: silentLog });
  const settings = { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes', metricsServer: `http://${RECORDED_HOST}` };
  const controller = await startController({
    ...ports,
    cache,
    clock,
    random,
    log: silentLog,
    metrics,
    settings,
    shards,
  });
  return { identity, controller, kill: ports.kill };
};

/** Who holds each shard, by the Leases themselves. */
const holders = async ({ kube }: VirtualWorld): Promise<string[]> =>
  Promise.all(
    Array.from({ length: SHARDS }, async (_, shard) => {
      const lease = await kube.get(refTo(KINDS.lease, HOME, shardLease(shard)));
      return (lease['spec'] as { holderIdentity?: string }).holderIdentity ?? '';
    }),
  );

const sharesOf = (held: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(held)].sort().map((who) => [who, held.filter((one) => one === who).length]));

const ALL = ['a', 'b', 'c', 'd', 'e'];

describe('controllers that share the Canaries', () => {
  it.each([
    [1, { a: 4 }],
    [2, { a: 2, b: 2 }],
    [4, { a: 1, b: 1, c: 1, d: 1 }],
    [5, { a: 1, b: 1, c: 1, d: 1 }],
  ])('are %d, and hold as many shards each as can be, though they came one after the other', async (count, shares) => {
    const world = await openVirtualWorld(loadScenario('late-target'));
    const replicas = [];
    for (const [at, identity] of ALL.slice(0, count).entries()) {
      replicas.push(await startReplica(world, identity, at));
      await world.clock.advance(30_000);
    }
    await world.clock.advance(30_000);
    expect(sharesOf(await holders(world))).toEqual(shares);
    const before = await holders(world);
    await world.clock.advance(120_000);
    expect(await holders(world)).toEqual(before);
    await world.stop();
  });

  it('leave their shards to each other at once when they are stopped', async () => {
    const world = await openVirtualWorld(loadScenario('late-target'));
    const first = await startReplica(world, 'a', 1);
    await world.clock.advance(5000);
    await startReplica(world, 'b', 2);
    await world.clock.advance(40_000);
    await passTime(world.clock, first.controller.stop());
    await world.clock.advance(3000);
    expect(sharesOf(await holders(world))).toEqual({ b: SHARDS });
    await world.stop();
  });
});

/** A rollout whose controller is killed at its first weight, with a second one beside it. */
const playWithKill = async (scenario: Scenario) => {
  const world = await openVirtualWorld(scenario);
  const replicas = [await startReplica(world, 'a', 1), await startReplica(world, 'b', 2)];
  await world.clock.advance(60_000);
  const shard = shardOf({ metadata: { namespace: scenario.namespace, name: scenario.canary } });
  const [holder] = (await holders(world)).slice(shard);
  let killedAt = 0;
  let takenMs = 0;
  world.recorder.onChange(() => {
    const state = world.recorder.statesOf(scenario.namespace, `flagger.app/canaries/${scenario.canary}`).at(-1);
    const { canaryWeight = 0 } = (state === 'DELETED' ? {} : (state?.['status'] ?? {})) as { canaryWeight?: number };
    if (killedAt > 0 || canaryWeight === 0) return;
    killedAt = world.clock.now();
    replicas.find(({ identity }) => identity === holder)?.kill();
    void takenOver();
  });
  const takenOver = async (): Promise<void> => {
    while ((await holders(world))[shard] === holder)
      await new Promise<void>((resolve) => void world.clock.after(250, resolve));
    takenMs = world.clock.now() - killedAt;
  };
  await passTime(world.clock, playScenario(world, scenario));
  await world.clock.advance(60_000);
  const trace = traceOf(world, scenario.namespace);
  const wrong = createJudge(scenario)(trace).filter(({ subject }) => subject.includes('/'));
  const held = sharesOf(await holders(world));
  await world.stop();
  return { takenMs, held, wrong: wrong.map(describeMismatch), killed: killedAt > 0 };
};

describe('the share of a controller that was killed', () => {
  it.each(['nginx-canary', 'traefik-rollback', 'istio-canary'])(
    'is taken over in time in %s, and no step is lost or doubled',
    async (name) => {
      const { killed, takenMs, held, wrong } = await playWithKill(loadScenario(name));
      expect(wrong).toEqual([]);
      expect(killed).toBe(true);
      expect(takenMs).toBeLessThanOrEqual(LEASE_DURATION_MS + LOOK_MS);
      expect(Object.values(held)).toEqual([SHARDS]);
    },
  );
});
