import { intervalMsOf, skipsAnalysis, thresholdOf } from '../../api/defaults.ts';
import type { Answers, Report } from '../../api/model.ts';
import { askRollbackHooks } from '../gates.ts';
import { startEntry } from '../history.ts';
import { decided, KEEP_WITH_ROUTES } from '../outcome.ts';
import { isNewRevision, needsAdoption } from '../revision.ts';
import { rollBack } from '../rollback.ts';
import { skipAnalysis } from '../skip-analysis.ts';
import { iterationsFor } from '../steps.ts';
import { alert, canaryText, normal, primaryText, targetText, warning } from '../texts.ts';
import type { Outcome } from '../world.ts';
import { advance } from './advance.ts';
import type { Handler, ReadableWorld } from './handler.ts';

/** Progressing and WaitingPromotion: the analysis, one step per interval. The first check that stops it decides. */
export const progress: Handler = (world, answers, forced) =>
  adopt(world) ??
  restart(world) ??
  giveUp(world) ??
  wake(world) ??
  waitForPods(world) ??
  (skipsAnalysis(world.canary) ? skipAnalysis(world) : undefined) ??
  hold(world, forced) ??
  catchUp(world) ??
  waitForDue(world, forced) ??
  askAndAdvance(world, answers, forced);

const weightOf = (world: ReadableWorld): number => world.routes?.canary ?? 0;

/** Another controller began this analysis: go on from where it stands, with a whole interval before the next step. */
const adopt = (world: ReadableWorld): Outcome | undefined => {
  if (!needsAdoption(world)) return undefined;
  const hasStarted = weightOf(world) > 0 || (world.canary.status?.iterations ?? 0) > 0;
  const dueAt = hasStarted ? world.now + intervalMsOf(world.canary) : null;
  return decided(world, { actions: KEEP_WITH_ROUTES, change: { sync: true, dueAt } });
};

const wake = (world: ReadableWorld): Outcome | undefined =>
  world.target.isParked || world.target.isScalerPaused
    ? decided(world, { actions: [...KEEP_WITH_ROUTES, { do: 'resume-scaler' }, { do: 'wake-target' }] })
    : undefined;

const restart = (world: ReadableWorld): Outcome | undefined =>
  isNewRevision(world)
    ? decided(world, {
        actions: [{ do: 'route', routes: { primary: 100, canary: 0, mirrored: false } }],
        change: {
          phase: 'Progressing',
          canaryWeight: 0,
          failedChecks: 0,
          iterations: 0,
          sync: true,
          checks: [],
          dueAt: null,
          waitingFor: null,
          history: startEntry(world, 'running'),
        },
        reports: [normal(world, `New revision detected! Restarting analysis for ${targetText(world.canary)}`)],
      })
    : undefined;

const waitForPods = (world: ReadableWorld): Outcome | undefined => {
  const { primary, target } = world;
  if (!primary) return decided(world, { actions: KEEP_WITH_ROUTES });
  if (!primary.readiness.ready && !primary.readiness.deadlineExceeded) {
    const message = `${primaryText(world.canary)} not ready: ${primary.readiness.message}`;
    return decided(world, { actions: KEEP_WITH_ROUTES, reports: [warning(world, message, { once: 'primary not ready' })] });
  }
  if (target.readiness.ready) return undefined;
  const { message, deadlineExceeded } = target.readiness;
  const kind = target.kind.toLowerCase();
  const told = warning(world, `canary ${kind} ${targetText(world.canary)} not ready: ${message}`, { once: 'canary not ready' });
  if (!deadlineExceeded) return decided(world, { actions: KEEP_WITH_ROUTES, reports: [told] });
  return rollBack(world, [{ ...told, once: message } as Report, alert(world, 'error', `Progress deadline exceeded ${message}`)]);
};

/** A person paused the rollout: traffic stays, drift is still corrected, nothing is judged. */
const hold = (world: ReadableWorld, forced: boolean): Outcome | undefined => {
  const paused = world.canary.status?.paused;
  if (!paused || forced) return undefined;
  const until = Date.parse(paused.until ?? '');
  if (until <= world.now) return decided(world, { actions: KEEP_WITH_ROUTES, change: { paused: null } });
  return decided(world, { actions: KEEP_WITH_ROUTES, ...(Number.isFinite(until) && { dueAt: until }) });
};

/** The live routes are ahead of the status: a step was taken and its driver ended before it could say so. */
const catchUp = (world: ReadableWorld): Outcome | undefined => {
  const weight = weightOf(world);
  if (iterationsFor(world.canary, world.capabilities) > 0 || weight === (world.canary.status?.canaryWeight ?? 0)) return undefined;
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { canaryWeight: weight, dueAt: world.now + intervalMsOf(world.canary) },
    reports: weight === 0 ? [] : [normal(world, `Advance ${canaryText(world.canary)} canary weight ${weight}`)],
  });
};

/** Before anything is woken: a driver that ended half-way through the rollback may have parked the target already. */
const giveUp = (world: ReadableWorld): Outcome | undefined => {
  const failed = world.canary.status?.failedChecks ?? 0;
  if (failed < thresholdOf(world.canary) || world.canary.status?.paused || skipsAnalysis(world.canary)) return undefined;
  return rollBack(world, [
    warning(world, `Rolling back ${canaryText(world.canary)} failed checks threshold reached ${failed}`),
    alert(world, 'error', `Failed checks threshold reached ${failed}`),
  ]);
};

const waitForDue = (world: ReadableWorld, forced: boolean): Outcome | undefined => {
  const dueAt = Date.parse(world.canary.status?.dueAt ?? '');
  return !forced && dueAt > world.now ? decided(world, { actions: KEEP_WITH_ROUTES, dueAt }) : undefined;
};

/** A due step: first whether somebody wants it all undone. */
const askAndAdvance = (world: ReadableWorld, answers: Answers, forced: boolean): Outcome => {
  if (forced) return advance(world, answers, forced);
  const asked = askRollbackHooks(world, answers);
  if ('ask' in asked) return asked;
  if (asked.passed) return after(asked.reports, advance(world, answers, forced));
  return rollBack(world, [
    ...asked.reports,
    warning(world, `Rollback check ${asked.hook} passed`),
    warning(world, `Rolling back ${canaryText(world.canary)} manual webhook invoked`),
    alert(world, 'warn', 'Rolling back manual webhook invoked'),
  ]);
};

/** The same outcome, with what was found out before it told first. */
const after = (reports: readonly Report[], outcome: Outcome): Outcome => {
  if (reports.length === 0) return outcome;
  if ('ask' in outcome) return { ...outcome, reports: [...reports, ...outcome.reports] };
  return { decision: { ...outcome.decision, reports: [...reports, ...outcome.decision.reports] } };
};
