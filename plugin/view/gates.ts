/** What holds a transition until somebody agrees: native gates, and confirm hooks that ask a service. Pure. */
import type { AnalysisGate, Approval, Canary } from '../../shared/api/canary.ts';
import { revisionAtHand } from '../../shared/api/command.ts';
import { gatesOf } from '../../shared/api/gates.ts';
import { plain } from './columns.ts';
import { phaseOf } from './summary.ts';
import { since, span } from './times.ts';

export interface GateView {
  readonly name: string;
  readonly type: string;
  /** Answered by approve and reject; otherwise a hook. */
  readonly native: boolean;
  readonly state: 'waiting' | 'approved' | 'idle';
  /** Since when it waits, or when it was approved. */
  readonly since?: string;
  /** When its time is over, or the approval ends. */
  readonly until?: string;
  readonly onTimeout?: string;
  /** Who approved. */
  readonly by?: string;
  /** Which revision waits, or was approved. */
  readonly revision?: string;
}

type Hook = NonNullable<NonNullable<Canary['spec']['analysis']>['webhooks']>[number];

const hookWaits = (canary: Canary, type: string, name: string): boolean => {
  const { waitingFor } = canary.status ?? {};
  if (waitingFor?.gate !== undefined) return false;
  const phase = phaseOf(canary.status);
  if (type === 'confirm-rollout' && phase === 'Waiting') return true;
  if (type === 'confirm-promotion' && phase === 'WaitingPromotion') return true;
  return (waitingFor?.what ?? '').includes(name);
};

const hookView = (canary: Canary, { name, type = '' }: Hook): GateView => {
  const at = canary.status?.waitingFor?.since;
  if (!hookWaits(canary, type, name)) return { name, type, native: false, state: 'idle' };
  return { name, type, native: false, state: 'waiting', ...(at === undefined ? {} : { since: at }) };
};

const ACTIVE: readonly string[] = [
  'Waiting',
  'Progressing',
  'WaitingPromotion',
  'Promoting',
  'Finalising',
  'Succeeded',
];

/** The approval of a gate that counts for the revision at hand. `now` in milliseconds since 1970. */
export const approvalOf = ({ status }: Canary, gate: string, now: number): Approval | undefined =>
  status?.approvals?.find(
    (one) => one.gate === gate && one.revision === revisionAtHand(status) && !(Date.parse(one.until ?? '') <= now),
  );

const nativeView = (canary: Canary, { name, type, onTimeout = 'reject' }: AnalysisGate, now: number): GateView => {
  const { waitingFor } = canary.status ?? {};
  const approval = approvalOf(canary, name, now);
  const base = { name, type, native: true, onTimeout } as const;
  if (approval !== undefined && ACTIVE.includes(phaseOf(canary.status))) {
    const { by, at, until, revision } = approval;
    return {
      ...base,
      state: 'approved',
      revision,
      ...(at === undefined ? {} : { since: at }),
      ...(until === undefined ? {} : { until }),
      ...(by === undefined ? {} : { by }),
    };
  }
  if (waitingFor?.gate !== name) return { ...base, state: 'idle' };
  const { since: from, until, revision } = waitingFor;
  return {
    ...base,
    state: 'waiting',
    ...(from === undefined ? {} : { since: from }),
    ...(until === undefined ? {} : { until }),
    ...(revision === undefined ? {} : { revision }),
  };
};

/** Hooks first, as they are asked, then native gates. */
export const gateViews = (canary: Canary, now: number): GateView[] => [
  ...(canary.spec.analysis?.webhooks ?? [])
    .filter((hook) => hook.type?.startsWith('confirm-') === true)
    .map((hook) => hookView(canary, hook)),
  ...gatesOf(canary).map((gate) => nativeView(canary, gate, now)),
];

const detail = ({ state, by, until, onTimeout }: GateView, now: number): string => {
  const left = until === undefined ? '' : span(Date.parse(until) - now);
  if (state === 'approved') return `by ${by ?? 'somebody'}${left === '' ? '' : `, for another ${left}`}`;
  if (state !== 'waiting' || left === '') return '';
  return `counts as ${onTimeout === 'approve' ? 'approved' : 'rejected'} in ${left}`;
};

/** GATE, TYPE, STATE, SINCE, and who or until when; one row per gate. */
export const gateRows = (canary: Canary, now: number): string[][] =>
  gateViews(canary, now).map((gate) => [
    plain(gate.name),
    gate.type,
    gate.state,
    gate.since === undefined ? '' : since(gate.since, now),
    plain(detail(gate, now)),
  ]);

/** `gate qa by bo`, for each approval that counts. */
export const approvalTexts = (canary: Canary, now: number): string[] =>
  gateViews(canary, now)
    .filter(({ state }) => state === 'approved')
    .map(
      ({ name, by, since: at }) =>
        `gate ${name} by ${by ?? 'somebody'}${at === undefined ? '' : ` ${since(at, now)} ago`}`,
    );
