/** What `status` and `wait` wait for, and whether a Canary has got there. Pure. */
import type { Canary } from '../shared/api/canary.ts';
import { PHASES } from '../shared/api/phase.ts';
import { unknownWord, usageError } from './cli/usage.ts';
import { isRunning, phaseOf, progressOf, shortRevision } from './view/summary.ts';
import { span } from './view/times.ts';

export type Goal =
  | { readonly is: 'promoted' | 'failed' | 'paused' | 'gate' }
  | { readonly is: 'step' | 'weight'; readonly at: number }
  | { readonly is: 'phase'; readonly phase: string };

const WORDS = ['promoted', 'failed', 'paused', 'gate'] as const;

/** Reads `--for`. Throws USAGE. */
export const parseGoal = (text: string): Goal => {
  const word = WORDS.find((one) => one === text.toLowerCase());
  if (word !== undefined) return { is: word };
  const [, name, value] = /^(step|weight|phase)=(.+)$/.exec(text) ?? [];
  if (name === 'phase') {
    const phase = PHASES.find((one) => one !== '' && one.toLowerCase() === (value as string).toLowerCase());
    if (phase === undefined)
      throw unknownWord(
        'phase',
        value as string,
        PHASES.filter((one) => one !== ''),
        'kubectl canary help vocabulary',
      );
    return { is: 'phase', phase };
  }
  if (name !== undefined && /^\d+$/.test(value as string)) return { is: name as 'step', at: Number(value) };
  throw usageError(`unknown goal "${text}"; one of ${WORDS.join(', ')}, step=N, weight=N, phase=P`);
};

export type Verdict =
  /** Go on waiting. */
  | { readonly is: 'open' }
  | { readonly is: 'reached' }
  | { readonly is: 'ended'; readonly message: string }
  | { readonly is: 'person'; readonly message: string };

export interface Waiting {
  readonly goal: Goal;
  /** `--revision`: a beginning of the digest that is waited for. */
  readonly wanted: string | undefined;
  readonly failOnGate: boolean;
  /** The revision that was first seen under way, and when. */
  seen: { revision: string; at: number } | undefined;
}

const OPEN: Verdict = { is: 'open' };

const isAtGate = (canary: Canary): boolean => {
  const phase = phaseOf(canary.status);
  return phase === 'Waiting' || phase === 'WaitingPromotion' || /\bgate\b/.test(canary.status?.waitingFor?.what ?? '');
};

const hasReached = (goal: Goal, canary: Canary): boolean => {
  const phase = phaseOf(canary.status);
  switch (goal.is) {
    case 'promoted':
      return phase === 'Succeeded' || phase === 'Initialized';
    case 'failed':
      return phase === 'Failed';
    case 'paused':
      return canary.status?.paused !== undefined;
    case 'gate':
      return isAtGate(canary);
    case 'phase':
      return phase === goal.phase;
    default:
      return isRunning(phase) && reachedBy(goal.is, canary) >= goal.at;
  }
};

const reachedBy = (what: 'step' | 'weight', canary: Canary): number =>
  what === 'step' ? progressOf(canary).step : (canary.status?.canaryWeight ?? 0);

const isOver = (canary: Canary): boolean =>
  ['Succeeded', 'Initialized', 'Failed', 'Terminated'].includes(phaseOf(canary.status));

/** A newer revision has taken the place of the one that is waited for. */
const replaced = (canary: Canary, waiting: Waiting, now: number): string | undefined => {
  const revision = canary.status?.revision;
  const { seen } = waiting;
  if (seen === undefined || revision === undefined || revision === seen.revision) return undefined;
  return `revision ${shortRevision(seen.revision)} was replaced by ${shortRevision(revision)} after ${span(now - seen.at)}`;
};

/** The rollout that is waited for is over and did not get where it should. */
const endedOtherwise = (canary: Canary, { seen, goal, wanted }: Waiting): string | undefined => {
  if (!isOver(canary) || (seen === undefined && goal.is !== 'promoted' && wanted === undefined)) return undefined;
  const phase = phaseOf(canary.status);
  const revision = canary.status?.revision === undefined ? '' : ` ${shortRevision(canary.status.revision)}`;
  return `rollout of ${canary.metadata.name}${revision} ${phase === 'Failed' ? 'failed' : `ended as ${phase}`}`;
};

/** Where it stopped, when somebody has to act. */
const stoppedAt = (canary: Canary): string | undefined => {
  if (canary.status?.paused !== undefined) return 'a pause';
  return isAtGate(canary) ? (canary.status?.waitingFor?.what ?? 'a gate') : undefined;
};

const isWanted = (canary: Canary, { wanted, seen }: Waiting): boolean =>
  wanted === undefined || seen !== undefined || canary.status?.revision?.startsWith(wanted) === true;

/** Judges one state; remembers in `waiting` which revision is followed. */
export const judgeGoal = (canary: Canary, waiting: Waiting, now: number): Verdict => {
  if (!isWanted(canary, waiting)) return OPEN;
  const other = replaced(canary, waiting, now);
  if (other !== undefined) return { is: 'ended', message: other };
  if (hasReached(waiting.goal, canary)) return { is: 'reached' };
  const revision = canary.status?.revision;
  if (revision !== undefined && isRunning(phaseOf(canary.status))) waiting.seen ??= { revision, at: now };
  const message = endedOtherwise(canary, waiting);
  if (message !== undefined) return { is: 'ended', message };
  const where = waiting.failOnGate ? stoppedAt(canary) : undefined;
  return where === undefined
    ? OPEN
    : { is: 'person', message: `rollout of ${canary.metadata.name} stopped at ${where}` };
};
