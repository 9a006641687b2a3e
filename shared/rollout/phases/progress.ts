import type { PauseAt } from '../../api/canary.ts';
import { intervalMsOf, skipsAnalysis, thresholdOf } from '../../api/defaults.ts';
import { parseGoDuration } from '../../api/duration.ts';
import type { Answers, Report } from '../../api/model.ts';
import { podsOf, toldOfPods, waitFor } from '../deadlines.ts';
import { askRollbackHooks } from '../gates.ts';
import { firstStep } from '../grace.ts';
import { startEntry, worstCheckOf } from '../history.ts';
import { afterPause, expireGate, hasGateOpened } from '../native-gates.ts';
import { decided, KEEP_WITH_ROUTES } from '../outcome.ts';
import { floorFrom } from '../primary-floor.ts';
import { adoption, isNewRevision } from '../revision.ts';
import { backToPrimary, rollBack } from '../rollback.ts';
import { copiedUnchecked, isCopiedUnchecked, skipAnalysis } from '../skip-analysis.ts';
import { phaseOf } from '../status.ts';
import { hasReached, iterationRoutes, iterationsFor } from '../steps.ts';
import { alert, canaryText, normal, ownEvent, primaryText, targetText, warning } from '../texts.ts';
import { isoTime, timeOf } from '../times.ts';
import type { Outcome } from '../world.ts';
import { advance, iterationText, promoteNow, promotingChange, weightText } from './advance.ts';
import { waitForDue } from './due.ts';
import type { Handler, ReadableWorld } from './handler.ts';

/** Progressing and WaitingPromotion: the analysis, one step per interval. The first check that stops it decides. */
export const progress: Handler = (world, answers, forced) =>
  prepare(world) ??
  (isCopiedUnchecked(world) ? undefined : waitForPods(world)) ??
  hold(world, forced) ??
  (skipsAnalysis(world.canary) ? skipAnalysis(world) : undefined) ??
  catchUp(world) ??
  (forced ? undefined : expireGate(world)) ??
  (forced ? undefined : ((hasGateOpened(world) ? undefined : waitForDue(world)) ?? waitForRoutes(world))) ??
  askAndAdvance(world, answers, forced);

/** What comes before any clock, hook or person is asked. */
export const prepare = (world: ReadableWorld): Outcome | undefined =>
  adopt(world) ?? restart(world) ?? goOnPromoting(world) ?? giveUp(world) ?? wake(world);

const weightOf = (world: ReadableWorld): number => world.routes?.canary ?? 0;

/** Another controller began this analysis: go on from where it stands, with a whole interval before the next step. */
const adopt = (world: ReadableWorld): Outcome | undefined => {
  const lacking = adoption(world);
  if (lacking === undefined) return undefined;
  const counters = { ...countersLeft(world), ...floorFrom(world) };
  if (world.primary?.hasCopy === true) {
    const copied = skipsAnalysis(world.canary) ? copiedUnchecked(world) : promotingChange(world);
    return decided(world, { actions: KEEP_WITH_ROUTES, change: { ...lacking, ...counters, ...copied } });
  }
  const hasStarted = weightOf(world) > 0 || world.routes?.mirrored === true || counters.iterations > 0;
  const dueAt = hasStarted ? world.now + intervalMsOf(world.canary) : null;
  const begun = hasStarted ? { trafficSince: isoTime(world.now) } : {};
  return decided(world, { actions: KEEP_WITH_ROUTES, change: { ...lacking, ...counters, ...begun, dueAt } });
};

/** At a promotion gate the reference counts no weight, and one iteration less than it has behind it. */
const countersLeft = (world: ReadableWorld): { canaryWeight: number; iterations: number } => {
  const { canaryWeight = 0, iterations = 0 } = world.canary.status ?? {};
  if (phaseOf(world.canary) !== 'WaitingPromotion') return { canaryWeight, iterations };
  const all = iterationsFor(world.canary, world.capabilities);
  return { canaryWeight: all > 0 ? canaryWeight : weightOf(world), iterations: Math.max(iterations, all) };
};

const wake = (world: ReadableWorld): Outcome | undefined =>
  (world.target.isParked || world.target.isScalerPaused) && !isCopiedUnchecked(world)
    ? decided(world, { actions: [...KEEP_WITH_ROUTES, { do: 'resume-scaler' }, { do: 'wake-target' }] })
    : undefined;

const restart = (world: ReadableWorld): Outcome | undefined => {
  if (!isNewRevision(world)) return undefined;
  const { actions, weight } = backToPrimary(world);
  return decided(world, {
    actions,
    change: {
      phase: 'Progressing',
      canaryWeight: weight,
      failedChecks: 0,
      iterations: 0,
      sync: true,
      checks: [],
      dueAt: null,
      waitingFor: waitFor(world, podsOf(world.canary, 'target')),
      notReady: null,
      trafficSince: null,
      approvals: null,
      history: startEntry(world, 'running'),
    },
    reports: [normal(world, `New revision detected! Restarting analysis for ${targetText(world.canary)}`)],
  });
};

/** The copy was made, and its driver ended before it could say so. There is no way back from it but through the promotion. */
const goOnPromoting = (world: ReadableWorld): Outcome | undefined =>
  world.primary?.hasCopy === true && !skipsAnalysis(world.canary) ? promoteNow(world) : undefined;

const waitForPods = (world: ReadableWorld): Outcome | undefined => {
  const { primary, target } = world;
  if (!primary) return decided(world, { actions: KEEP_WITH_ROUTES });
  if (!primary.readiness.ready && !primary.readiness.deadlineExceeded) {
    const { message, deadlineAt } = primary.readiness;
    const told = warning(world, `${primaryText(world.canary)} not ready: ${message}`, { once: 'primary not ready' });
    return decided(world, { actions: KEEP_WITH_ROUTES, ...toldOfPods(world, 'primary', told, deadlineAt) });
  }
  if (target.readiness.ready) return undefined;
  const { message, deadlineExceeded, deadlineAt } = target.readiness;
  const kind = target.kind.toLowerCase();
  const told = warning(world, `canary ${kind} ${targetText(world.canary)} not ready: ${message}`, {
    once: 'canary not ready',
  });
  if (deadlineExceeded)
    return rollBack(world, {
      reason: 'ProgressDeadlineExceeded',
      message: `${targetText(world.canary)} is not ready: ${message}`,
      told: [{ ...told, once: message } as Report, alert(world, 'error', `Progress deadline exceeded ${message}`)],
    });
  return decided(world, { actions: KEEP_WITH_ROUTES, ...toldOfPods(world, 'target', told, deadlineAt) });
};

/** A person paused the rollout: traffic stays, drift is still corrected, nothing is judged. */
const hold = (world: ReadableWorld, forced: boolean): Outcome | undefined => {
  const { paused, pauseAt } = world.canary.status ?? {};
  if (forced) return undefined;
  if (!paused)
    return pauseAt && hasReached(world.canary, world.capabilities, pauseAt.at) ? pauseHere(world, pauseAt) : undefined;
  const until = timeOf(paused.until);
  if (until <= world.now) return decided(world, { actions: KEEP_WITH_ROUTES, change: afterPause(world) });
  return decided(world, { actions: KEEP_WITH_ROUTES, ...(Number.isFinite(until) && { dueAt: until }) });
};

/** The rollout got where a person wanted it to be held. */
const pauseHere = (world: ReadableWorld, { at, for: span, by, reason }: PauseAt): Outcome => {
  const whoAndWhy = { ...(by !== undefined && { by }), ...(reason !== undefined && { reason }) };
  const ms = span === undefined ? undefined : parseGoDuration(span);
  const until = ms === undefined ? {} : { until: isoTime(world.now + ms) };
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { paused: { since: isoTime(world.now), ...whoAndWhy, ...until }, pauseAt: null },
    reports: [
      ownEvent('Normal', 'Paused', `Paused ${canaryText(world.canary)} at ${at}, as ${by ?? 'somebody'} wished`),
    ],
  });
};

/** The live routes are not where the status says: a step was taken and its driver ended before it could say so. */
const catchUp = (world: ReadableWorld): Outcome | undefined =>
  iterationsFor(world.canary, world.capabilities) > 0 ? catchUpIteration(world) : catchUpWeight(world);

const catchUpWeight = (world: ReadableWorld): Outcome | undefined => {
  const weight = weightOf(world);
  const { canaryWeight = 0, trafficSince } = world.canary.status ?? {};
  // Mirroring counts no weight: only that a first step was taken tells that it has been recorded.
  const isUnrecordedMirror = world.routes?.mirrored === true && weight === 0 && trafficSince === undefined;
  if (weight === canaryWeight && !isUnrecordedMirror) return undefined;
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { canaryWeight: weight, ...firstStep(world), dueAt: world.now + intervalMsOf(world.canary) },
    reports: weight > 0 || isUnrecordedMirror ? [normal(world, weightText(world, weight))] : [],
  });
};

/** Only the first iteration moves traffic. The switch at the end is asked for anew: its checks and gate count once more. */
const catchUpIteration = (world: ReadableWorld): Outcome | undefined => {
  const { canary, capabilities, routes } = world;
  const first = iterationRoutes(canary, capabilities);
  const { iterations = 0 } = canary.status ?? {};
  if (iterations > 0 || routes === undefined || first === undefined) return undefined;
  if (routes.canary !== first.canary || routes.mirrored !== first.mirrored) return undefined;
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { iterations: 1, waitingFor: null, ...firstStep(world), dueAt: world.now + intervalMsOf(world.canary) },
    reports: [normal(world, iterationText(world, 1))],
  });
};

const ROUTES = 'routes that the data plane has taken over';

/** The data plane has not taken over the last step: the next one would be judged by the traffic before it. */
const waitForRoutes = (world: ReadableWorld): Outcome | undefined => {
  const pending = world.routes?.pending;
  if (pending === undefined) return undefined;
  const told = warning(world, pending, { once: pending });
  const { waitingFor } = world.canary.status ?? {};
  const dueAt = world.now + intervalMsOf(world.canary);
  const isLate = waitingFor?.what === ROUTES && timeOf(waitingFor.until) <= world.now;
  // A gate that is closed meanwhile keeps its own time.
  const change = waitingFor === undefined ? { waitingFor: waitFor(world, ROUTES) } : undefined;
  if (!isLate) return decided(world, { actions: KEEP_WITH_ROUTES, change, reports: [told], dueAt });
  return rollBack(world, {
    reason: 'ProgressDeadlineExceeded',
    message: pending,
    told: [told, alert(world, 'error', `Progress deadline exceeded ${pending}`)],
  });
};

/** Before anything is woken: a driver that ended half-way through the rollback may have parked the target already. */
const giveUp = (world: ReadableWorld): Outcome | undefined => {
  const { failedChecks: failed = 0, paused } = world.canary.status ?? {};
  if (failed < thresholdOf(world.canary) || paused || skipsAnalysis(world.canary)) return undefined;
  return rollBack(world, {
    reason: 'ChecksFailed',
    message: worstCheckOf(world) ?? `${failed} checks failed`,
    told: [
      warning(world, `Rolling back ${canaryText(world.canary)} failed checks threshold reached ${failed}`),
      alert(world, 'error', `Failed checks threshold reached ${failed}`),
    ],
  });
};

/** A due step: first whether somebody wants it all undone. */
const askAndAdvance = (world: ReadableWorld, answers: Answers, forced: boolean): Outcome => {
  if (forced) return advance(world, answers, forced);
  const asked = askRollbackHooks(world, answers);
  if ('ask' in asked) return asked;
  if (asked.passed) return after(asked.reports, advance(world, answers, forced));
  return rollBack(world, {
    reason: 'RolledBackByHook',
    message: `rollback hook ${asked.hook} asked for it`,
    told: [
      ...asked.reports,
      warning(world, `Rollback check ${asked.hook} passed`),
      warning(world, `Rolling back ${canaryText(world.canary)} manual webhook invoked`),
      alert(world, 'warn', 'Rolling back manual webhook invoked'),
    ],
  });
};

/** The same outcome, with what was found out before it told first. */
const after = (reports: readonly Report[], outcome: Outcome): Outcome => {
  if ('ask' in outcome) return { ...outcome, reports: [...reports, ...outcome.reports] };
  return { decision: { ...outcome.decision, reports: [...reports, ...outcome.decision.reports] } };
};
