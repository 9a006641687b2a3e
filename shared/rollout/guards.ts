/** What holds in every phase, before any phase is looked at. */
import { intervalMsOf } from '../api/defaults.ts';
import { FINALIZER } from '../api/names.ts';
import { decided } from './outcome.ts';
import type { ReadableWorld } from './phases/handler.ts';
import { terminate } from './phases/terminate.ts';
import { isoTime, phaseOf } from './status.ts';
import { normal, ownEvent, warning } from './texts.ts';
import { isProblem, type Outcome, type World } from './world.ts';

const SUSPENDED = 'suspended';

type Guard = (world: World) => Outcome | undefined;

const deleted: Guard = (world) => (world.canary.metadata.deletionTimestamp === undefined ? undefined : terminate(world));

const suspended: Guard = (world) => {
  const isWaiting = world.canary.status?.waitingFor?.what === SUSPENDED;
  if (world.canary.spec.suspend !== true) {
    return isWaiting ? decided(world, { change: { waitingFor: null } }) : undefined;
  }
  if (isWaiting) return decided(world, {});
  return decided(world, {
    change: { waitingFor: { what: SUSPENDED, since: isoTime(world.now) } },
    reports: [normal(world, 'skipping canary run as object is suspended')],
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
  return decided(world, { change: { stalled: specProblem }, reports: [ownEvent('Warning', 'InvalidSpec', specProblem)] });
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

/** Something that every phase needs could not be read. Looked at again when it changes, or after an interval. */
const unreadable: Guard = (world) => {
  const facts = [world.target, world.scaler, world.routes, isRunning(world) ? undefined : world.configs];
  for (const fact of facts) {
    if (fact !== undefined && isProblem(fact)) {
      const dueAt = world.now + intervalMsOf(world.canary);
      return decided(world, { reports: [warning(world, fact.problem, { once: fact.problem })], dueAt });
    }
  }
  return undefined;
};

/** In mid-analysis an unreadable ConfigMap counts as unchanged. */
const isRunning = (world: World): boolean => ['Progressing', 'WaitingPromotion'].includes(phaseOf(world.canary));

const GUARDS: readonly Guard[] = [deleted, unseen, suspended, unsound, finalizer, unreadable];

/** The first guard's outcome that applies; undefined: the world is readable and the phase decides. */
export const guard = (world: World): Outcome | undefined => {
  for (const one of GUARDS) {
    const outcome = one(world);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
};

/** After `guard` let it pass. */
export const isReadable = (world: World): world is ReadableWorld => !isProblem(world.target);
