import type { Canary } from '../../shared/api/canary.ts';
import { usageError } from '../cli/usage.ts';
import { boundText } from '../view/lines.ts';
import { isRunning, phaseOf, progressOf, summarize, worstCheck } from '../view/summary.ts';
import type { Plan, VerbSpec } from './verb.ts';

const isBeyond = (canary: Canary): boolean => ['Promoting', 'Finalising'].includes(phaseOf(canary.status));

const failing = (canary: Canary): string | undefined => {
  const worst = worstCheck(canary.status?.checks);
  if ((canary.status?.failedChecks ?? 0) === 0 && worst?.verdict !== 'failed') return undefined;
  return worst === undefined ? 'checks are failing' : `a check is failing: ${worst.name} ${boundText(worst)}`;
};

const position = (canary: Canary): string => {
  const { step, total, unit } = progressOf(canary);
  return `${unit} ${step}/${total}`;
};

export const PROMOTE: VerbSpec = {
  verb: 'promote',
  done: 'promoted',
  check: (input) => {
    if (input.flag('force') && !input.flag('full')) throw usageError('--force goes with --full');
    if (input.flag('force') && (input.text('reason') ?? '') === '') throw usageError('--force needs --reason TEXT');
  },
  plan: (canary, input, now): Plan => {
    const summary = summarize(canary, now);
    if (summary.phase === 'Succeeded') return { is: 'unchanged', why: 'already Succeeded' };
    if (isBeyond(canary)) return { is: 'unchanged', why: `is being promoted already (${summary.phase})` };
    if (canary.spec.suspend === true) return { is: 'refused', why: `${summary.name} is suspended by spec.suspend` };
    if (!isRunning(summary.phase)) {
      return { is: 'refused', why: `${summary.name} is ${summary.phase || 'New'}, nothing is being rolled out` };
    }
    if (!input.flag('full')) return { is: 'write', order: { step: summary.progress.step } };
    const problem = failing(canary);
    const order = { step: summary.progress.step, full: true, ...(input.flag('force') ? { force: true } : {}) };
    return problem === undefined || input.flag('force')
      ? { is: 'write', order }
      : { is: 'write', order: { ...order, force: true }, confirm: problem };
  },
  effect: (before, after) => {
    if (isBeyond(after) || phaseOf(after.status) === 'Succeeded') return `${position(before)}, analysis ended`;
    const [from, to] = [before.status?.canaryWeight ?? 0, after.status?.canaryWeight ?? 0];
    const moved = position(before) === position(after) ? position(after) : `${position(before)} → ${position(after)}`;
    return from === to ? moved : `${moved}, weight ${from} → ${to}`;
  },
  isComplete: (before, now) => {
    const phase = phaseOf(now.status);
    if (phase === 'Succeeded' || phase === 'Failed') return true;
    return isRunning(phase) && !isBeyond(now) && progressOf(now).step > progressOf(before).step;
  },
};

/** The same, all the way: complete only at the end. */
export const PROMOTE_FULL: VerbSpec = {
  ...PROMOTE,
  isComplete: (_, now) => ['Succeeded', 'Failed'].includes(phaseOf(now.status)),
};
