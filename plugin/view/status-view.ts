/** `status -o json`: a computed view with a schema of its own. */
import type { Canary } from '../../shared/api/canary.ts';
import type { Check } from '../../shared/api/model.ts';
import { type GateView, gateViews } from './gates.ts';
import { summarize } from './summary.ts';

export interface StatusView {
  readonly kind: 'RolloutStatus';
  readonly apiVersion: 'view.kubectl-canary/v1';
  readonly namespace: string;
  readonly name: string;
  readonly phase: string;
  readonly running: boolean;
  readonly paused: boolean;
  readonly needsPerson: boolean;
  readonly progress: { readonly unit: string; readonly done: number; readonly total: number };
  readonly weight: number;
  readonly failedChecks: number;
  readonly threshold: number;
  readonly waiting?: string;
  readonly dueAt?: string;
  readonly revision?: string;
  readonly stableRevision?: string;
  readonly gates?: readonly GateView[];
  readonly checks: readonly Check[];
}

export const statusView = (canary: Canary, now: number): StatusView => {
  const { progress, waiting, revision, stable, ...summary } = summarize(canary, now);
  const dueAt = canary.status?.dueAt;
  const gates = gateViews(canary, now);
  return {
    kind: 'RolloutStatus',
    apiVersion: 'view.kubectl-canary/v1',
    namespace: summary.namespace,
    name: summary.name,
    phase: summary.phase,
    running: summary.isRunning,
    paused: summary.isPaused,
    needsPerson: summary.needsPerson,
    progress: { unit: progress.unit, done: progress.step, total: progress.total },
    weight: summary.weight,
    failedChecks: summary.failedChecks,
    threshold: summary.threshold,
    ...(waiting === undefined ? {} : { waiting }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(revision === undefined ? {} : { revision }),
    ...(stable === undefined ? {} : { stableRevision: stable }),
    ...(gates.length === 0 ? {} : { gates }),
    checks: canary.status?.checks ?? [],
  };
};
