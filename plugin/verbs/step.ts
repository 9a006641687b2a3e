import type { Canary } from '../../shared/api/canary.ts';
import { maxWeightOf } from '../../shared/api/defaults.ts';
import { isAnalysisPhase } from '../../shared/api/phase.ts';
import { capabilitiesOf } from '../../shared/routing/index.ts';
import type { Input } from '../cli/input.ts';
import { usageError } from '../cli/usage.ts';
import { phaseOf, progressOf, summarize } from '../view/summary.ts';
import { type Plan, placeOf, type VerbSpec } from './verb.ts';

/** Nothing can be moved where no analysis runs. */
const notAnalysing = (canary: Canary): Plan | undefined => {
  const phase = phaseOf(canary.status);
  if (canary.spec.suspend === true)
    return { is: 'refused', why: `${canary.metadata.name} is suspended by spec.suspend` };
  return isAnalysisPhase(phase)
    ? undefined
    : { is: 'refused', why: `${canary.metadata.name} is ${phase || 'New'}, no analysis is running` };
};

const movedText = (before: Canary, after: Canary): string => {
  const [was, is] = [progressOf(before), progressOf(after)];
  const [from, to] = [before.status?.canaryWeight ?? 0, after.status?.canaryWeight ?? 0];
  const steps = `${was.unit} ${was.step} → ${is.step}/${is.total}`;
  return from === to ? steps : `weight ${from} → ${to} (${steps})`;
};

const leftText = (left: number, unit: string): string =>
  left === 0 ? `no ${unit} is` : left === 1 ? `only one ${unit} is` : `only ${left} ${unit}s are`;

export const SKIP_STEP: VerbSpec = {
  verb: 'skip-step',
  done: 'moved on',
  check: (input) => {
    if ((input.whole('count') ?? 1) < 1) throw usageError('--count must be at least 1');
  },
  plan: (canary, input): Plan => {
    const stopped = notAnalysing(canary);
    if (stopped !== undefined) return stopped;
    const { step, total, unit } = progressOf(canary);
    const count = input.whole('count') ?? 1;
    if (step + count > total)
      return {
        is: 'refused',
        why: `${leftText(total - step, unit)} left to be skipped`,
        remedy: `kubectl canary promote ${placeOf(canary)} --full`,
      };
    return { is: 'write', order: { step, count } };
  },
  effect: movedText,
  isComplete: (before, now) => progressOf(now).step > progressOf(before).step || !isAnalysisPhase(phaseOf(now.status)),
};

/** `set-weight NAME 35`: the last word. */
const weightOf = (input: Input): number => {
  const word = input.words.at(-1) ?? '';
  if (/^\d{1,3}$/.test(word) && Number(word) <= 100) return Number(word);
  throw usageError(`set-weight needs NAME and a weight from 0 to 100${word === '' ? '' : `, got "${word}"`}`);
};

const refusedWeight = (canary: Canary, weight: number, isForced: boolean): string | undefined => {
  const capabilities = capabilitiesOf(canary.spec.provider ?? '');
  if (capabilities !== undefined && (!capabilities.weights || capabilities.iterationsOnly))
    return `provider ${canary.spec.provider ?? ''} cannot split traffic by weight`;
  if (progressOf(canary).unit === 'iteration') return 'its analysis counts iterations, it has no weights';
  const most = maxWeightOf(canary);
  return weight > most && !isForced
    ? `weight ${weight} is above the largest of its analysis, ${most}; add --force`
    : undefined;
};

export const SET_WEIGHT: VerbSpec = {
  verb: 'set-weight',
  done: 'moved',
  names: (input) => input.words.slice(0, -1),
  check: (input) => void weightOf(input),
  plan: (canary, input): Plan => {
    const stopped = notAnalysing(canary);
    if (stopped !== undefined) return stopped;
    const weight = weightOf(input);
    const why = refusedWeight(canary, weight, input.flag('force'));
    if (why !== undefined) return { is: 'refused', why };
    const hold = input.flag('hold');
    if (canary.status?.canaryWeight === weight && !hold)
      return { is: 'unchanged', why: `has weight ${weight} already` };
    return {
      is: 'write',
      order: { weight, ...(hold ? { hold } : {}), ...(input.flag('force') ? { force: true } : {}) },
    };
  },
  effect: (before, after, now) =>
    `${movedText(before, after)}${summarize(after, now).isPaused ? ', held until resume' : ''}`,
  hint: (after) => (after.status?.paused === undefined ? '' : `resume: kubectl canary resume ${placeOf(after)}`),
  isComplete: () => true,
};
