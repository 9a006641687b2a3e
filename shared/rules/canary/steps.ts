/** CANARY-STRAT-001 to -007: which strategy, and whether its weights can ever reach their end. */
import { isGiven, listOf, numberOf } from '../raw.ts';
import { type Draft, each, NOTHING, type Rule, when } from '../rule.ts';
import { shown } from '../text.ts';
import type { CanaryView } from '../view.ts';

const STRATEGIES = ['iterations', 'stepWeight', 'stepWeights'] as const;

const chosen = ({ analysis }: CanaryView): readonly string[] => STRATEGIES.filter((name) => isGiven(analysis[name]));

const strategyCount = (view: CanaryView): readonly Draft[] => {
  if (!isGiven(view.spec['analysis'])) return NOTHING;
  const names = chosen(view);
  return when(names.length !== 1, () => ({
    path: 'spec.analysis',
    message: `sets ${names.length === 0 ? 'none of iterations, stepWeight, stepWeights' : names.join(' and ')}. Keep exactly one: iterations = blue/green or A/B; stepWeight or stepWeights = weighted canary.`,
    value: names,
    reason: names.length === 0 ? 'FieldValueRequired' : 'FieldValueForbidden',
  }));
};

const stepWeightRange = ({ analysis }: CanaryView): readonly Draft[] => {
  const step = numberOf(analysis['stepWeight']);
  return when(step !== undefined && !(step >= 1 && step <= 100), () => ({
    path: 'spec.analysis.stepWeight',
    message: `${shown(step)}: ${(step ?? 0) > 100 ? 'more than all traffic' : 'traffic would never move'}. Use 1-100.`,
    value: step,
  }));
};

/** Percent that the last step sends: steps go on until the maximum is reached, and never beyond 100. */
const lastStep = (step: number, max: number): number => Math.min(100, Math.ceil(max / step) * step);

const overshoot = ({ analysis }: CanaryView): readonly Draft[] => {
  const step = numberOf(analysis['stepWeight']);
  const max = numberOf(analysis['maxWeight']);
  if (step === undefined || max === undefined || step < 1 || step > 100 || max < 1 || max > 100) return NOTHING;
  const last = lastStep(step, max);
  return when(last > max, () => ({
    path: 'spec.analysis.stepWeight',
    message: `the ${step >= max ? 'first' : 'last'} step sends ${shown(last)}%, above maxWeight ${shown(max)}%. Use steps that add up to maxWeight.`,
  }));
};

const wrongWeight = (value: number, before: number): string | undefined => {
  if (!(value >= 1 && value <= 100)) return `${shown(value)} is no share of traffic. Use rising values from 1 to 100.`;
  if (value > before) return undefined;
  return `${shown(value)} does not rise above the step before it (${shown(before)}): traffic would stay at ${shown(before)}% for ever. Use rising values, e.g. [5, 20, 50].`;
};

const stepWeights = ({ analysis }: CanaryView): readonly Draft[] => {
  const path = 'spec.analysis.stepWeights';
  const list = analysis['stepWeights'];
  if (Array.isArray(list) && list.length === 0) {
    return [{ path, message: 'is empty: traffic would never move. Use rising values, e.g. [5, 20, 50].', value: list }];
  }
  const values = listOf(list);
  return each(values, (item, index) => {
    const value = numberOf(item);
    const before = index === 0 ? 0 : numberOf(values[index - 1]);
    const message = value === undefined || before === undefined ? undefined : wrongWeight(value, before);
    return message === undefined ? undefined : { path: `${path}[${index}]`, message, value: [before, value] };
  });
};

/** What decides instead of maxWeight; undefined: maxWeight does. */
const decider = (view: CanaryView): string | undefined => {
  const names = chosen(view);
  if (names.includes('iterations')) return 'the number of iterations';
  return names.includes('stepWeights') && !names.includes('stepWeight') ? 'the last of stepWeights' : undefined;
};

const maxWeightRange = (view: CanaryView): readonly Draft[] => {
  const max = numberOf(view.analysis['maxWeight']);
  if (max === undefined || decider(view) !== undefined || (max > 0 && max <= 100)) return NOTHING;
  return [
    {
      path: 'spec.analysis.maxWeight',
      message: `${shown(max)}: ${max > 100 ? 'the rollout would never be promoted' : 'means 100%, not none'}. Use 1-100.`,
      value: max,
      soft: max <= 100,
    },
  ];
};

const maxWeightIgnored = (view: CanaryView): readonly Draft[] => {
  const instead = decider(view);
  return when(instead !== undefined && isGiven(view.analysis['maxWeight']), () => ({
    path: 'spec.analysis.maxWeight',
    message: `ignored: ${instead} decides. Remove it.`,
  }));
};

const iterationsRange = ({ analysis }: CanaryView): readonly Draft[] => {
  const iterations = numberOf(analysis['iterations']);
  return when(iterations !== undefined && !(iterations >= 1), () => ({
    path: 'spec.analysis.iterations',
    message: `${shown(iterations)}: must be at least 1. Write how many intervals the analysis takes.`,
    value: iterations,
  }));
};

export const STEP_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-STRAT-001',
    class: 'P',
    path: 'spec.analysis',
    about: 'not exactly one strategy',
    check: strategyCount,
  },
  {
    id: 'CANARY-STRAT-002',
    class: 'D',
    path: 'spec.analysis.stepWeight',
    about: 'a step of nothing, or of more than everything',
    check: stepWeightRange,
  },
  {
    id: 'CANARY-STRAT-003',
    class: 'W',
    path: 'spec.analysis.stepWeight',
    about: 'the last step goes beyond maxWeight',
    check: overshoot,
  },
  {
    id: 'CANARY-STRAT-004',
    class: 'D',
    path: 'spec.analysis.stepWeights[]',
    about: 'weights that do not rise',
    check: stepWeights,
  },
  {
    id: 'CANARY-STRAT-005',
    class: 'D',
    path: 'spec.analysis.maxWeight',
    about: 'a maximum that is never reached, or means something else',
    check: maxWeightRange,
  },
  {
    id: 'CANARY-STRAT-006',
    class: 'W',
    path: 'spec.analysis.maxWeight',
    about: 'a maximum that nobody reads',
    check: maxWeightIgnored,
  },
  {
    id: 'CANARY-STRAT-007',
    class: 'D',
    path: 'spec.analysis.iterations',
    about: 'no iteration at all',
    check: iterationsRange,
  },
];
