import { describe, expect, it } from 'vitest';
import type { Analysis, Canary } from '../../../../shared/api/canary.ts';
import type { Capabilities } from '../../../../shared/api/model.ts';
import {
  nextStep,
  type Position,
  type Step,
  stepsAhead,
  stepsOf,
  stepsTaken,
  weightsOf,
} from '../../../../shared/rollout/steps.ts';
import { aCanary, withAnalysis, withStatus } from '../../../make/canary.ts';

const MESH: Capabilities = {
  weights: true,
  match: ['header-exact'],
  mirror: 'always',
  mirrorWeight: false,
  sessionAffinity: 'none',
  iterationsOnly: false,
  retired: false,
};
const PLAIN: Capabilities = { ...MESH, weights: false, match: [], mirror: 'none', iterationsOnly: true };

const of = (analysis: Partial<Analysis>): Canary => aCanary(withAnalysis({ iterations: undefined, ...analysis }));
const START: Position = { weight: 0, mirrored: false, iterations: 0 };

const show = (step: Step | undefined): string => {
  if (step === undefined) return 'promote';
  if (step.kind === 'weight') return String(step.weight);
  if (step.kind === 'mirror') return 'mirror';
  const { routes } = step;
  const traffic = routes === undefined ? '' : routes.mirrored ? ' mirrored' : ` ${routes.canary}%`;
  return `${step.kind} ${step.iteration}${traffic}`;
};

describe('the weights of a canary', () => {
  it.each<[string, Partial<Analysis>, number[]]>([
    ['rise by the step up to the maximum', { stepWeight: 20, maxWeight: 60 }, [20, 40, 60]],
    ['pass the maximum with the last step', { stepWeight: 50, maxWeight: 10 }, [50]],
    ['may pass the maximum with the last step', { stepWeight: 40, maxWeight: 50 }, [40, 80]],
    ['never pass 100', { stepWeight: 60 }, [60, 100]],
    ['are one where the step is everything', { stepWeight: 100, maxWeight: 10 }, [100]],
    ['are one where the step is more than everything', { stepWeight: 250 }, [100]],
    ['end where the maximum is more than everything', { stepWeight: 50, maxWeight: 400 }, [50, 100]],
    ['are those given', { stepWeights: [1, 2, 10, 80] }, [1, 2, 10, 80]],
    ['are cut to percentages where they are none', { stepWeights: [-5, 20, 200] }, [0, 20, 100]],
    ['are none without a step', {}, []],
    ['are none with a step of nothing', { stepWeight: 0, maxWeight: 50 }, []],
  ])('%s', (_what, analysis, weights) => {
    expect(weightsOf(of(analysis))).toEqual(weights);
  });
});

describe('the steps of a strategy', () => {
  it.each<[string, Partial<Analysis>, Capabilities, string[]]>([
    ['weights', { stepWeight: 50 }, MESH, ['50', '100']],
    ['weights after mirroring', { stepWeights: [10, 20], mirror: true }, MESH, ['mirror', '10', '20']],
    [
      'weights where nothing can be mirrored',
      { stepWeights: [10], mirror: true },
      { ...MESH, mirror: 'iterations' },
      ['10'],
    ],
    ['blue/green', { iterations: 2 }, MESH, ['iteration 1', 'iteration 2', 'switch 3 100%']],
    [
      'blue/green with mirroring',
      { iterations: 2, mirror: true },
      MESH,
      ['iteration 1 mirrored', 'iteration 2 mirrored', 'switch 3 100%'],
    ],
    [
      'A/B testing',
      { iterations: 2, match: [{ headers: { a: { exact: '1' } } }] },
      MESH,
      ['iteration 1 100%', 'iteration 2 100%'],
    ],
    [
      'blue/green where nothing splits traffic',
      { iterations: 1, match: [{}], mirror: true },
      PLAIN,
      ['iteration 1', 'switch 2'],
    ],
    [
      'iterations of its own where nothing splits traffic',
      { stepWeight: 50 },
      PLAIN,
      [...Array.from({ length: 10 }, (_, at) => `iteration ${at + 1}`), 'switch 11'],
    ],
  ])('are those of %s', (_what, analysis, capabilities, steps) => {
    expect([...stepsOf(of(analysis), capabilities)].map(show)).toEqual(steps);
  });

  it('are made as they are asked for, so that a billion cost nothing', () => {
    const canary = of({ iterations: 1_000_000_000 });
    expect(show(nextStep(canary, MESH, { ...START, iterations: 7 }))).toBe('iteration 8');
    expect(stepsAhead(canary, MESH, { mirrored: false, most: 3 }).map(show)).toEqual([
      'iteration 1',
      'iteration 2',
      'iteration 3',
    ]);
  });
});

describe('the next step', () => {
  it.each<[string, Partial<Analysis>, Partial<Position>, string]>([
    ['is the first at the start', { stepWeight: 20 }, {}, '20'],
    ['is the next larger weight', { stepWeight: 20, maxWeight: 60 }, { weight: 20 }, '40'],
    ['is the next larger one where the weight is no step', { stepWeights: [10, 50, 90] }, { weight: 33 }, '50'],
    ['is the promotion at the maximum', { stepWeight: 20, maxWeight: 60 }, { weight: 60 }, 'promote'],
    ['is the promotion beyond the maximum', { stepWeight: 40, maxWeight: 50 }, { weight: 80 }, 'promote'],
    ['is the promotion beyond a maximum that came down', { stepWeight: 10, maxWeight: 20 }, { weight: 50 }, 'promote'],
    ['is never the promotion before any traffic', { stepWeights: [10, 0] }, {}, '10'],
    ['is mirroring before any weight', { stepWeight: 50, mirror: true }, {}, 'mirror'],
    ['is the first weight after mirroring', { stepWeight: 50, mirror: true }, { mirrored: true }, '50'],
    ['is no mirroring once there is traffic', { stepWeight: 50, mirror: true }, { weight: 50 }, '100'],
    ['is the next iteration', { iterations: 3 }, { iterations: 1 }, 'iteration 2'],
    ['is the switch after the last iteration', { iterations: 3 }, { iterations: 3 }, 'switch 4 100%'],
    ['is the promotion after the switch', { iterations: 3 }, { iterations: 4 }, 'promote'],
    ['is the first where another controller left less than none', { iterations: 3 }, { iterations: -1 }, 'iteration 1'],
  ])('%s', (_what, analysis, position, step) => {
    expect(show(nextStep(of(analysis), MESH, { ...START, ...position }))).toBe(step);
  });
});

describe('the steps that are behind', () => {
  it.each<[Partial<Analysis>, Capabilities, { canaryWeight?: number; iterations?: number }, number]>([
    [{ stepWeights: [10, 20, 30] }, MESH, {}, 0],
    [{ stepWeights: [10, 20, 30] }, MESH, { canaryWeight: 20 }, 2],
    [{ stepWeights: [10, 20, 30] }, MESH, { canaryWeight: 99 }, 3],
    [{ iterations: 3 }, MESH, { iterations: 2 }, 2],
    [{ iterations: 3 }, MESH, { iterations: 4 }, 3],
    [{ iterations: 3 }, MESH, { iterations: -1 }, 0],
    [{ stepWeight: 10 }, PLAIN, { iterations: 5 }, 5],
  ])('of %j are counted from the status', (analysis, capabilities, status, taken) => {
    expect(
      stepsTaken(aCanary(withAnalysis({ iterations: undefined, ...analysis }), withStatus(status)), capabilities),
    ).toBe(taken);
  });
});
