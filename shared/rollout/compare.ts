/** Comparing the canary with the primary: bounds that follow from the primary's value. */
import type { AnalysisMetric } from '../api/canary.ts';
import type { Answer, Check } from '../api/model.ts';

export interface Bounds {
  min?: number;
  max?: number;
}

export type MetricAnswer = Exclude<Answer, { kind: 'hook' | 'kept' }>;

/** How many requests an answer counts, a whole number; no data: none. Undefined: nobody asked, or nobody could tell. */
export const countOf = (answer: MetricAnswer | undefined): number | undefined => {
  if (answer === undefined || answer.kind === 'error') return undefined;
  return answer.kind === 'value' && Number.isFinite(answer.value) ? Math.round(answer.value) : 0;
};

/** The other side as a status holds it. */
export const comparedWith = (
  primary: { value: MetricAnswer; samples?: MetricAnswer } | undefined,
): Check['compared'] => {
  if (primary === undefined) return undefined;
  const { value: answer } = primary;
  const samples = countOf(primary.samples);
  return {
    with: 'primary',
    ...(answer.query !== '' && { query: answer.query }),
    ...(answer.kind === 'value' && Number.isFinite(answer.value) && { value: answer.value }),
    ...(samples !== undefined && { samples }),
  };
};

const DIGITS = 12;
/** Without the dust of floating point. */
const clean = (value: number): number => Number(value.toPrecision(DIGITS));

/** The bounds that a comparison leaves, in the unit of the value; open where it has none. */
export const relativeTo = ({ compare }: AnalysisMetric, answer: MetricAnswer | undefined): Bounds => {
  if (compare === undefined || answer?.kind !== 'value') return {};
  const { maxIncreasePercent: more, maxDecreasePercent: less } = compare;
  const percent = Math.abs(answer.value) / 100;
  return {
    ...(less !== undefined && { min: clean(answer.value - percent * less) }),
    ...(more !== undefined && { max: clean(answer.value + percent * more) }),
  };
};

/** Both must hold. */
export const tighter = (one: Bounds, other: Bounds): Bounds => {
  const min = Math.max(one.min ?? -Infinity, other.min ?? -Infinity);
  const max = Math.min(one.max ?? Infinity, other.max ?? Infinity);
  return { ...(min > -Infinity && { min }), ...(max < Infinity && { max }) };
};

const SHOWN_DIGITS = 6;

/** Six digits: values that were measured, and bounds that follow from them, have many. */
export const shownNumber = (value: number): number => Number(value.toPrecision(SHOWN_DIGITS));
