import { describe, expect, it } from 'vitest';
import type { Analysis, Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import type { Capabilities } from '../../../../shared/api/model.ts';
import { firstStep, graceAfter, graceOf, saysGrace } from '../../../../shared/rollout/grace.ts';
import { hasReached, iterationRoutes, nextStep, type Position } from '../../../../shared/rollout/steps.ts';
import { aCanary, withAnalysis, withStatus } from '../../../make/canary.ts';
import { at, canaryIn, worldOf } from './command-world.ts';

const { capabilities: BY_WEIGHT } = worldOf(aCanary());
const MESH: Capabilities = { ...BY_WEIGHT, mirror: 'always' };
const START: Position = { weight: 0, mirrored: false, iterations: 0 };
const of = (analysis: Partial<Analysis>, status?: Partial<CanaryStatus>): Canary =>
  aCanary(withAnalysis({ iterations: undefined, ...analysis }), ...(status ? [withStatus(status)] : []));

describe('the end of the weights', () => {
  it.each<[string, Partial<Analysis>, number, number | 'promote']>([
    ['is at the maximum, though a step would pass it', { stepWeight: 40, maxWeight: 50 }, 50, 'promote'],
    ['is not below it', { stepWeight: 40, maxWeight: 50 }, 49, 80],
    ['is none before the first of them', { stepWeight: 40, maxWeight: 0 }, 0, 40],
  ])('%s', (_what, analysis, weight, next) => {
    const step = nextStep(of(analysis), MESH, { ...START, weight });
    expect(step).toEqual(next === 'promote' ? undefined : { kind: 'weight', weight: next });
  });

  it('is no end of iterations, which have all traffic', () => {
    const test = of({ iterations: 2, maxWeight: 50, match: [{ headers: { a: { exact: '1' } } }] });
    expect(nextStep(test, MESH, { ...START, weight: 100, iterations: 1 })).toMatchObject({ iteration: 2 });
  });
});

describe('while iterations are counted', () => {
  it.each<[string, Partial<Analysis>, Capabilities, object | undefined]>([
    ['traffic stays', { iterations: 2 }, MESH, undefined],
    ['requests are mirrored', { iterations: 2, mirror: true }, MESH, { primary: 100, canary: 0, mirrored: true }],
    ['nothing is mirrored where nothing can', { iterations: 2, mirror: true }, BY_WEIGHT, undefined],
    [
      'users are sent, and not mirrored',
      { mirror: true, match: [{}] },
      MESH,
      { primary: 0, canary: 100, mirrored: false },
    ],
    ['no users are sent where nothing can', { match: [{}] }, { ...BY_WEIGHT, iterationsOnly: true }, undefined],
    ['nobody is sent by an empty list', { match: [] }, MESH, undefined],
  ])('%s', (_what, analysis, capabilities, routes) => {
    expect(iterationRoutes(of(analysis), capabilities)).toEqual(routes);
  });
});

describe('a place in the rollout is reached', () => {
  it.each<[string, Partial<CanaryStatus> | undefined, boolean]>([
    ['weight=20', { canaryWeight: 20 }, true],
    ['weight=20', { canaryWeight: 19 }, false],
    ['weight=0', undefined, true],
    ['weight=20', undefined, false],
    ['step=2', { canaryWeight: 20 }, true],
    ['step=2', { canaryWeight: 10 }, false],
    ['step', { canaryWeight: 0 }, true],
    ['weight', undefined, true],
  ])('%s with %j: %s', (where, status, isReached) => {
    expect(hasReached(of({ stepWeight: 10 }, status), MESH, where)).toBe(isReached);
  });
});

describe('the grace period', () => {
  const gracious = withAnalysis({ gracePeriod: '1m' });
  const world = (status: Partial<CanaryStatus>) => worldOf(canaryIn('Progressing', withStatus(status), gracious));

  it.each<[string, Partial<CanaryStatus>, boolean]>([
    ['the first step of weights', { canaryWeight: 0 }, true],
    ['a later weight', { canaryWeight: 10 }, false],
    ['a later iteration', { canaryWeight: 0, iterations: 1 }, false],
    ['a weight after mirroring', { canaryWeight: 0, trafficSince: at(-10) }, false],
  ])('begins with %s: %s', (_what, status, isFirst) => {
    expect(firstStep(world(status))).toStrictEqual(isFirst ? { trafficSince: at(0) } : {});
    expect(graceAfter(world(status)) !== undefined).toBe(isFirst);
  });

  it('begins and is none in a Canary without a status', () => {
    const fresh = worldOf(aCanary(gracious));
    expect(firstStep(fresh)).toEqual({ trafficSince: at(0) });
    expect([graceOf(fresh), saysGrace(fresh)]).toEqual([undefined, false]);
  });

  it.each<[string, number, boolean]>([
    ['at the very moment of the first step', 0, true],
    ['just before its end', -59, true],
    ['at its end', -60, false],
    ['before a first step that a clock put into the future', 1, false],
  ])('runs %s, or not', (_what, since, doesRun) => {
    const expected = { what: 'the end of the grace period', since: at(since), until: at(since + 60) };
    expect(graceOf(world({ trafficSince: at(since) }))).toEqual(doesRun ? expected : undefined);
  });
});
