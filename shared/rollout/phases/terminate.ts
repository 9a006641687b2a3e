import type { Report } from '../../api/model.ts';
import { FINALIZER } from '../../api/names.ts';
import { podsOf, waitFor } from '../deadlines.ts';
import { decided } from '../outcome.ts';
import { phaseOf } from '../status.ts';
import { canaryText, normal, ownEvent, targetText } from '../texts.ts';
import { DRAIN_MS, timeOf } from '../times.ts';
import { type Action, isProblem, type Outcome, type World } from '../world.ts';

/** Deletion with `revertOnDeletion`: the target serves again before anything of ours goes. */
export const terminate = (world: World): Outcome => {
  const { canary, target } = world;
  if (!canary.metadata.finalizers?.includes(FINALIZER)) return decided(world, {});
  // Nobody wants it any more: it was taken off the spec while no driver ran.
  if (canary.spec.revertOnDeletion !== true) return decided(world, { actions: [{ do: 'remove-finalizer' }] });
  if (phaseOf(canary) !== 'Terminating') {
    return decided(world, {
      change: {
        phase: 'Terminating',
        dueAt: null,
        rollback: null,
        waitingFor: waitFor(world, podsOf(canary, 'target')),
      },
      reports: [normal(world, `Terminating canary ${canaryText(canary)}`)],
    });
  }
  // What is gone needs no reverting, and no traffic can go there; the deletion must not hang on it.
  if (isProblem(target)) return leave(world, [{ do: 'revert-routes' }, { do: 'remove-finalizer' }]);
  if (target.isParked || target.isScalerPaused) {
    return decided(world, { actions: [{ do: 'resume-scaler' }, { do: 'wake-target' }] });
  }
  if (target.readiness.ready) return release(world);
  return decided(world, { reports: [notReady(world, target.readiness.message)] });
};

/** Traffic goes back to the target first; what goes with the Canary then still answers what is under way. */
const release = (world: World): Outcome => {
  const { status = {} } = world.canary;
  const due = timeOf(status.dueAt);
  const latest = world.now + DRAIN_MS;
  if (!(due <= latest)) {
    return decided(world, {
      actions: [{ do: 'revert-routes' }],
      change: { waitingFor: null },
      dueAt: latest,
      drainMs: DRAIN_MS,
    });
  }
  if (due > world.now) return decided(world, { dueAt: due });
  return leave(world, [{ do: 'remove-finalizer' }]);
};

const leave = (world: World, actions: readonly Action[]): Outcome =>
  decided(world, { actions, reports: [normal(world, `Terminated canary ${canaryText(world.canary)}`)] });

/** The primary serves until the target can; a target that never can needs a person. */
const notReady = (world: World, message: string): Report =>
  ownEvent(
    'Warning',
    'WaitingForTarget',
    `Deletion waits until ${targetText(world.canary)} is ready: ${message}`,
    'deletion waits',
  );
