import { describe, expect, test } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import {
  apexNameOf,
  canaryNameOf,
  primaryNameOf,
  primaryScalerNameOf,
  primaryWorkloadNameOf,
  strategyOf,
  targetNameOf,
} from '../../../../shared/api/names.ts';

const canaryOf = (spec: object): Canary => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'podinfo' },
  spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, analysis: {}, ...spec },
});

describe('names of what a Canary owns', () => {
  test.each([
    ['the target', {}, 'web'],
    ['the target where service.name is empty', { service: { port: 80, name: '' } }, 'web'],
    ['service.name', { service: { port: 80, name: 'shop' } }, 'shop'],
  ])('the Services are named after %s', (_, spec, apex) => {
    const canary = canaryOf(spec);
    expect([apexNameOf(canary), primaryNameOf(canary), canaryNameOf(canary)]).toEqual([
      apex,
      `${apex}-primary`,
      `${apex}-canary`,
    ]);
  });

  test('the workload is named after the target, whatever the Services are called', () => {
    const canary = canaryOf({ service: { port: 80, name: 'shop' } });
    expect([targetNameOf(canary), primaryWorkloadNameOf(canary)]).toEqual(['web', 'web-primary']);
  });

  test('the scaler is named after the autoscaler, and has no name without one', () => {
    const autoscalerRef = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'web-so' };
    expect(primaryScalerNameOf(canaryOf({ autoscalerRef }))).toBe('web-so-primary');
    expect(primaryScalerNameOf(canaryOf({}))).toBeUndefined();
  });

  test.each([{}, { spec: null }, { spec: { targetRef: null, service: null, analysis: null } }])(
    'an object like %j gives no exception',
    (broken) => {
      const canary = { apiVersion: '', kind: '', metadata: { name: 'x' }, ...broken } as unknown as Canary;
      expect([apexNameOf(canary), primaryScalerNameOf(canary), strategyOf(canary)]).toEqual(['', undefined, 'canary']);
    },
  );
});

describe('the strategy', () => {
  const match = [{ headers: { 'x-canary': { exact: 'insider' } } }];
  test.each([
    [{ stepWeight: 10 }, 'canary'],
    [{ stepWeights: [1, 50] }, 'canary'],
    [{ stepWeight: 10, match }, 'canary'],
    [{ iterations: 0 }, 'canary'],
    [{ iterations: -1 }, 'canary'],
    [{ iterations: 0.5 }, 'canary'],
    [{ iterations: 3 }, 'blue-green'],
    [{ iterations: 3, match: [] }, 'blue-green'],
    [{ iterations: 3, match }, 'ab-testing'],
  ])('of %j is %s', (analysis, strategy) => {
    expect(strategyOf(canaryOf({ analysis }))).toBe(strategy);
  });
});
