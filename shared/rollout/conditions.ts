/** The conditions of a status: the reference's own, then the standard ones that Flux and Argo CD read. */
import type { Phase } from '../api/canary.ts';
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

const readiness = (phase: Phase, stalled: string | undefined): string => {
  if (stalled !== undefined || phase === 'Failed') return 'False';
  return isSettled(phase) ? 'True' : 'Unknown';
};

const stalledCondition = (phase: Phase, stalled: string | undefined, message: string): Condition => {
  if (stalled !== undefined) return { type: 'Stalled', status: 'True', reason: 'InvalidSpec', message: stalled };
  const hasFailed = phase === 'Failed';
  return {
    type: 'Stalled',
    status: hasFailed ? 'True' : 'False',
    reason: phase || 'Pending',
    message: hasFailed ? message : '',
  };
};

/** What keeps the spec from being carried out: as this pass found it, else as it was. */
const stalledBy = (found: string | null | undefined, before: readonly Condition[]): string | undefined => {
  if (found !== undefined) return found ?? undefined;
  return before.find((one) => one.type === 'Stalled' && one.status === 'True' && one.reason === 'InvalidSpec')?.message;
};

/** All conditions after a transition to `phase`. `stalled`: undefined keeps what was known, null clears it. */
export const conditionsAfter = (
  world: World,
  phase: Phase,
  stalled: string | null | undefined,
  before: readonly Condition[],
): Condition[] => {
  const why = stalledBy(stalled, before);
  const promoted = PROMOTED[phase];
  const message = promoted?.[1](world.canary.spec.targetRef.kind) ?? '';
  const reason = phase || 'Pending';
  const moves = isSettled(phase) || phase === 'Failed' ? 'False' : 'True';
  const wanted: Condition[] = [
    ...(promoted ? [{ type: 'Promoted', status: promoted[0], reason: phase, message }] : []),
    { type: 'Ready', status: readiness(phase, why), reason, message: why ?? message },
    { type: 'Reconciling', status: moves, reason, message },
    stalledCondition(phase, why, message),
  ];
  return wanted.map((condition) => withTimes(condition, world, before));
};

const withTimes = (condition: Condition, world: World, before: readonly Condition[]): Condition => {
  const old = before.find((one) => one.type === condition.type);
  const isSame =
    old?.status === condition.status && old.reason === condition.reason && old.message === condition.message;
  const observed = condition.type === 'Promoted' ? {} : { observedGeneration: world.canary.metadata.generation ?? 0 };
  if (isSame && old) return { ...old, ...observed };
  const now = kubeTime(world.now);
  const since = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
  return { ...condition, ...observed, lastUpdateTime: now, lastTransitionTime: since };
};
