/** Judges a measured value by its bounds. Texts and rounding are the reference's. */
import type { AnalysisMetric, Canary } from '../api/canary.ts';
import { formatGoDuration } from '../api/duration.ts';
import type { Check, Verdict } from '../api/model.ts';
import { type Bounds, comparedWith, countOf, type MetricAnswer, relativeTo, shownNumber, tighter } from './compare.ts';
import { canaryText, targetText } from './texts.ts';

export type MetricPart = 'builtin' | 'query' | 'template';

export const BUILT_IN: readonly string[] = ['request-success-rate', 'request-duration'];

export interface Judged {
  verdict: Verdict;
  check: Omit<Check, 'time'>;
  /** What to tell when it did not pass. */
  message: string;
}

/**
 * Bounds are inclusive; an absent side is open. Without a range the old `threshold` is a minimum or a maximum, and 0
 * where it is absent too; beside a comparison it holds only where it is set.
 */
const boundsOf = (metric: AnalysisMetric): Bounds => {
  const range = metric.thresholdRange;
  if (range)
    return { ...(range.min !== undefined && { min: range.min }), ...(range.max !== undefined && { max: range.max }) };
  if (metric.compare && metric.threshold === undefined) return {};
  const threshold = metric.threshold ?? 0;
  return metric.name === 'request-success-rate' ? { min: threshold } : { max: threshold };
};

interface Question {
  canary: Canary;
  metric: AnalysisMetric;
  part: MetricPart;
  /** The name of the observer, as messages about missing values give it. */
  provider: string;
}

/** What was measured of one metric; `samples` and `primary` where they were asked for. */
export interface Measured {
  value: MetricAnswer;
  samples?: MetricAnswer;
  primary?: { value: MetricAnswer; samples?: MetricAnswer };
}

/** The verdict on one metric. Texts and rounding are the reference's, where it knows the case. */
export const judge = (question: Question, measured: Measured): Judged => {
  const { metric } = question;
  const { value: answer, primary } = measured;
  const fixed = boundsOf(metric);
  const base = { name: metric.name, query: answer.query, ...fixed };
  if (answer.kind === 'error') return inconclusive(base, answer.message);
  if (answer.kind === 'empty') return inconclusive(base, emptyText(question, answer.error));
  const { value } = answer;
  if (Number.isNaN(value)) return inconclusive(base, emptyText(question, 'no values found'));
  const samples = answer.samples ?? countOf(measured.samples);
  const compared = comparedWith(primary);
  const check = {
    ...base,
    // JSON has no infinity: the message alone tells it.
    ...(Number.isFinite(value) && { value }),
    ...(samples !== undefined && { samples }),
    ...(compared && { compared }),
  };
  const missing =
    tooFew(question, samples, measured.samples, 'canary') ?? nothingToCompare(question, primary, compared?.samples);
  if (missing !== undefined) return inconclusive(check, missing);
  return againstBounds(question, check, value, primary?.value);
};

/** The value against its fixed bounds, and against those that follow from the primary's. */
// eslint-disable-next-line max-params -- one value, where it stands, and what it is compared with
const againstBounds = (
  question: Question,
  check: Omit<Check, 'time' | 'verdict'>,
  value: number,
  primary: MetricAnswer | undefined,
): Judged => {
  const { metric } = question;
  const fixed = boundsOf(metric);
  const bounds = tighter(fixed, relativeTo(metric, primary));
  const judged = { ...check, ...bounds };
  const low = bounds.min !== undefined && !(value >= bounds.min);
  const high = bounds.max !== undefined && !(value <= bounds.max);
  if (!low && !high) return { verdict: 'passed', check: { ...judged, verdict: 'passed' }, message: '' };
  const bound = (low ? bounds.min : bounds.max) as number;
  const isRelative = primary !== undefined && bound !== (low ? fixed.min : fixed.max);
  const crossed = crossedText(question, value, [low ? '<' : '>', isRelative ? shownNumber(bound) : bound]);
  const message = isRelative ? `${crossed} (${primaryText(question, primary)})` : crossed;
  return { verdict: 'failed', check: { ...judged, verdict: 'failed', message }, message };
};

const inconclusive = (check: Omit<Check, 'time' | 'verdict'>, message: string): Judged => ({
  verdict: 'inconclusive',
  check: { ...check, verdict: 'inconclusive', message },
  message,
});

const halt = ({ canary, metric }: Question): string => `Halt ${canaryText(canary)} advancement ${metric.name}`;

/** Why the number of requests allows no verdict; undefined: it does, or nobody wants to know it. */
const tooFew = (
  question: Question,
  samples: number | undefined,
  answer: MetricAnswer | undefined,
  side: 'canary' | 'primary',
): string | undefined => {
  const { minSamples = 0 } = question.metric;
  const of = side === 'primary' ? ' of the primary' : '';
  if (answer?.kind === 'error') return `${halt(question)} can not count requests${of}: ${answer.message}`;
  return samples !== undefined && samples < minSamples
    ? `${halt(question)} has ${samples} of ${minSamples} samples${of}`
    : undefined;
};

const nothingToCompare = (
  question: Question,
  primary: Measured['primary'],
  samples: number | undefined,
): string | undefined =>
  primary && (noValue(question, primary.value) ?? tooFew(question, samples, primary.samples, 'primary'));

const noValue = (question: Question, answer: MetricAnswer): string | undefined => {
  if (answer.kind === 'error') return `${halt(question)} has nothing to be compared with: ${answer.message}`;
  return answer.kind === 'value' && Number.isFinite(answer.value)
    ? undefined
    : `${halt(question)} has nothing to be compared with: no values found for the primary`;
};

const primaryText = ({ metric, part }: Question, answer: MetricAnswer): string => {
  const value = answer.kind === 'value' ? answer.value : Number.NaN;
  const isDuration = part === 'builtin' && metric.name === 'request-duration';
  return `primary ${isDuration ? durationText(value) : String(shownNumber(value))}`;
};

const crossedText = ({ canary, metric, part }: Question, value: number, [sign, bound]: ['<' | '>', number]): string => {
  const halted = `Halt ${canaryText(canary)} advancement`;
  if (part === 'builtin' && metric.name === 'request-success-rate') {
    return `${halted} success rate ${value.toFixed(2)}% ${sign} ${bound}%`;
  }
  if (part === 'builtin') return `${halted} request duration ${durationText(value)} ${sign} ${durationText(bound)}`;
  return `${halted} ${metric.name} ${value.toFixed(2)} ${sign} ${bound}`;
};

/** Whole milliseconds as the reference prints them; less than one in full. */
const durationText = (ms: number): string => {
  if (!Number.isFinite(ms)) return ms > 0 ? '+Inf' : '-Inf';
  return formatGoDuration(Math.abs(ms) >= 1 ? Math.trunc(ms) : ms);
};

const emptyText = ({ canary, metric, part, provider }: Question, error: string): string => {
  if (part === 'query') return `Halt advancement no values found for metric: ${metric.name}`;
  if (part === 'template') return `Halt advancement no values found for custom metric: ${metric.name}: ${error}`;
  const text = `Halt advancement no values found for ${provider} metric ${metric.name} probably ${targetText(canary)} is not receiving traffic`;
  return metric.name === 'request-success-rate' ? `${text}: ${error}` : text;
};
