import type { Parameters } from 'fast-check';

/**
 * How many random values a law sees: few in the gate, as many as `LAW_FACTOR` says when somebody looks for more. With
 * `LAW_SEED` a failure is played again; the seed stands in its report.
 */
export const runs = <T>(number: number): Parameters<T> => {
  const { LAW_FACTOR, LAW_SEED } = process.env;
  const factor = Number(LAW_FACTOR ?? 1);
  return {
    numRuns: number * factor,
    // Each attempt to make a failing rollout smaller is a rollout of its own.
    interruptAfterTimeLimit: 50_000 * factor,
    ...(LAW_SEED !== undefined && { seed: Number(LAW_SEED) }),
    ...(factor > 1 && { endOnFailure: true }),
  };
};
