import { intervalMsOf } from '../../api/defaults.ts';
import type { Answers, Routes } from '../../api/model.ts';
import { runChecks } from '../checks.ts';
import { waitForConfigs } from '../copied-configs.ts';
import { podsOf, waitFor } from '../deadlines.ts';
import { askHooks } from '../gates.ts';
import { firstStep, graceAfter, graceOf } from '../grace.ts';
import { gateAhead } from '../native-gates.ts';
import { decided, KEEP, KEEP_WITH_ROUTES } from '../outcome.ts';
import type { Change } from '../status.ts';
import { iterationsFor, nextStep, type Step } from '../steps.ts';
import { alert, canaryText, normal, primaryText, targetText, warning } from '../texts.ts';
import { isoTime, timeOf } from '../times.ts';
import type { Action, Outcome } from '../world.ts';
import type { ReadableWorld } from './handler.ts';
import { askPromotionGate, askTrafficGate, type Cleared, isAtTrafficGate, retryLater } from './hold.ts';

/** One due step: check, ask the gates, move. */
export const advance = (world: ReadableWorld, answers: Answers, forced: boolean): Outcome => {
  const status = world.canary.status ?? {};
  const step = nextStep(world.canary, world.capabilities, {
    weight: world.routes?.canary ?? 0,
    mirrored: world.routes?.mirrored === true,
    iterations: status.iterations ?? 0,
  });
  if (forced || hasSwitched(world)) return step === undefined ? promoteNow(world) : takeNow(world, step);
  const checked = check(world, answers);
  if (!('checks' in checked)) return checked;
  if (checked.isUnjudged === true) return waitOutGrace(world, checked);
  const gated = askTrafficGate(world, answers, checked);
  if (!('checks' in gated)) return gated;
  if (step !== undefined && step.kind !== 'switch') return take(world, step, gated);
  const approved = askPromotionGate(world, answers, gated);
  if (!('checks' in approved)) return approved;
  return step === undefined ? promote(world, approved) : take(world, step, approved);
};

/** All traffic is on the new revision already, with its approval: only the copy is missing. */
const hasSwitched = (world: ReadableWorld): boolean => {
  const iterations = iterationsFor(world.canary, world.capabilities);
  return iterations > 0 && (world.canary.status?.iterations ?? 0) > iterations;
};

const DATA = 'metrics with data';

/** Pre-rollout hooks before the first traffic, then rollout hooks and metrics at each step. */
const check = (world: ReadableWorld, answers: Answers): Outcome | Cleared => {
  const status = world.canary.status ?? {};
  const hasTraffic = (world.routes?.canary ?? 0) > 0 || (status.iterations ?? 0) > 0 || world.routes?.mirrored === true;
  if (hasTraffic) return checkTraffic(world, answers);
  const checks = status.checks ?? [];
  if (isAtTrafficGate(world)) return { checks, reports: [] };
  const starting = normal(world, `Starting canary analysis for ${targetText(world.canary)}`);
  const asked = askHooks(world, answers, 'pre-rollout', [starting]);
  if ('ask' in asked) return asked;
  if (asked.passed) return { checks, reports: asked.reports };
  const halt = warning(
    world,
    `Halt ${canaryText(world.canary)} advancement pre-rollout check ${asked.hook} failed ${asked.error}`,
  );
  return countFailure(world, { checks, reports: [...asked.reports, halt] });
};

const checkTraffic = (world: ReadableWorld, answers: Answers): Outcome | Cleared => {
  const round = runChecks(world, answers);
  if ('ask' in round) return round;
  if (graceOf(world) !== undefined) return { checks: round.checks, reports: [], isUnjudged: true };
  if (round.outcome === 'passed') return round;
  if (round.outcome === 'failed') return countFailure(world, round);
  const isToldAlready = isWaitingFor(world, DATA) || gateAhead(world) !== undefined;
  if (isToldAlready) return retryLater(world, round, {});
  const reports = [...round.reports, alert(world, 'warn', 'Canary analysis is waiting for data.')];
  return retryLater(world, { ...round, reports }, { waitingFor: { what: DATA, since: isoTime(world.now) } });
};

/** What was found is shown, and nothing comes of it. */
const waitOutGrace = (world: ReadableWorld, { checks }: Cleared): Outcome => {
  const waitingFor = graceOf(world);
  const end = timeOf(waitingFor?.until) || world.now;
  const dueAt = Math.max(world.now, Math.min(end, world.now + intervalMsOf(world.canary)));
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { checks, dueAt, ...(waitingFor && { waitingFor }) },
    dueAt,
  });
};

const isWaitingFor = (world: ReadableWorld, what: string): boolean => world.canary.status?.waitingFor?.what === what;

const countFailure = (world: ReadableWorld, cleared: Cleared): Outcome =>
  retryLater(world, cleared, {
    failedChecks: (world.canary.status?.failedChecks ?? 0) + 1,
    ...(isWaitingFor(world, DATA) && { waitingFor: null }),
  });

/** Moves the traffic, then says so; the next step is one interval away. */
const take = (world: ReadableWorld, step: Step, { checks, reports }: Cleared): Outcome => {
  const dueAt = world.now + intervalMsOf(world.canary);
  const change: Change = { checks, waitingFor: graceAfter(world) ?? null, ...firstStep(world), dueAt };
  if (step.kind === 'weight' || step.kind === 'mirror') {
    const weight = step.kind === 'weight' ? step.weight : 0;
    const routes: Routes = { primary: 100 - weight, canary: weight, mirrored: step.kind === 'mirror' };
    const told = normal(world, weightText(world, weight));
    return decided(world, {
      actions: moving(routes),
      change: { ...change, canaryWeight: weight },
      reports: [...reports, told],
      dueAt,
    });
  }
  const { iteration } = step;
  if (step.kind === 'iteration') {
    const told = normal(world, iterationText(world, iteration));
    return decided(world, {
      actions: moving(step.routes),
      change: { ...change, iterations: iteration },
      reports: [...reports, told],
      dueAt,
    });
  }
  const text = world.routes?.mirrored
    ? 'Stop traffic mirroring and route all traffic to canary'
    : 'Routing all traffic to canary';
  const told = step.routes === undefined ? [] : [normal(world, text)];
  return decided(world, {
    actions: moving(step.routes),
    change: { ...change, iterations: iteration, dueAt: world.now },
    reports: [...reports, ...told],
  });
};

export const weightText = ({ canary }: ReadableWorld, weight: number): string =>
  `Advance ${canaryText(canary)} canary weight ${weight}`;

export const iterationText = ({ canary, capabilities }: ReadableWorld, iteration: number): string =>
  `Advance ${canaryText(canary)} canary iteration ${iteration}/${iterationsFor(canary, capabilities)}`;

const moving = (routes: Routes | undefined): readonly Action[] =>
  routes === undefined ? KEEP_WITH_ROUTES : [...KEEP, { do: 'route', routes }];

const promote = (world: ReadableWorld, { checks, reports }: Cleared): Outcome => {
  const hasCopy = world.primary?.hasCopy === true;
  const later = { checks, dueAt: world.now + intervalMsOf(world.canary) };
  const waiting = hasCopy ? undefined : waitForConfigs(world, later, reports);
  return (
    waiting ??
    decided(world, {
      // A copy made twice would replace the primary's pods twice.
      actions: hasCopy ? KEEP_WITH_ROUTES : [...KEEP_WITH_ROUTES, { do: 'promote' }],
      change: { ...promotingChange(world), checks },
      reports: [...reports, normal(world, copyingText(world))],
    })
  );
};

/** What the status says once the copy is made. */
export const promotingChange = (world: ReadableWorld): Change => ({
  phase: 'Promoting',
  dueAt: null,
  paused: null,
  pauseAt: null,
  waitingFor: waitFor(world, podsOf(world.canary, 'primary')),
  // How long the pods before the copy were waited for says nothing of those that replace them.
  notReady: null,
});

const copyingText = ({ canary }: ReadableWorld): string =>
  `Copying ${targetText(canary)} template spec to ${primaryText(canary)}`;

const asTheyAre = (world: ReadableWorld): Cleared => ({ checks: world.canary.status?.checks ?? [], reports: [] });

/** A person's word: this step, whatever lies before it. */
export const takeNow = (world: ReadableWorld, step: Step): Outcome => take(world, step, asTheyAre(world));

/** A person's word: this weight, be it a step or not. `more` is changed in the same write. */
export const setWeight = (world: ReadableWorld, weight: number, more: Change): Outcome => {
  const dueAt = world.now + intervalMsOf(world.canary);
  return decided(world, {
    actions: moving({ primary: 100 - weight, canary: weight, mirrored: false }),
    change: { canaryWeight: weight, waitingFor: graceAfter(world) ?? null, ...firstStep(world), dueAt, ...more },
    reports: [normal(world, weightText(world, weight))],
    dueAt,
  });
};

/** A person's word: promote now, whatever is left of the analysis. */
export const promoteNow = (world: ReadableWorld): Outcome => promote(world, asTheyAre(world));
