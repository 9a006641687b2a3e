/** What holds in every phase, before any phase is looked at. */
import { intervalMsOf } from '../api/defaults.ts';
import type { Report } from '../api/model.ts';
import { FINALIZER } from '../api/names.ts';
import { stallOf } from './conditions.ts';
import { podsOf, UNREAD, waitFor } from './deadlines.ts';
import { decided, short } from './outcome.ts';
import type { ReadableWorld, RoutedWorld } from './phases/handler.ts';
import { loseTarget } from './phases/lose-target.ts';
import { terminate } from './phases/terminate.ts';
import { goOnRollingBack, rollBack } from './rollback.ts';
import { phaseOf } from './status.ts';
import { alert, normal, ownEvent, warning } from './texts.ts';
import { timeOf } from './times.ts';
import { isProblem, type Outcome, type World } from './world.ts';

type Guard = (world: World) => Outcome | undefined;

const deleted: Guard = (world) =>
  world.canary.metadata.deletionTimestamp === undefined ? undefined : terminate(world);

const SUSPENDED = 'skipping canary run as object is suspended';

/** What the rollout waited for stays in status: it goes on from there. */
const suspended: Guard = (world) => {
  if (world.canary.spec.suspend !== true) return undefined;
  return decided(world, {
    reports: [normal(world, SUSPENDED, { once: `${SUSPENDED} ${world.canary.metadata.generation ?? 0}` })],
  });
};

const unsound: Guard = (world) => {
  const { specProblem } = world;
  const stall = stallOf(world.canary);
  if (specProblem === undefined)
    return stall?.reason === 'InvalidSpec' ? decided(world, { change: { stalled: null } }) : undefined;
  if (stall?.reason === 'InvalidSpec' && stall.message === specProblem) return decided(world, {});
  return decided(world, {
    change: { stalled: { reason: 'InvalidSpec', message: specProblem } },
    reports: [ownEvent('Warning', 'InvalidSpec', specProblem)],
  });
};

const unseen: Guard = (world) =>
  phaseOf(world.canary) === ''
    ? decided(world, {
        change: {
          phase: 'Initializing',
          canaryWeight: 0,
          failedChecks: 0,
          iterations: 0,
          waitingFor: waitFor(world, podsOf(world.canary, 'primary')),
        },
      })
    : undefined;

const finalizer: Guard = (world) => {
  const has = world.canary.metadata.finalizers?.includes(FINALIZER) === true;
  const wants = world.canary.spec.revertOnDeletion === true;
  if (has === wants) return undefined;
  return decided(world, { actions: [{ do: wants ? 'add-finalizer' : 'remove-finalizer' }] });
};

/** What the phase needs and could not be read, as a message for a Warning event. */
const unreadFact = (world: World): string | undefined => {
  const facts = [world.target, world.scaler, world.routes, isRunning(world) ? undefined : world.configs];
  for (const fact of facts) if (isProblem(fact)) return fact.problem;
  return undefined;
};

/** In the middle of a rollout an unreadable ConfigMap counts as unchanged; after the copy the target is not needed. */
const isRunning = (world: World): boolean =>
  ['Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'].includes(phaseOf(world.canary));
const isCopied = (world: World): boolean => ['Promoting', 'Finalising'].includes(phaseOf(world.canary));

/** Something that the phase needs could not be read. Looked at again when it changes, or after an interval. */
const unreadable: Guard = (world) => {
  const problem = isCopied(world) && isRouted(world) ? undefined : unreadFact(world);
  if (problem === undefined) return readAgain(world);
  const told = warning(world, problem, { once: problem });
  const lost = isProblem(world.target) && isRouted(world) ? loseTarget(world, told) : undefined;
  return lost ?? waitToRead(world, problem, told);
};

/** In a rollout that has its time, as every wait: then an analysis is rolled back, where that is possible. */
const waitToRead = (world: World, problem: string, told: Report): Outcome => {
  const { waitingFor } = world.canary.status ?? {};
  const dueAt = world.now + intervalMsOf(world.canary);
  if (!isRunning(world) || waitingFor?.gate !== undefined) return decided(world, { reports: [told], dueAt });
  if (waitingFor?.what.startsWith(UNREAD) !== true) {
    const change = { waitingFor: waitFor(world, `${UNREAD}${short(problem)}`) };
    return decided(world, { change, reports: [told], dueAt });
  }
  const isLate = timeOf(waitingFor.until) <= world.now;
  if (!isLate || !isRouted(world)) return decided(world, { reports: [told], dueAt });
  return rollBack(world, {
    reason: 'ProgressDeadlineExceeded',
    message: problem,
    told: [told, alert(world, 'error', `Progress deadline exceeded ${problem}`)],
  });
};

const readAgain: Guard = (world) => {
  const { waitingFor } = world.canary.status ?? {};
  return isRunning(world) && waitingFor?.what.startsWith(UNREAD) === true
    ? decided(world, { change: { waitingFor: null, stalled: null } })
    : undefined;
};

/** Before anything is woken, asked or obeyed: its driver may have ended half-way. */
const givenUp: Guard = (world) => (isRouted(world) ? goOnRollingBack(world) : undefined);

const GUARDS: readonly Guard[] = [deleted, unseen, suspended, unsound, finalizer, givenUp, unreadable];

/** The first guard's outcome that applies; undefined: the phase decides. */
export const guard = (world: World): Outcome | undefined => {
  for (const one of GUARDS) {
    const outcome = one(world);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
};

/** Why nothing that a person asks for can be done now; undefined: it can. */
export const standstill = (world: World): string | undefined => {
  if (world.canary.metadata.deletionTimestamp !== undefined) return 'the Canary is being deleted';
  if (world.canary.spec.suspend === true) return 'the Canary is suspended';
  return world.specProblem ?? unreadFact(world);
};

export const isRouted = (world: World): world is RoutedWorld => !isProblem(world.routes);

/** After `guard` let it pass: true unless the target is gone, which only the phases after the copy can live with. */
export const isReadable = (world: World): world is ReadableWorld => !isProblem(world.target);
