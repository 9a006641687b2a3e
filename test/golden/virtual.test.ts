import { afterAll, describe, expect, it } from 'vitest';
import { loadScenario } from './runner/scenario.ts';
import { coverage, SCENARIOS } from './runner/selection.ts';
import { runVirtually } from './runner/virtual-stage.ts';

afterAll(() => void process.stdout.write(`${coverage()} in virtual time\n`));

describe('in virtual time, a rollout is as recorded', () => {
  it.each(SCENARIOS)('%s', async (name) => {
    expect(await runVirtually(loadScenario(name))).toEqual([]);
  });
});
