/** Judges a measured value by its bounds. Texts and rounding are the reference's. */
import type { AnalysisMetric, Canary } from '../api/canary.ts';
import { formatGoDuration } from '../api/duration.ts';
import type { Answer, Check, Verdict } from '../api/model.ts';
import { canaryText, targetText } from './texts.ts';

export type MetricPart = 'builtin' | 'query' | 'template';

export const BUILT_IN: readonly string[] = ['request-success-rate', 'request-duration'];

export interface Judged {
  verdict: Verdict;
  check: Omit<Check, 'time'>;
  /** What to tell when it did not pass. */
  message: string;
}

interface Bounds {
  min?: number;
  max?: number;
}

/** Bounds are inclusive; an absent side is open. Without a range the old `threshold` is a minimum or a maximum. */
const boundsOf = (metric: AnalysisMetric): Bounds => {
  const range = metric.thresholdRange;
  if (range)
    return { ...(range.min !== undefined && { min: range.min }), ...(range.max !== undefined && { max: range.max }) };
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

export const judge = (question: Question, answer: Exclude<Answer, { kind: 'hook' | 'kept' }>): Judged => {
  const { metric } = question;
  const bounds = boundsOf(metric);
  const base = { name: metric.name, query: answer.query, ...bounds };
  if (answer.kind === 'error') return inconclusive(base, answer.message);
  if (answer.kind === 'empty') return inconclusive(base, emptyText(question, answer.error));
  const { value, samples } = answer;
  if (Number.isNaN(value)) return inconclusive(base, emptyText(question, 'no values found'));
  // JSON has no infinity: the message alone tells it.
  const check = { ...base, ...(Number.isFinite(value) && { value }), ...(samples !== undefined && { samples }) };
  if (metric.minSamples !== undefined && samples !== undefined && samples < metric.minSamples) {
    return inconclusive(
      check,
      `Halt ${canaryText(question.canary)} advancement ${metric.name} has ${samples} of ${metric.minSamples} samples`,
    );
  }
  const low = bounds.min !== undefined && !(value >= bounds.min);
  const high = bounds.max !== undefined && !(value <= bounds.max);
  if (!low && !high) return { verdict: 'passed', check: { ...check, verdict: 'passed' }, message: '' };
  const message = crossedText(question, value, low ? ['<', bounds.min as number] : ['>', bounds.max as number]);
  return { verdict: 'failed', check: { ...check, verdict: 'failed', message }, message };
};

const inconclusive = (check: Omit<Check, 'time' | 'verdict'>, message: string): Judged => ({
  verdict: 'inconclusive',
  check: { ...check, verdict: 'inconclusive', message },
  message,
});

const crossedText = ({ canary, metric, part }: Question, value: number, [sign, bound]: ['<' | '>', number]): string => {
  const halt = `Halt ${canaryText(canary)} advancement`;
  if (part === 'builtin' && metric.name === 'request-success-rate') {
    return `${halt} success rate ${value.toFixed(2)}% ${sign} ${bound}%`;
  }
  if (part === 'builtin') return `${halt} request duration ${durationText(value)} ${sign} ${durationText(bound)}`;
  return `${halt} ${metric.name} ${value.toFixed(2)} ${sign} ${bound}`;
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
