/** What holds in every phase, before any phase is looked at. */
import { intervalMsOf } from '../api/defaults.ts';
import { FINALIZER } from '../api/names.ts';
import { decided } from './outcome.ts';
import type { ReadableWorld, RoutedWorld } from './phases/handler.ts';
import { loseTarget } from './phases/lose-target.ts';
import { terminate } from './phases/terminate.ts';
import { phaseOf } from './status.ts';
import { normal, ownEvent, warning } from './texts.ts';
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
  const stalled = world.canary.status?.conditions?.find((one) => one.type === 'Stalled' && one.status === 'True');
  const isKnown = stalled?.reason === 'InvalidSpec' && stalled.message === specProblem;
  if (specProblem === undefined) {
    return stalled?.reason === 'InvalidSpec' ? decided(world, { change: { stalled: null } }) : undefined;
  }
  if (isKnown) return decided(world, {});
  return decided(world, {
    change: { stalled: specProblem },
    reports: [ownEvent('Warning', 'InvalidSpec', specProblem)],
  });
};

const unseen: Guard = (world) =>
  phaseOf(world.canary) === ''
    ? decided(world, { change: { phase: 'Initializing', canaryWeight: 0, failedChecks: 0, iterations: 0 } })
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
  for (const fact of facts) if (fact !== undefined && isProblem(fact)) return fact.problem;
  return undefined;
};

/** In the middle of a rollout an unreadable ConfigMap counts as unchanged; after the copy the target is not needed. */
const isRunning = (world: World): boolean =>
  ['Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'].includes(phaseOf(world.canary));
const isCopied = (world: World): boolean => ['Promoting', 'Finalising'].includes(phaseOf(world.canary));

/** Something that the phase needs could not be read. Looked at again when it changes, or after an interval. */
const unreadable: Guard = (world) => {
  if (isCopied(world) && isRouted(world)) return undefined;
  const problem = unreadFact(world);
  if (problem === undefined) return undefined;
  const told = warning(world, problem, { once: problem });
  const lost = isProblem(world.target) && isRouted(world) ? loseTarget(world, told) : undefined;
  return lost ?? decided(world, { reports: [told], dueAt: world.now + intervalMsOf(world.canary) });
};

const GUARDS: readonly Guard[] = [deleted, unseen, suspended, unsound, finalizer, unreadable];

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

export const isRouted = (world: World): world is RoutedWorld => world.routes === undefined || !isProblem(world.routes);

/** After `guard` let it pass: true unless the target is gone, which only the phases after the copy can live with. */
export const isReadable = (world: World): world is ReadableWorld => isRouted(world) && !isProblem(world.target);
