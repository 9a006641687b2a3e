import type { Approval } from '../../api/canary.ts';
import { intervalMsOf } from '../../api/defaults.ts';
import type { Answers } from '../../api/model.ts';
import { podsOf, toldOfPods, waitFor } from '../deadlines.ts';
import { askGates, type Closed, hasHook } from '../gates.ts';
import { startEntry } from '../history.ts';
import { expireGate, gateDeadline, hasGateOpened, waitAt } from '../native-gates.ts';
import { decided, KEEP_WITH_ROUTES } from '../outcome.ts';
import { floorFrom } from '../primary-floor.ts';
import { adoption, isNewRevision } from '../revision.ts';
import { backToPrimary, finishRollback, liveWeight } from '../rollback.ts';
import { haveConfigsChanged, phaseOf } from '../status.ts';
import { alert, canaryText, normal, primaryText, targetText, warning } from '../texts.ts';
import type { Action, Outcome } from '../world.ts';
import { waitForDue } from './due.ts';
import type { Handler, ReadableWorld } from './handler.ts';

/** Initialized, Succeeded, Failed: keep things in place and wait for something new. */
export const idle: Handler = (world, answers, forced) => {
  if (!forced) {
    if (!isNewRevision(world))
      return finishRollback(world) ?? decided(world, { actions: resting(world), change: adoption(world) });
    if (isReverted(world)) return decided(world, { actions: resting(world), change: { sync: true } });
  }
  const { primary } = world;
  // A primary that is only busy is waited for; a broken one never stands in the way of its own fix.
  if (primary && !primary.readiness.ready && !primary.readiness.deadlineExceeded) {
    const { message, deadlineAt } = primary.readiness;
    const told = warning(world, `${primaryText(world.canary)} not ready: ${message}`, { once: 'primary not ready' });
    return decided(world, { actions: KEEP_WITH_ROUTES, ...toldOfPods(world, 'primary', told, deadlineAt) });
  }
  return start(world, answers, forced);
};

/** A confirm-rollout gate is closed: a hook is asked again once per interval, a native one opens at once. */
export const wait: Handler = (world, answers, forced) =>
  (forced
    ? undefined
    : (renewWait(world) ?? expireGate(world) ?? (hasGateOpened(world) ? undefined : waitForDue(world)))) ??
  start(world, answers, forced);

/** The target moved on while nobody had approved: it is the new revision that waits now. */
const renewWait = (world: ReadableWorld): Outcome | undefined => {
  const { waitingFor } = world.canary.status ?? {};
  const { revision } = world.target;
  if (waitingFor?.revision === undefined || waitingFor.revision === revision) return undefined;
  if (waitingFor.gate !== undefined)
    return decided(world, { actions: KEEP_WITH_ROUTES, change: { waitingFor: null, dueAt: null } });
  return decided(world, { actions: KEEP_WITH_ROUTES, change: { waitingFor: { ...waitingFor, revision } } });
};

/**
 * After a failed promotion the target carries the traffic: it must not be put to rest. Traffic that somebody sent to a
 * resting target by hand goes back.
 */
const resting = (world: ReadableWorld): readonly Action[] => {
  const { canaryWeight = 0 } = world.canary.status ?? {};
  if (canaryWeight > 0) return KEEP_WITH_ROUTES;
  const { actions, weight } = liveWeight(world) > 0 ? backToPrimary(world) : { actions: KEEP_WITH_ROUTES, weight: 0 };
  return weight > 0 ? actions : [...actions, { do: 'pause-scaler' }];
};

/** The target was put back to what the primary runs: nothing to analyse. */
const isReverted = (world: ReadableWorld): boolean => world.primary?.runsTarget === true && !haveConfigsChanged(world);

const start = (world: ReadableWorld, answers: Answers, forced: boolean): Outcome => {
  const asked = forced
    ? ({ passed: true, names: [], reports: [] } as const)
    : askGates(world, answers, 'confirm-rollout');
  if ('ask' in asked) return asked;
  if (!asked.passed) return closed(world, asked);
  const phase = 'Progressing';
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: {
      phase,
      canaryWeight: 0,
      failedChecks: 0,
      iterations: 0,
      sync: true,
      checks: [],
      paused: null,
      pauseAt: null,
      approvals: keptApprovals(world),
      dueAt: null,
      waitingFor: waitFor(world, podsOf(world.canary, 'target')),
      notReady: null,
      rollback: null,
      trafficSince: null,
      ...floorFrom(world),
      history: startEntry(world, 'running'),
    },
    reports: [
      ...asked.reports,
      normal(world, `New revision detected! Scaling up ${targetText(world.canary)}`, { phase }),
      alert(world, 'info', 'New revision detected, progressing canary analysis.', true),
    ],
  });
};

/** What was approved before the rollout began counts in it; a revision that is tried again is approved again. */
const keptApprovals = ({ canary, target }: ReadableWorld): Approval[] | null => {
  const { approvals } = canary.status ?? {};
  const kept = approvals?.filter(({ revision }) => phaseOf(canary) === 'Waiting' && revision === target.revision) ?? [];
  return kept.length === 0 ? null : kept;
};

/** Where only native gates hold it, nothing has to be asked again: an approval wakes it, or the end of their time. */
const closed = (world: ReadableWorld, { hook, gate, muteAlert, reports }: Closed): Outcome => {
  const { waitingFor, isKnown } = waitAt(
    world,
    gate === undefined ? `approval by ${hook}` : `approval of gate ${gate.name}`,
    gate,
  );
  const polled = hasHook(world, 'confirm-rollout') ? world.now + intervalMsOf(world.canary) : Infinity;
  const next = Math.min(polled, Math.max(world.now, gateDeadline(waitingFor)));
  const dueAt = polled === Infinity ? null : next;
  const due = next === Infinity ? {} : { dueAt: next };
  const isWaiting = phaseOf(world.canary) === 'Waiting';
  const { waitingFor: before } = world.canary.status ?? {};
  // Another controller's wait says nothing of what it waits for; it has told everybody.
  const isTold = isWaiting && (isKnown || (gate === undefined && before?.gate === undefined));
  if (isTold) return decided(world, { actions: KEEP_WITH_ROUTES, change: { dueAt }, reports, ...due });
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { phase: 'Waiting', dueAt, waitingFor: { ...waitingFor, revision: world.target.revision } },
    reports: [
      ...reports,
      warning(world, `Halt ${canaryText(world.canary)} advancement waiting for approval ${hook}`),
      ...(muteAlert ? [] : [alert(world, 'warn', 'Canary is waiting for approval.')]),
    ],
    ...due,
  });
};
