import { FINALIZER } from '../../api/names.ts';
import { decided } from '../outcome.ts';
import { phaseOf } from '../status.ts';
import { canaryText, normal } from '../texts.ts';
import { isProblem, type Outcome, type World } from '../world.ts';

/** Deletion with `revertOnDeletion`: the target serves again before anything of ours goes. */
export const terminate = (world: World): Outcome => {
  const { canary, target } = world;
  if (!canary.metadata.finalizers?.includes(FINALIZER)) return decided(world, {});
  if (phaseOf(canary) !== 'Terminating') {
    return decided(world, {
      change: { phase: 'Terminating', dueAt: null, waitingFor: null },
      reports: [normal(world, `Terminating canary ${canaryText(canary)}`)],
    });
  }
  const terminated = normal(world, `Terminated canary ${canaryText(canary)}`);
  // What is gone needs no reverting; the deletion must not hang on it.
  if (isProblem(target)) return decided(world, { actions: [{ do: 'revert-routes' }, { do: 'remove-finalizer' }], reports: [terminated] });
  if (target.isParked || target.isScalerPaused) {
    return decided(world, { actions: [{ do: 'resume-scaler' }, { do: 'wake-target' }] });
  }
  if (!target.readiness.ready) return decided(world, {});
  return decided(world, { actions: [{ do: 'revert-routes' }, { do: 'remove-finalizer' }], reports: [terminated] });
};
