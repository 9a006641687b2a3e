import { type LookupOptions, openLookups } from './lookups.ts';
import { freePrimary } from './mutations/free-primary.ts';
import { holdPause } from './mutations/hold-pause.ts';
import type { Mutate, Mutation } from './mutations/mutation.ts';
import { stampCommand } from './mutations/stamp.ts';
import type { AdmissionRequest } from './review.ts';
import type { Handler } from './route.ts';
import { type Judge, judgeAlone } from './validate.ts';

/** All that we ever change, in this order. */
const MUTATIONS: readonly Mutate[] = [holdPause, freePrimary, stampCommand];

const appliesTo = (request: AdmissionRequest): boolean =>
  request.subResource === '' &&
  request.operation !== 'DELETE' &&
  request.object?.metadata.deletionTimestamp === undefined;

/**
 * The mutating hook: refuses readably what the schema would refuse unreadably, and makes the few changes above.
 * Nobody's spec is ever touched.
 */
export const createMutate = (judge: Judge, options: LookupOptions): Handler => {
  const mutationsOf = async (request: AdmissionRequest): Promise<Mutation[]> => {
    const context = { lookups: openLookups(options, request.budgetMs), isDriver: judge.isDriver(request) };
    const made: Mutation[] = [];
    for (const mutate of MUTATIONS) {
      const mutation = await mutate(request, context);
      if (mutation !== undefined) made.push(mutation);
    }
    return made;
  };
  return async (request) => {
    const findings = judgeAlone(judge, request, 'mutate');
    if (!appliesTo(request) || findings.some((finding) => finding.severity === 'deny')) return { findings };
    const made = await mutationsOf(request);
    if (made.length === 0) return { findings };
    return {
      findings,
      patch: made.flatMap((mutation) => mutation.patch),
      notes: made.flatMap((mutation) => mutation.note ?? []),
      audit: Object.fromEntries(made.map((mutation) => [mutation.id, mutation.audit])),
    };
  };
};
