import { describe, expect, it } from 'vitest';
import { loadScenario, type Trace } from '../../golden/runner/scenario.ts';
import { playWithDeath } from './play-with-death.ts';

const COOKIE = /flagger-cookie=([A-Za-z]{10})/g;

const cookiesIn = (objects: Trace['objects'], key: string): Set<string> =>
  new Set([...JSON.stringify(objects[key]).matchAll(COOKIE)].map(([, value]) => value ?? ''));

const SCENARIOS = [
  ['istio-affinity', 'networking.istio.io/virtualservices/podinfo'],
  ['gatewayapi-affinity', 'gateway.networking.k8s.io/httproutes/podinfo'],
] as const;

describe.each(SCENARIOS)('the session cookie of %s', (name, route) => {
  const whatever = 'is one and the same in route and status, after whatever write its driver died';

  it(whatever, { timeout: 180_000 }, async () => {
    const scenario = loadScenario(name);
    const { writes } = await playWithDeath(scenario, 0, 'after');
    for (let fatal = 1; fatal <= writes; fatal += 1) {
      const { died, mismatches, objects } = await playWithDeath(scenario, fatal, 'after');
      expect({ died, mismatches }).toEqual({ died: true, mismatches: [] });
      const made = cookiesIn(objects, route);
      expect(made.size).toBe(1);
      expect(cookiesIn(objects, 'flagger.app/canaries/podinfo')).toEqual(made);
    }
  });
});
