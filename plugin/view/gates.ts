/** The confirm hooks of a Canary: services that hold a transition until they agree. Pure. */
import type { Canary } from '../../shared/api/canary.ts';
import { plain } from './columns.ts';
import { phaseOf } from './summary.ts';
import { since } from './times.ts';

export interface GateView {
  readonly name: string;
  readonly type: string;
  readonly state: 'waiting' | 'idle';
  readonly since: string | undefined;
}

const isWaiting = (canary: Canary, type: string, name: string): boolean => {
  const phase = phaseOf(canary.status);
  if (type === 'confirm-rollout' && phase === 'Waiting') return true;
  if (type === 'confirm-promotion' && phase === 'WaitingPromotion') return true;
  return (canary.status?.waitingFor?.what ?? '').includes(name);
};

export const gatesOf = (canary: Canary): GateView[] =>
  (canary.spec.analysis?.webhooks ?? [])
    .filter((hook) => hook.type?.startsWith('confirm-') === true)
    .map((hook) => {
      const waits = isWaiting(canary, hook.type ?? '', hook.name);
      return {
        name: hook.name,
        type: hook.type ?? '',
        state: waits ? 'waiting' : 'idle',
        since: waits ? canary.status?.waitingFor?.since : undefined,
      };
    });

/** GATE, TYPE, STATE, SINCE; one row per hook. */
export const gateRows = (canary: Canary, now: number): string[][] =>
  gatesOf(canary).map((gate) => [
    plain(gate.name),
    gate.type,
    gate.state,
    gate.since === undefined ? '' : since(gate.since, now),
  ]);
