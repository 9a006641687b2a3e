/**
 * What an absent or odd field means to a driver. Read at each use and never written back, so that a spec stays
 * what its owner wrote. Safe for objects that no schema has seen. Whole numbers are cut as the reference's would be.
 */
import type { Analysis, AnalysisAlert, AnalysisMetric, AnalysisWebhook, Canary, SessionAffinity } from './canary.ts';
import { parseGoDuration } from './duration.ts';
import { strategyOf } from './names.ts';

const SECOND_MS = 1000;
const DEFAULT_INTERVAL_MS = 60 * SECOND_MS;
const LEAST_INTERVAL_MS = 10 * SECOND_MS;
const DEFAULT_HOOK_TIMEOUT_MS = 10 * SECOND_MS;

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wholeOr = (value: unknown, fallback: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : fallback;

const itemsOf = <T extends object>(list: readonly T[] | undefined): readonly T[] =>
  Array.isArray(list) ? list.filter((item): item is T => isRecord(item)) : [];

/** The analysis; an empty one where the object has none. */
export const analysisOf = (canary: Canary): Analysis => (isRecord(canary.spec?.analysis) ? canary.spec.analysis : {});

export const metricsOf = (canary: Canary): readonly AnalysisMetric[] => itemsOf(analysisOf(canary).metrics);

export const webhooksOf = (canary: Canary): readonly AnalysisWebhook[] => itemsOf(analysisOf(canary).webhooks);

export const alertsOf = (canary: Canary): readonly AnalysisAlert[] => itemsOf(analysisOf(canary).alerts);

/** True when new revisions are promoted without analysis: asked for, or there is none. */
export const skipsAnalysis = (canary: Canary): boolean =>
  canary.spec?.skipAnalysis === true || !isRecord(canary.spec?.analysis);

/** Milliseconds between two steps: 60 s where absent or unreadable, never under 10 s. */
export const intervalMsOf = (canary: Canary): number => {
  const { interval } = analysisOf(canary);
  const ms = typeof interval === 'string' ? parseGoDuration(interval) : undefined;
  return ms === undefined ? DEFAULT_INTERVAL_MS : Math.max(ms, LEAST_INTERVAL_MS);
};

/** Milliseconds after its first step in which nothing counts; 0 where absent or unreadable. */
export const gracePeriodMsOf = (canary: Canary): number => {
  const { gracePeriod } = analysisOf(canary);
  return Math.max(0, (typeof gracePeriod === 'string' ? parseGoDuration(gracePeriod) : undefined) ?? 0);
};

/** How many failed checks end an analysis: at least 1. */
export const thresholdOf = (canary: Canary): number => Math.max(wholeOr(analysisOf(canary).threshold, 1), 1);

/** Iterations of blue/green and A/B testing; 0 means weights. */
export const iterationsOf = (canary: Canary): number => Math.max(wholeOr(analysisOf(canary).iterations, 0), 0);

export const stepWeightOf = (canary: Canary): number => wholeOr(analysisOf(canary).stepWeight, 0);

/** Percent that moves back at each promotion step; 0 moves all at once. */
export const stepWeightPromotionOf = (canary: Canary): number => wholeOr(analysisOf(canary).stepWeightPromotion, 0);

export const stepWeightsOf = (canary: Canary): readonly number[] => {
  const { stepWeights } = analysisOf(canary);
  return Array.isArray(stepWeights) ? stepWeights.map((weight) => wholeOr(weight, 0)) : [];
};

/** Percent at which promotion starts: the last of stepWeights, at most 100; else maxWeight; else 100. */
export const maxWeightOf = (canary: Canary): number => {
  const last = stepWeightsOf(canary).at(-1);
  if (last !== undefined) return Math.min(last, 100);
  const maxWeight = wholeOr(analysisOf(canary).maxWeight, 0);
  return maxWeight > 0 ? maxWeight : 100;
};

/** Seconds that a workload may take to become ready: 600 where absent. */
export const progressDeadlineSecondsOf = (canary: Canary): number => wholeOr(canary.spec?.progressDeadlineSeconds, 600);

/** Percent of the primary's pods that must be ready: 100 where absent. */
export const primaryReadyThresholdOf = (canary: Canary): number =>
  wholeOr(analysisOf(canary).primaryReadyThreshold, 100);

/** Percent of the canary's pods that must be ready: 100 where absent. */
export const canaryReadyThresholdOf = (canary: Canary): number => wholeOr(analysisOf(canary).canaryReadyThreshold, 100);

/** Window of a metric as queries write it: `1m` where absent or empty. */
export const metricIntervalOf = (metric: AnalysisMetric): string => metric.interval || '1m';

/**
 * Milliseconds that one attempt of a hook may take; 0 means no limit. Absent, empty and one-character timeouts
 * count as unset: 10 s. Undefined: the timeout is unreadable, and the hook fails.
 */
export const hookTimeoutMsOf = (hook: AnalysisWebhook): number | undefined => {
  const timeout = hook.timeout ?? '';
  return timeout.length < 2 ? DEFAULT_HOOK_TIMEOUT_MS : parseGoDuration(timeout);
};

/** Further attempts of a hook after a failed one. */
export const hookRetriesOf = (hook: AnalysisWebhook): number => Math.max(wholeOr(hook.retries, 0), 0);

/** The type of a hook; absent and empty mean `rollout`. */
export const hookTypeOf = (hook: AnalysisWebhook): Exclude<NonNullable<AnalysisWebhook['type']>, ''> =>
  hook.type || 'rollout';

/** Least severity that an alert entry wants to hear of: info where absent or empty. */
export const alertSeverityOf = (alert: AnalysisAlert): 'info' | 'warn' | 'error' => alert.severity || 'info';

/** Session affinity; undefined where none is asked for. In an A/B test a user's own request says where it goes. */
export const affinityOf = (canary: Canary): SessionAffinity | undefined => {
  const { sessionAffinity } = analysisOf(canary);
  return isRecord(sessionAffinity) && sessionAffinity.cookieName && strategyOf(canary) !== 'ab-testing'
    ? sessionAffinity
    : undefined;
};

/** Seconds that the cookie of a running analysis lives: 86400 where absent or 0. */
export const cookieMaxAgeOf = (affinity: SessionAffinity): number => wholeOr(affinity.maxAge, 0) || 86_400;
