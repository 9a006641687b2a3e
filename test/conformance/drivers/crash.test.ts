import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../golden/runner/scenario.ts';
import { playWithDeath } from './play-with-death.ts';

describe.each(['bluegreen-keda', 'nginx-canary', 'traefik-rollback'].map(loadScenario))(
  'a driver killed in $name',
  (scenario) => {
    it.each(['before', 'after'] as const)(
      '%s any of its writes is followed by one that goes on correctly',
      async (death) => {
        const whole = await playWithDeath(scenario, 0, death);
        expect(whole.mismatches).toEqual([]);
        const wrong: Record<number, readonly string[]> = {};
        for (let fatal = 1; fatal <= whole.writes; fatal += 1) {
          const { died, mismatches } = await playWithDeath(scenario, fatal, death);
          expect(died).toBe(true);
          if (mismatches.length > 0) wrong[fatal] = mismatches;
        }
        expect(wrong).toEqual({});
      },
    );
  },
);
