import { isRunning, phaseOf, summarize } from '../view/summary.ts';
import { since } from '../view/times.ts';
import type { Plan, VerbSpec } from './verb.ts';

export const ROLLBACK: VerbSpec = {
  verb: 'rollback',
  done: 'rolled back',
  plan: (canary, _input, now): Plan => {
    const { phase } = summarize(canary, now);
    if (phase === 'Failed') return { is: 'unchanged', why: 'already rolled back (Failed)' };
    if (phase === 'Succeeded')
      return {
        is: 'unchanged',
        why: `nothing is being rolled out: promoted ${since(canary.status?.lastTransitionTime, now)} ago`,
      };
    if (!isRunning(phase)) return { is: 'unchanged', why: `nothing is being rolled out (${phase || 'New'})` };
    if (phase === 'Promoting' || phase === 'Finalising')
      return { is: 'refused', why: `the primary already takes over the new revision (${phase})` };
    return { is: 'write', order: {} };
  },
  effect: (before, after) => {
    const [from, to] = [before.status?.canaryWeight ?? 0, after.status?.canaryWeight ?? 0];
    return from === to ? '' : `weight ${from} → ${to}`;
  },
  isComplete: (_, now) => !isRunning(phaseOf(now.status)),
};

/** Analyses a failed revision once more. */
export const RETRY: VerbSpec = {
  verb: 'retry',
  done: 'tried again',
  plan: (canary, _input, now): Plan => {
    const { phase, name, isRunning: running } = summarize(canary, now);
    if (running) return { is: 'unchanged', why: `is being rolled out already (${phase})` };
    if (phase !== 'Failed')
      return { is: 'refused', why: `${name} is ${phase || 'New'}, only a failed rollout can be tried again` };
    return { is: 'write', order: {} };
  },
  effect: (_before, after) => (after.status?.revision === undefined ? '' : `revision ${after.status.revision}`),
  isComplete: (_, now) => isRunning(phaseOf(now.status)) || phaseOf(now.status) === 'Succeeded',
};
