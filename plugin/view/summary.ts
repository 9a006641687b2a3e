/** One Canary in the words that every view uses. Pure: `now` comes in. */
import type { Canary, CanaryStatus, Phase } from '../../shared/api/canary.ts';
import { strategyOf } from '../../shared/api/names.ts';
import type { Check } from '../../shared/api/model.ts';
import type { Icon, Tone } from './style.ts';
import { countdown, since } from './times.ts';

export interface Progress {
  /** Steps taken; 0: none yet. */
  readonly step: number;
  readonly total: number;
  readonly unit: 'step' | 'iteration';
  /** Weights that are planned, in percent; empty where traffic is not split by weight. */
  readonly weights: readonly number[];
}

export interface Summary {
  readonly namespace: string;
  readonly name: string;
  /** What is shown for the phase: the phase itself, `Paused`, or `New`. */
  readonly word: string;
  readonly icon: Icon;
  readonly tone: Tone;
  readonly phase: Phase;
  /** A rollout is under way. */
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  /** It goes on only when somebody acts. */
  readonly needsPerson: boolean;
  readonly progress: Progress;
  /** Percent to the canary. */
  readonly weight: number;
  readonly failedChecks: number;
  readonly threshold: number;
  readonly waiting: string | undefined;
  readonly revision: string | undefined;
  /** The revision that the primary runs, where history tells. */
  readonly stable: string | undefined;
}

const RUNNING: readonly Phase[] = ['Waiting', 'Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'];

const FACES: Record<Phase, readonly [Icon, Tone]> = {
  '': ['idle', 'dim'],
  Initializing: ['moving', 'moving'],
  Initialized: ['good', 'good'],
  Waiting: ['waiting', 'waiting'],
  Progressing: ['moving', 'moving'],
  WaitingPromotion: ['waiting', 'waiting'],
  Promoting: ['moving', 'moving'],
  Finalising: ['moving', 'moving'],
  Succeeded: ['good', 'good'],
  Failed: ['bad', 'bad'],
  Terminating: ['moving', 'moving'],
  Terminated: ['idle', 'dim'],
};

export const phaseOf = (status: CanaryStatus | undefined): Phase => status?.phase ?? '';

export const isRunning = (phase: Phase): boolean => RUNNING.includes(phase);

/** Short form of a digest for tables; commands take any beginning of the long one. */
export const shortRevision = (revision: string): string => revision.slice(0, 7);

const plannedWeights = (canary: Canary): number[] => {
  const analysis = canary.spec.analysis;
  const most = analysis?.maxWeight && analysis.maxWeight > 0 ? analysis.maxWeight : 100;
  if (analysis?.stepWeights !== undefined && analysis.stepWeights.length > 0) return [...analysis.stepWeights];
  const step = Math.trunc(analysis?.stepWeight ?? 0);
  if (step <= 0) return [];
  return Array.from({ length: Math.min(1000, Math.ceil(most / step)) }, (_, i) => Math.min(100, (i + 1) * step));
};

/** Which of the planned steps the rollout has reached. */
export const progressOf = (canary: Canary): Progress => {
  const phase = phaseOf(canary.status);
  const isOver = phase === 'Promoting' || phase === 'Finalising';
  if (strategyOf(canary) !== 'canary') {
    const total = Math.trunc(canary.spec.analysis?.iterations ?? 0);
    const done = Math.max(0, canary.status?.iterations ?? 0);
    return { step: isOver ? total : Math.min(done, total), total, unit: 'iteration', weights: [] };
  }
  const weights = plannedWeights(canary);
  const weight = canary.status?.canaryWeight ?? 0;
  const reached = weights.filter((planned) => planned <= weight).length;
  return { step: isOver ? weights.length : reached, total: weights.length, unit: 'step', weights };
};

const stableOf = (status: CanaryStatus | undefined): string | undefined =>
  status?.history?.findLast((entry) => entry.result === 'promoted' || entry.result === 'initialized' || entry.result === 'skipped')?.revision;

/** The check that a person should look at first: a failed one, else one without a verdict. */
export const worstCheck = (checks: readonly Check[] | undefined): Check | undefined =>
  checks?.find((check) => check.verdict === 'failed') ?? checks?.find((check) => check.verdict === 'inconclusive');

const waitingText = (status: CanaryStatus | undefined, phase: Phase, now: number): string | undefined => {
  const paused = status?.paused;
  if (paused !== undefined) {
    const who = paused.by === undefined ? 'somebody' : paused.by;
    return paused.until === undefined ? `resume (paused by ${who})` : `pause by ${who}, ${countdown(Date.parse(paused.until) - now)} left`;
  }
  if (status?.waitingFor !== undefined) {
    const { what, since: from } = status.waitingFor;
    return from === undefined ? what : `${what} ${since(from, now)}`;
  }
  if (phase !== 'Progressing' || status?.dueAt === undefined) return undefined;
  const left = Date.parse(status.dueAt) - now;
  return left > 0 ? `next check in ${countdown(left)}` : 'next check';
};

/** Waiting that ends only by a person: a pause without end, a closed gate, a confirm hook. */
const isForPerson = (status: CanaryStatus | undefined, phase: Phase): boolean =>
  status?.paused !== undefined || phase === 'Waiting' || phase === 'WaitingPromotion' || /\bgate\b/.test(status?.waitingFor?.what ?? '');

export const summarize = (canary: Canary, now: number): Summary => {
  const status = canary.status;
  const phase = phaseOf(status);
  const isPaused = status?.paused !== undefined || canary.spec.suspend === true;
  const [icon, tone] = isPaused ? (['waiting', 'waiting'] as const) : FACES[phase];
  const running = isRunning(phase);
  const held = canary.spec.suspend === true ? 'Suspended' : 'Paused';
  return {
    namespace: canary.metadata.namespace ?? '',
    name: canary.metadata.name,
    word: isPaused ? held : phase === '' ? 'New' : phase,
    icon,
    tone,
    phase,
    isRunning: running,
    isPaused,
    needsPerson: isForPerson(status, phase),
    progress: progressOf(canary),
    weight: status?.canaryWeight ?? 0,
    failedChecks: status?.failedChecks ?? 0,
    threshold: canary.spec.analysis?.threshold ?? 0,
    waiting: canary.spec.suspend === true && status?.paused === undefined ? 'spec.suspend to be taken off' : waitingText(status, phase, now),
    revision: status?.revision,
    stable: stableOf(status),
  };
};
