/** What keeps a due step from being taken: no verdict yet, or a gate that is closed. */
import { intervalMsOf } from '../../api/defaults.ts';
import type { Answers, Report } from '../../api/model.ts';
import type { CheckList } from '../checks.ts';
import { askGates, type Closed } from '../gates.ts';
import { saysGrace } from '../grace.ts';
import { gateDeadline, hasGateOpened, waitAt } from '../native-gates.ts';
import { decided, KEEP_WITH_ROUTES } from '../outcome.ts';
import { type Change, phaseOf } from '../status.ts';
import { iterationsFor } from '../steps.ts';
import { alert, canaryText, warning } from '../texts.ts';
import type { Outcome } from '../world.ts';
import type { ReadableWorld } from './handler.ts';

/** What is known so far of a step: its checks, and what is to be told. */
export interface Cleared {
  checks: CheckList;
  reports: readonly Report[];
  /** The checks do not count yet. */
  isUnjudged?: boolean;
}

/** One interval later; where a gate was opened that held it, it holds no longer, and one whose time ends sooner decides then. */
export const retryLater = (world: ReadableWorld, { checks, reports }: Cleared, change: Change): Outcome => {
  const next: Change = hasGateOpened(world) || saysGrace(world) ? { waitingFor: null, ...change } : change;
  const { waitingFor } = world.canary.status ?? {};
  const held = next.waitingFor === undefined ? waitingFor : next.waitingFor;
  const dueAt = Math.min(world.now + intervalMsOf(world.canary), Math.max(world.now, gateDeadline(held)));
  return decided(world, { actions: KEEP_WITH_ROUTES, change: { ...next, checks, dueAt }, reports, dueAt });
};

/** Before the first traffic: the pre-rollout hooks have passed, and need not run again. */
export const isAtTrafficGate = ({ canary }: ReadableWorld): boolean => {
  const { waitingFor } = canary.status ?? {};
  return waitingFor?.what.startsWith(TRAFFIC_GATE) === true;
};

const TRAFFIC_GATE = 'traffic increase gate ';

export const askTrafficGate = (world: ReadableWorld, answers: Answers, cleared: Cleared): Outcome | Cleared => {
  const isByWeight = iterationsFor(world.canary, world.capabilities) === 0;
  if (!isByWeight || phaseOf(world.canary) !== 'Progressing' || world.routes?.mirrored === true) return cleared;
  const asked = askGates(world, answers, 'confirm-traffic-increase', cleared.reports);
  if ('ask' in asked) return asked;
  if (asked.passed) return { ...cleared, reports: asked.reports };
  const { waitingFor, isKnown } = waitAt(world, `${TRAFFIC_GATE}${asked.hook}`, asked.gate);
  if (isKnown) return retryLater(world, { ...cleared, reports: asked.reports }, {});
  const reports = [...asked.reports, ...told(world, asked, 'traffic increase')];
  return retryLater(world, { ...cleared, reports }, { waitingFor });
};

export const askPromotionGate = (world: ReadableWorld, answers: Answers, cleared: Cleared): Outcome | Cleared => {
  const asked = askGates(world, answers, 'confirm-promotion', cleared.reports);
  if ('ask' in asked) return asked;
  if (asked.passed) return { ...cleared, reports: asked.reports };
  const what =
    asked.gate === undefined ? `promotion approval by ${asked.hook}` : `promotion approval of gate ${asked.hook}`;
  const { waitingFor, isKnown } = waitAt(world, what, asked.gate);
  // In this phase a hook has told everybody already; so has another controller that began to wait for it.
  const { waitingFor: before } = world.canary.status ?? {};
  const isHook = asked.gate === undefined && before?.gate === undefined;
  if (phaseOf(world.canary) === 'WaitingPromotion' && (isKnown || isHook))
    return retryLater(world, { ...cleared, reports: asked.reports }, {});
  const reports = [...asked.reports, ...told(world, asked, 'promotion')];
  return retryLater(world, { ...cleared, reports }, { phase: 'WaitingPromotion', waitingFor });
};

const told = (world: ReadableWorld, { hook, muteAlert }: Closed, what: 'traffic increase' | 'promotion'): Report[] => {
  const halt = warning(world, `Halt ${canaryText(world.canary)} advancement waiting for ${what} approval ${hook}`);
  return muteAlert ? [halt] : [halt, alert(world, 'warn', `Canary ${what} is waiting for approval.`)];
};
