import { intervalMsOf, progressDeadlineSecondsOf } from '../../api/defaults.ts';
import type { Answers, Report } from '../../api/model.ts';
import { askHooks } from '../gates.ts';
import { startEntry } from '../history.ts';
import { decided, KEEP_WITH_ROUTES } from '../outcome.ts';
import { adoption, isNewRevision } from '../revision.ts';
import { finishRollback } from '../rollback.ts';
import { haveConfigsChanged, isoTime, phaseOf } from '../status.ts';
import { alert, canaryText, normal, primaryText, targetText, warning } from '../texts.ts';
import type { Action, Outcome } from '../world.ts';
import { waitForDue } from './due.ts';
import type { Handler, ReadableWorld } from './handler.ts';

/** Initialized, Succeeded, Failed: keep things in place and wait for something new. */
export const idle: Handler = (world, answers, forced) => {
  if (!forced) {
    if (!isNewRevision(world)) return finishRollback(world) ?? decided(world, { actions: resting(world), change: adoption(world) });
    if (isReverted(world)) return decided(world, { actions: resting(world), change: { sync: true } });
  }
  const { primary } = world;
  // A primary that is only busy is waited for; a broken one never stands in the way of its own fix.
  if (primary && !primary.readiness.ready && !primary.readiness.deadlineExceeded) {
    const { message, deadlineAt } = primary.readiness;
    const reports = [warning(world, `${primaryText(world.canary)} not ready: ${message}`, { once: 'primary not ready' })];
    return decided(world, { actions: KEEP_WITH_ROUTES, reports, ...(deadlineAt !== undefined && { dueAt: deadlineAt }) });
  }
  return start(world, answers, forced);
};

/** A confirm-rollout gate is closed: ask again once per interval. */
export const wait: Handler = (world, answers, forced) => (forced ? undefined : waitForDue(world)) ?? start(world, answers, forced);

/** After a failed promotion the target carries the traffic: it must not be put to rest. */
const resting = (world: ReadableWorld): readonly Action[] =>
  (world.canary.status?.canaryWeight ?? 0) > 0 ? KEEP_WITH_ROUTES : [...KEEP_WITH_ROUTES, { do: 'pause-scaler' }];

/** The target was put back to what the primary runs: nothing to analyse. */
const isReverted = (world: ReadableWorld): boolean =>
  world.primary?.runsTarget === true && world.target.revision !== world.canary.status?.revision && !haveConfigsChanged(world);

const start = (world: ReadableWorld, answers: Answers, forced: boolean): Outcome => {
  const asked = forced ? ({ passed: true, names: [], reports: [] } as const) : askHooks(world, answers, 'confirm-rollout');
  if ('ask' in asked) return asked;
  if (!asked.passed) return closed(world, asked);
  const { now } = world;
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
      dueAt: null,
      waitingFor: {
        what: `pods of ${targetText(world.canary)}`,
        since: isoTime(now),
        until: isoTime(now + progressDeadlineSecondsOf(world.canary) * 1000),
      },
      history: startEntry(world, 'running'),
    },
    reports: [
      ...asked.reports,
      normal(world, `New revision detected! Scaling up ${targetText(world.canary)}`, { phase }),
      alert(world, 'info', 'New revision detected, progressing canary analysis.', true),
    ],
  });
};

const closed = (world: ReadableWorld, asked: { hook: string; muteAlert: boolean; reports: readonly Report[] }): Outcome => {
  const dueAt = world.now + intervalMsOf(world.canary);
  if (phaseOf(world.canary) === 'Waiting') return decided(world, { actions: KEEP_WITH_ROUTES, change: { dueAt }, reports: asked.reports, dueAt });
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { phase: 'Waiting', dueAt, waitingFor: { what: `approval by ${asked.hook}`, since: isoTime(world.now) } },
    reports: [
      ...asked.reports,
      warning(world, `Halt ${canaryText(world.canary)} advancement waiting for approval ${asked.hook}`),
      ...(asked.muteAlert ? [] : [alert(world, 'warn', 'Canary is waiting for approval.')]),
    ],
    dueAt,
  });
};
