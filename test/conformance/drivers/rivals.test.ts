import { describe, expect, it } from 'vitest';
import type { Kube } from '../../../shared/engine/ports.ts';
import { hasCode } from '../../../shared/errors.ts';
import { describeMismatch } from '../../golden/runner/compare.ts';
import { playScenario } from '../../golden/runner/player.ts';
import { createJudge, traceOf } from '../../golden/runner/run.ts';
import { loadScenario } from '../../golden/runner/scenario.ts';
import { openVirtualWorld, passTime } from '../../golden/runner/virtual-stage.ts';

/** Counts the writes that were refused because another driver was faster. */
const countingRefusals = (kube: Kube): { kube: Kube; refusals: () => number } => {
  let refusals = 0;
  const counted = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (hasCode(error, 'API_CONFLICT', 'API_EXISTS')) refusals += 1;
      throw error;
    }
  };
  const counting: Kube = {
    get: (...args) => kube.get(...args),
    list: (...args) => kube.list(...args),
    watch: (...args) => kube.watch(...args),
    create: (...args) => counted(kube.create(...args)),
    replace: (...args) => counted(kube.replace(...args)),
    patch: (...args) => counted(kube.patch(...args)),
    remove: (...args) => kube.remove(...args),
    raw: (...args) => kube.raw(...args),
  };
  return { kube: counting, refusals: () => refusals };
};

describe('two drivers of one rollout that know of no Lease', () => {
  it.each(['nginx-canary', 'bluegreen-keda', 'traefik-rollback', 'step-promotion', 'istio-canary', 'skip-analysis'])(
    'double no step of %s: the slower one finds its write refused',
    async (name) => {
      const scenario = loadScenario(name);
      const world = await openVirtualWorld(scenario);
      const { kube, refusals } = countingRefusals(world.kube);
      const drivers = [
        await world.startDriver({ kube, http: world.http }),
        await world.startDriver({ kube, http: world.http }),
      ];
      await passTime(world.clock, playScenario(world, scenario));
      await world.clock.advance(60_000);
      const trace = traceOf(world, scenario.namespace);
      for (const driver of drivers) await driver.stop();
      await world.stop();
      const wrong = createJudge(scenario)(trace).filter(({ subject }) => subject.includes('/'));
      expect(wrong.map(describeMismatch)).toEqual([]);
      expect(refusals()).toBeGreaterThan(0);
    },
  );
});
