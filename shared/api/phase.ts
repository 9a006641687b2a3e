/** Phases of a rollout, as `status.phase` writes them; the empty one is a Canary nobody has looked at yet. */
export const PHASES = [
  '',
  'Initializing',
  'Initialized',
  'Waiting',
  'Progressing',
  'WaitingPromotion',
  'Promoting',
  'Finalising',
  'Succeeded',
  'Failed',
  'Terminating',
  'Terminated',
] as const;

export type Phase = (typeof PHASES)[number];

/** A revision is being judged. `phase` is what stands in a status, whatever that is. */
export const isAnalysisPhase = (phase: unknown): boolean => phase === 'Progressing' || phase === 'WaitingPromotion';

/** Nothing is being rolled out: the target is parked and the primary has all traffic, unless the status says otherwise. */
export const isRestPhase = (phase: unknown): boolean =>
  phase === 'Initialized' || phase === 'Succeeded' || phase === 'Failed';
