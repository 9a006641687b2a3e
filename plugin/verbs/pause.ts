import { isAnalysisPhase } from '../../shared/api/phase.ts';
import { readDuration } from '../cli/input.ts';
import { usageError } from '../cli/usage.ts';
import { summarize } from '../view/summary.ts';
import { span } from '../view/times.ts';
import { type Plan, placeOf, type VerbSpec } from './verb.ts';

const goDuration = (ms: number): string => `${Math.round(ms / 1000)}s`;

/** `--at step=4` or `--at weight=30`; undefined for anything else. */
const placeIn = (text: string): { step: number } | { weight: number } | undefined => {
  const [, what, number] = /^(step|weight)=(\d{1,4})$/.exec(text) ?? [];
  if (what === undefined) return undefined;
  return what === 'step' ? { step: Number(number) } : { weight: Number(number) };
};

export const PAUSE: VerbSpec = {
  verb: 'pause',
  done: 'paused',
  check: (input) => {
    const text = input.text('for');
    const ms = text === undefined ? undefined : readDuration(text);
    if (text !== undefined && (ms === undefined || ms < 1000))
      throw usageError(`invalid value "${text}" for --for: must be a duration such as 30m`);
    const place = input.text('at');
    if (place !== undefined && placeIn(place) === undefined)
      throw usageError(`invalid value "${place}" for --at: must be step=N or weight=N`);
  },
  plan: (canary, input, now): Plan => {
    const { phase } = summarize(canary, now);
    if (!isAnalysisPhase(phase))
      return { is: 'refused', why: `${canary.metadata.name} is ${phase || 'New'}, no analysis is running` };
    const text = input.text('for');
    const { paused } = canary.status ?? {};
    const place = input.text('at');
    if (paused !== undefined && text === undefined)
      return { is: 'unchanged', why: `already paused by ${paused.by ?? 'somebody'}` };
    const duration = text === undefined ? {} : { for: goDuration(readDuration(text) as number) };
    return { is: 'write', order: { ...duration, ...(place === undefined ? {} : placeIn(place)) } };
  },
  effect: (_before, after, now) => {
    const { progress, weight, isRunning } = summarize(after, now);
    const { paused, pauseAt } = after.status ?? {};
    if (paused === undefined && pauseAt !== undefined) return `from ${pauseAt.at} on; it goes on until then`;
    const until = paused?.until;
    const left = until === undefined ? '' : `, resumes by itself in ${span(Date.parse(until) - now)}`;
    const where = isRunning
      ? `at ${progress.unit} ${progress.step}/${progress.total}, weight ${weight} (traffic held, drift still repaired)`
      : 'before the next rollout';
    return `${where}${left}`;
  },
  hint: (after) => `resume: kubectl canary resume ${placeOf(after)}`,
  isComplete: (_, now) => now.status?.paused !== undefined || now.status?.pauseAt !== undefined,
};

export const RESUME: VerbSpec = {
  verb: 'resume',
  done: 'resumed',
  plan: (canary): Plan => {
    if (canary.status?.paused !== undefined || canary.status?.pauseAt !== undefined) return { is: 'write', order: {} };
    if (canary.spec.suspend === true) {
      return {
        is: 'refused',
        why: `${canary.metadata.name} is suspended by spec.suspend`,
        remedy: `kubectl patch canary ${placeOf(canary)} --type merge -p '{"spec":{"suspend":false}}'`,
      };
    }
    return { is: 'unchanged', why: 'not paused' };
  },
  effect: (_before, after, now) => {
    const { progress, weight, isRunning } = summarize(after, now);
    return isRunning ? `at ${progress.unit} ${progress.step}/${progress.total}, weight ${weight}` : '';
  },
  isComplete: (_, now) => now.status?.paused === undefined && now.status?.pauseAt === undefined,
};
