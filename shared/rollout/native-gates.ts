/** Native gates: which of them is closed, since when, and what happens when nobody answers. */
import type { AnalysisGate, Approval, WaitingFor } from '../api/canary.ts';
import { parseGoDuration } from '../api/duration.ts';
import { gatesOf } from '../api/gates.ts';
import { decided, KEEP_WITH_ROUTES } from './outcome.ts';
import type { ReadableWorld } from './phases/handler.ts';
import { rollBack } from './rollback.ts';
import type { Change } from './status.ts';
import { alert, canaryText, ownEvent } from './texts.ts';
import { isoTime, timeOf } from './times.ts';
import type { Outcome } from './world.ts';

/** The approval of this gate that counts now: for the target's present revision, and not run out. */
export const approvalOf = ({ canary, target, now }: ReadableWorld, name: string): Approval | undefined => {
  const { approvals } = canary.status ?? {};
  return approvals?.find(
    ({ gate, revision, until }) => gate === name && revision === target.revision && !(timeOf(until) <= now),
  );
};

/** The approvals with one more; those of other revisions are spent. */
export const withApproval = (
  { canary, target, now }: ReadableWorld,
  gate: string,
  who: Pick<Approval, 'by' | 'until'>,
): Approval[] => {
  const { revision } = target;
  const { approvals } = canary.status ?? {};
  const others = approvals?.filter((one) => one.revision === revision && one.gate !== gate) ?? [];
  return [...others, { gate, revision, ...who, at: isoTime(now) }];
};

/** The first gate of this type, in the order of the list, that nobody has approved. */
export const closedGate = (world: ReadableWorld, type: AnalysisGate['type']): AnalysisGate | undefined =>
  gatesOf(world.canary).find((gate) => gate.type === type && approvalOf(world, gate.name) === undefined);

/** The gate that the rollout waits at, while it is closed; undefined: it waits at none. */
export const gateAhead = (world: ReadableWorld): AnalysisGate | undefined => {
  const { waitingFor } = world.canary.status ?? {};
  return gatesOf(world.canary).find(({ name }) => name === waitingFor?.gate && approvalOf(world, name) === undefined);
};

/** It waited at a gate that was opened, or that somebody took out of the spec. */
export const hasGateOpened = (world: ReadableWorld): boolean => {
  const { waitingFor } = world.canary.status ?? {};
  return waitingFor?.gate !== undefined && gateAhead(world) === undefined;
};

interface Wait {
  waitingFor: WaitingFor;
  /** The status says so already. */
  isKnown: boolean;
}

/** The wait at a hook or a gate: as the status has it, or from now on. One revision's time is not the next one's. */
export const waitAt = (world: ReadableWorld, what: string, gate: AnalysisGate | undefined): Wait => {
  const { waitingFor: known } = world.canary.status ?? {};
  const { revision } = world.target;
  if (known?.what === what && known.gate === gate?.name && (known.revision ?? revision) === revision)
    return { waitingFor: known, isKnown: true };
  const timeout = gate?.timeout === undefined ? undefined : parseGoDuration(gate.timeout);
  const waitingFor: WaitingFor = {
    what,
    since: isoTime(world.now),
    ...(timeout !== undefined && { until: isoTime(world.now + timeout) }),
    ...(gate && { gate: gate.name, revision }),
  };
  return { waitingFor, isKnown: false };
};

/** When the closed gate's time is over, milliseconds since 1970; Infinity: never, or there is no gate. */
export const gateDeadline = (waitingFor: WaitingFor | null | undefined): number => {
  const until = waitingFor?.gate === undefined ? Number.NaN : timeOf(waitingFor.until);
  return Number.isNaN(until) ? Infinity : until;
};

export const BY_TIMEOUT = 'timeout';

/** A closed gate whose time is over decides by itself. Undefined: there is none. */
export const expireGate = (world: ReadableWorld): Outcome | undefined => {
  const gate = gateAhead(world);
  const { waitingFor } = world.canary.status ?? {};
  if (gate === undefined || gateDeadline(waitingFor) > world.now) return undefined;
  const text = `Gate ${gate.name} of ${canaryText(world.canary)} was not answered within ${gate.timeout ?? 'its time'}`;
  if (gate.onTimeout === 'approve') {
    return decided(world, {
      actions: KEEP_WITH_ROUTES,
      change: { approvals: withApproval(world, gate.name, { by: BY_TIMEOUT }), dueAt: world.now },
      reports: [ownEvent('Normal', 'GateTimedOut', `${text}: it counts as approved`)],
    });
  }
  const told = [
    ownEvent('Warning', 'GateTimedOut', `${text}: it counts as rejected`),
    alert(world, 'error', `Gate ${gate.name} was not approved in time`),
  ];
  return rollBack(world, { reason: 'GateTimedOut', message: text, told });
};

/** While a person holds the rollout a gate's clock stands still. */
export const afterPause = ({ canary, now }: ReadableWorld): Change => {
  const { paused, waitingFor } = canary.status ?? {};
  const held = Math.max(0, now - Math.max(timeOf(paused?.since), timeOf(waitingFor?.since)));
  const until = gateDeadline(waitingFor) + held;
  return {
    paused: null,
    ...(waitingFor && until < Infinity && { waitingFor: { ...waitingFor, until: isoTime(until) } }),
  };
};
