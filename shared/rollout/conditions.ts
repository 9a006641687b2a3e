/** The conditions of a status: the reference's own, then the standard ones that Flux and Argo CD read. */
import type { Canary, FailureReason, Phase } from '../api/canary.ts';
import type { Condition } from '../api/kube.ts';
import { kubeTime } from './times.ts';
import type { World } from './world.ts';

const PROMOTED: Partial<Record<Phase, [status: string, message: (kind: string) => string]>> = {
  Initializing: ['Unknown', (kind) => `New ${kind} detected, starting initialization.`],
  Initialized: ['True', (kind) => `${kind} initialization completed.`],
  Waiting: ['Unknown', () => 'Waiting for approval.'],
  Progressing: ['Unknown', () => 'New revision detected, progressing canary analysis.'],
  WaitingPromotion: ['Unknown', () => 'Waiting for approval.'],
  Promoting: ['Unknown', () => 'Canary analysis completed, starting primary rolling update.'],
  Finalising: ['Unknown', () => 'Canary analysis completed, routing all traffic to primary.'],
  Succeeded: ['True', () => 'Canary analysis completed successfully, promotion finished.'],
  Failed: ['False', (kind) => `Canary analysis failed, ${kind} scaled to zero.`],
  Terminating: ['Unknown', (kind) => `New ${kind} detected, starting initialization.`],
};

const isSettled = (phase: Phase): boolean => phase === 'Initialized' || phase === 'Succeeded';

/** Why nothing moves until somebody does something: one word, and one line. */
export interface Stall {
  reason: 'InvalidSpec' | FailureReason | 'Failed';
  message: string;
}

const readiness = (phase: Phase, stalled: Stall | undefined): string => {
  if (stalled !== undefined) return 'False';
  return isSettled(phase) ? 'True' : 'Unknown';
};

/** The stall of a status; undefined: it moves, or rests. */
export const stallOf = ({ status }: Canary): Stall | undefined => {
  const found = status?.conditions?.find((one) => one.type === 'Stalled' && one.status === 'True');
  return (
    found && {
      reason: found.reason as Stall['reason'],
      message: found.message ?? '',
    }
  );
};

/** As this pass found it, else as it was: a bad spec stays one in every phase, all else ends with its phase. */
const stallAfter = (
  { canary }: World,
  phase: Phase,
  found: Stall | null | undefined,
  message: string,
): Stall | undefined => {
  const before = stallOf(canary);
  const isKept = before?.reason === 'InvalidSpec' || (canary.status?.phase ?? '') === phase;
  const stall = found === undefined ? (isKept ? before : undefined) : (found ?? undefined);
  return stall ?? (phase === 'Failed' ? { reason: 'Failed', message } : undefined);
};

/** All conditions after a transition to `phase`. `stalled`: undefined keeps what was known, null clears it. */
export const conditionsAfter = (world: World, phase: Phase, stalled: Stall | null | undefined): Condition[] => {
  const promoted = PROMOTED[phase];
  const message = promoted?.[1](world.canary.spec.targetRef.kind) ?? '';
  const why = stallAfter(world, phase, stalled, message);
  const reason = phase || 'Pending';
  const moves = why !== undefined || isSettled(phase) ? 'False' : 'True';
  const wanted: Condition[] = [
    ...(promoted ? [{ type: 'Promoted', status: promoted[0], reason: phase, message }] : []),
    { type: 'Ready', status: readiness(phase, why), reason, message: why?.message ?? message },
    { type: 'Reconciling', status: moves, reason, message },
    {
      type: 'Stalled',
      status: why ? 'True' : 'False',
      reason: why?.reason ?? reason,
      message: why?.message ?? '',
    },
  ];
  return wanted.map((condition) => withTimes(condition, world));
};

const withTimes = (condition: Condition, world: World): Condition => {
  const old = world.canary.status?.conditions?.find((one) => one.type === condition.type);
  const isSame =
    old?.status === condition.status && old.reason === condition.reason && old.message === condition.message;
  const observed = condition.type === 'Promoted' ? {} : { observedGeneration: world.canary.metadata.generation ?? 0 };
  if (isSame && old) return { ...old, ...observed };
  const now = kubeTime(world.now);
  const since = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
  return { ...condition, ...observed, lastUpdateTime: now, lastTransitionTime: since };
};
