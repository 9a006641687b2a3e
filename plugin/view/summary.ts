/** One Canary in the words that every view uses. Pure: `now` comes in. */
import type { Canary, CanaryStatus, Phase } from '../../shared/api/canary.ts';
import { iterationsOf, maxWeightOf, stepWeightOf, stepWeightsOf } from '../../shared/api/defaults.ts';
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

/** The weights in the order they are taken, as the driver computes them. */
const plannedWeights = (canary: Canary): number[] => {
  const step = stepWeightOf(canary);
  if (step <= 0) return stepWeightsOf(canary).map((weight) => Math.min(weight, 100));
  const count = Math.max(1, Math.ceil(maxWeightOf(canary) / step));
  return Array.from({ length: count }, (_, index) => Math.min(100, (index + 1) * step));
};

/** What a driver takes where a provider cannot split traffic and the spec names no number. */
const DEFAULT_ITERATIONS = 10;

/** 0: traffic moves by weights. Without weights, or once iterations are counted, it does not. */
const plannedIterations = (canary: Canary, weights: readonly number[]): number => {
  if (iterationsOf(canary) > 0) return iterationsOf(canary);
  return weights.length === 0 || (canary.status?.iterations ?? 0) > 0 ? DEFAULT_ITERATIONS : 0;
};

/** Which of the planned steps the rollout has reached. */
export const progressOf = (canary: Canary): Progress => {
  const phase = phaseOf(canary.status);
  const isOver = phase === 'Promoting' || phase === 'Finalising';
  const weights = plannedWeights(canary);
  const total = plannedIterations(canary, weights);
  if (total > 0) {
    const done = Math.max(0, canary.status?.iterations ?? 0);
    return { step: isOver ? total : Math.min(done, total), total, unit: 'iteration', weights: [] };
  }
  const weight = canary.status?.canaryWeight ?? 0;
  const reached = weights.filter((planned) => planned <= weight).length;
  return { step: isOver ? weights.length : reached, total: weights.length, unit: 'step', weights };
};

const stableOf = (status: CanaryStatus | undefined): string | undefined =>
  status?.history?.findLast(
    (entry) => entry.result === 'promoted' || entry.result === 'initialized' || entry.result === 'skipped',
  )?.revision;

/** The check that a person should look at first: a failed one, else one without a verdict. */
export const worstCheck = (checks: readonly Check[] | undefined): Check | undefined =>
  checks?.find((check) => check.verdict === 'failed') ?? checks?.find((check) => check.verdict === 'inconclusive');

const waitingText = (status: CanaryStatus | undefined, phase: Phase, now: number): string | undefined => {
  const paused = status?.paused;
  if (paused !== undefined) {
    const who = paused.by === undefined ? 'somebody' : paused.by;
    return paused.until === undefined
      ? `resume (paused by ${who})`
      : `pause by ${who}, ${countdown(Date.parse(paused.until) - now)} left`;
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
  status?.paused !== undefined ||
  phase === 'Waiting' ||
  phase === 'WaitingPromotion' ||
  status?.waitingFor?.gate !== undefined ||
  /\bgate\b/.test(status?.waitingFor?.what ?? '');

/** How the state looks: a pause hides the phase behind it. */
const faceOf = (canary: Canary): Pick<Summary, 'word' | 'icon' | 'tone' | 'isPaused'> => {
  if (canary.spec.suspend === true) return { word: 'Suspended', icon: 'waiting', tone: 'waiting', isPaused: true };
  if (canary.status?.paused !== undefined) return { word: 'Paused', icon: 'waiting', tone: 'waiting', isPaused: true };
  const phase = phaseOf(canary.status);
  const [icon, tone] = FACES[phase];
  return { word: phase === '' ? 'New' : phase, icon, tone, isPaused: false };
};

export const summarize = (canary: Canary, now: number): Summary => {
  const { status, spec, metadata } = canary;
  const phase = phaseOf(status);
  const isSuspended = spec.suspend === true && status?.paused === undefined;
  const { canaryWeight: weight = 0, failedChecks = 0, revision } = status ?? {};
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...faceOf(canary),
    phase,
    isRunning: isRunning(phase),
    needsPerson: isForPerson(status, phase),
    progress: progressOf(canary),
    weight,
    failedChecks,
    threshold: spec.analysis?.threshold ?? 0,
    waiting: isSuspended ? 'spec.suspend to be taken off' : waitingText(status, phase, now),
    revision,
    stable: stableOf(status),
  };
};
