import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { alert, normal, ownEvent, warning } from '../../../../shared/rollout/texts.ts';
import { aCanary, withAnalysis, withSpec, withWeights } from '../../../make/canary.ts';
import { canaryIn, worldOf } from './command-world.ts';

const PROGRESSING = worldOf(canaryIn('Progressing'));

describe("an event of the reference's", () => {
  it('is told to event hooks with the phase at the start of the pass', () => {
    expect([normal(PROGRESSING, 'a'), warning(PROGRESSING, 'b')]).toStrictEqual([
      { tell: 'event', type: 'Normal', reason: 'Synced', message: 'a', hookPhase: 'Progressing' },
      { tell: 'event', type: 'Warning', reason: 'Synced', message: 'b', hookPhase: 'Progressing' },
    ]);
  });

  it('names another phase where one is given, and none before the first', () => {
    expect(normal(PROGRESSING, 'a', { phase: 'Failed', once: 'a 4' })).toStrictEqual({
      tell: 'event',
      type: 'Normal',
      reason: 'Synced',
      message: 'a',
      hookPhase: 'Failed',
      once: 'a 4',
    });
    expect(normal(worldOf(aCanary()), 'a')).toHaveProperty('hookPhase', '');
  });
});

describe('an event of our own', () => {
  it('is typed, and nothing to event hooks', () => {
    expect([ownEvent('Warning', 'Odd', 'a'), ownEvent('Normal', 'Even', 'b', 'key')]).toStrictEqual([
      { tell: 'event', type: 'Warning', reason: 'Odd', message: 'a' },
      { tell: 'event', type: 'Normal', reason: 'Even', message: 'b', once: 'key' },
    ]);
  });
});

describe('an alert', () => {
  const inCluster = (canary: Canary, clusterName: string) =>
    worldOf(canary, { settings: { provider: 'any', clusterName, observer: 'any' } });

  it('carries the fields of its rollout where they are asked for, else none', () => {
    const world = inCluster(aCanary(), '');
    expect(alert(world, 'warn', 'a')).toStrictEqual({ tell: 'alert', severity: 'warn', message: 'a', fields: [] });
    expect(alert(world, 'info', 'a', true)).toStrictEqual({
      tell: 'alert',
      severity: 'info',
      message: 'a',
      fields: [
        { name: 'Target', value: 'Deployment/podinfo.test' },
        { name: 'Failed checks threshold', value: '3' },
        { name: 'Progress deadline', value: '60s' },
        { name: 'Traffic routing', value: 'Blue/Green' },
      ],
    });
  });

  it('names the cluster first, where it has a name', () => {
    const world = inCluster(aCanary(), 'north');
    expect(alert(world, 'error', 'a')).toHaveProperty('fields', [{ name: 'Cluster', value: 'north' }]);
    expect(alert(world, 'error', 'a', true)).toHaveProperty('fields.0', { name: 'Cluster', value: 'north' });
    expect(alert(world, 'error', 'a', true)).toHaveProperty('fields.1.name', 'Target');
  });

  const steps = (more: object) => aCanary(withWeights(10, 50), withAnalysis({ stepWeight: undefined, ...more }));

  it.each<[string, Canary, string[]]>([
    ['iterations', aCanary(), ['Blue/Green']],
    [
      'iterations for some requests',
      aCanary(withAnalysis({ match: [{ headers: { a: { exact: '1' } } }] })),
      ['A/B Testing'],
    ],
    ['a step weight', aCanary(withWeights(10, 50)), ['Weight step: 10 max: 50']],
    ['step weights', steps({ stepWeights: [5, 20, 60] }), ['Weight steps: 5,20,60 max: 50']],
    [
      'step weights without a maximum',
      steps({ maxWeight: undefined, stepWeights: [5, 20] }),
      ['Weight steps: 5,20 max: 0'],
    ],
    ['no steps of its own', steps({}), []],
    ['no analysis', aCanary(withSpec({ analysis: {} })), []],
  ])('says how traffic is routed: %s', (_what, canary, values) => {
    const told = alert(worldOf(canary), 'info', 'a', true);
    const fields = told.tell === 'alert' ? told.fields : [];
    expect(fields.filter(({ name }) => !/^(Target|Failed checks threshold|Progress deadline)$/.test(name))).toEqual(
      values.map((value) => ({ name: 'Traffic routing', value })),
    );
  });
});
