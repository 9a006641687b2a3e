import type { Lookups } from '../lookups.ts';
import type { AdmissionRequest, PatchOperation } from '../review.ts';

/** One change that we make to somebody's object, and how we say so. */
export interface Mutation {
  /** Key of the audit annotation. */
  readonly id: 'MUT-PAUSE-001' | 'MUT-PAUSE-002' | 'MUT-STAMP-001';
  readonly patch: readonly PatchOperation[];
  /** One sentence for the audit log, naming the Canary where there is one. */
  readonly audit: string;
  /** The warning for the person; undefined where the change is no news to anybody. */
  readonly note?: string;
}

export interface MutationContext {
  readonly lookups: Lookups;
  /** The request comes from a driver of rollouts. */
  readonly isDriver: boolean;
}

/** Undefined: nothing to change. A second call on the changed object always finds nothing. */
export type Mutate = (
  request: AdmissionRequest,
  context: MutationContext,
) => Mutation | undefined | Promise<Mutation | undefined>;
