import type { Canary, CanaryStatus } from '../../../../../shared/api/canary.ts';
import type { Answer } from '../../../../../shared/api/model.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withAnalysis, withStatus } from '../../../../make/canary.ts';
import type { Modifier } from '../../../../make/modify.ts';
import { at, canaryIn, worldOf } from '../command-world.ts';
import { primaryOf, routed } from './phase-world.ts';

export const YES: Answer = { kind: 'hook', passed: true, error: '' };
export const NO: Answer = { kind: 'hook', passed: false, error: 'no' };

/** Weights 10, 20 … 50, the first of them taken unless told; due. */
export const running = (status: Partial<CanaryStatus> = {}, ...more: Modifier<Canary>[]): World => {
  const canary = canaryIn('Progressing', withStatus({ canaryWeight: 10, dueAt: at(0), ...status }), ...more);
  return worldOf(canary, { ...primaryOf(), ...routed(canary.status?.canaryWeight ?? 0) });
};

export const iterating = (status: Partial<CanaryStatus> = {}, ...more: Modifier<Canary>[]): World =>
  running(
    { canaryWeight: 0, ...status },
    withAnalysis({ stepWeight: undefined, maxWeight: undefined, iterations: 2 }),
    ...more,
  );

export const hook = (
  type: 'rollout' | 'pre-rollout' | 'confirm-promotion' | 'confirm-traffic-increase' | 'rollback',
  name: string = type,
) => ({ name, type, url: 'http://hook' });
