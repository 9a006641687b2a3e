import { describe, expect, it } from 'vitest';
import { Series } from '../../../../shared/engine/series.ts';
import type { Pass } from '../../../../shared/engine/tick.ts';
import { aCanary, inPhase, withSpec } from '../../../make/canary.ts';
import { named } from '../../../make/modify.ts';
import { openEngineWorld } from './engine-world.ts';

const target = (name: string) => withSpec({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } });
const passOf = (more: Partial<Pass>): Pass => ({
  dueAt: undefined,
  again: false,
  routes: undefined,
  reads: [],
  canary: undefined,
  ...more,
});

const open = async () => {
  const { deps, series } = await openEngineWorld([]);
  return { series: new Series(deps.metrics), shown: () => Object.fromEntries(series) };
};

describe('the series of Canaries', () => {
  it('count them by namespace, down to none', async () => {
    const { series, shown } = await open();
    series.see('a', aCanary(named('a')));
    series.see('b', aCanary(named('b'), target('b')));
    series.see('c', aCanary(named('c', 'other')));
    series.see('a', aCanary(named('a')));
    expect(shown()).toEqual({
      'flagger_canary_total{"namespace":"test"}': 2,
      'flagger_canary_total{"namespace":"other"}': 1,
    });
    series.forget('c');
    series.forget('c');
    expect(shown()).toEqual({ 'flagger_canary_total{"namespace":"test"}': 2 });
  });

  it.each([
    ['Progressing', 0],
    ['Succeeded', 1],
    ['WaitingPromotion', 1],
    ['Failed', 2],
  ] as const)('say of %s: %d, under the name of the target', async (phase, value) => {
    const { series, shown } = await open();
    series.measure(
      passOf({ canary: aCanary(named('other'), inPhase(phase)), routes: { primary: 70, canary: 30, mirrored: false } }),
    );
    expect(shown()).toEqual({
      'flagger_canary_status{"name":"podinfo","namespace":"test"}': value,
      'flagger_canary_weight{"workload":"podinfo","namespace":"test"}': 30,
      'flagger_canary_weight{"workload":"podinfo-primary","namespace":"test"}': 70,
    });
  });

  it('say nothing of weights that nobody knows, and nothing of a Canary that is gone', async () => {
    const { series, shown } = await open();
    series.measure(passOf({}));
    series.measure(passOf({ canary: aCanary() }));
    expect(Object.keys(shown())).toEqual(['flagger_canary_status{"name":"podinfo","namespace":"test"}']);
  });

  it('go with the Canary, or with its target', async () => {
    const { series, shown } = await open();
    const measure = (canary = aCanary()): void => {
      series.see('a', canary);
      series.measure(passOf({ canary, routes: { primary: 100, canary: 0, mirrored: false } }));
    };
    measure();
    measure(aCanary(target('other')));
    expect(Object.keys(shown()).some((key) => key.includes('"podinfo"'))).toBe(false);
    series.forget('a');
    expect(shown()).toEqual({});
  });
});
