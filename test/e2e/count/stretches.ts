/** Requests counted over the stretches of time in which the weight stood still. Pure. */
import type { Answer } from '../load/answer.ts';
import type { Weighted, Weights } from './weights.ts';

export interface Stretch {
  readonly weight: Weighted;
  /** Seconds for which the weight stood. */
  readonly seconds: number;
  /** Answers in the counted part of the stretch, after the data plane had time to follow. */
  readonly counted: number;
  /** Of those, answers by the canary. */
  readonly canary: number;
  /** Failures in the whole stretch. */
  readonly failed: number;
  /** Counted answers by revision. */
  readonly revisions: Readonly<Record<string, number>>;
}

const tally = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const between = (answers: readonly Answer[], from: number, to: number): Answer[] =>
  answers.filter(({ at }) => at >= from && at < to);

/**
 * One stretch per weight, up to `end`. Requests sent around a change, up to `followMs` after it and until the data plane
 * says that it follows, may meet one weight or the other and are not counted; their failures are.
 */
export const stretchesOf = (
  answers: readonly Answer[],
  weights: Weights,
  { followMs, end }: { readonly followMs: number; readonly end: number },
): Stretch[] =>
  weights.map((weight, index) => {
    const next = weights[index + 1];
    const until = Math.min(next?.at ?? end, end);
    const since = Math.max(weight.at + followMs, weight.followed ?? 0);
    const good = between(answers, since, Math.min(next?.written ?? end, end)).flatMap(({ from }) =>
      from === undefined ? [] : [from],
    );
    return {
      weight,
      seconds: Math.max(0, until - weight.at) / 1000,
      counted: good.length,
      canary: good.filter(({ side }) => side === 'canary').length,
      failed: between(answers, weight.at, until).filter(({ failure }) => failure !== undefined).length,
      revisions: tally(good.map(({ revision }) => revision)),
    };
  });

/** Percent of the counted requests that the canary answered. */
export const shareOf = ({ canary, counted }: Stretch): number => (counted === 0 ? 0 : (100 * canary) / counted);

/** How far the share is from the weight, in percentage points. */
export const pointsOff = (stretch: Stretch): number => Math.abs(shareOf(stretch) - stretch.weight.canary);

/** The same in standard deviations of a fair throw per request; where nothing is left to chance any deviation is infinite. */
export const deviationsOff = (stretch: Stretch): number => {
  const p = stretch.weight.canary / 100;
  const off = Math.abs(stretch.canary - stretch.counted * p);
  const deviation = Math.sqrt(stretch.counted * p * (1 - p));
  return off === 0 ? 0 : deviation === 0 ? Number.POSITIVE_INFINITY : off / deviation;
};
