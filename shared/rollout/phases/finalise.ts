import { endEntry } from '../history.ts';
import { decided } from '../outcome.ts';
import { backToPrimary, rolloutEnded, WAITS_CLEARED } from '../rollback.ts';
import { alert, normal, targetText } from '../texts.ts';
import { waitForDue } from './due.ts';
import type { Handler, RoutedWorld } from './handler.ts';
import { waitForPrimary } from './promote.ts';

/** The primary serves the new revision, and no request is under way to the canary: put the target to rest and say so. */
export const finalise: Handler<RoutedWorld> = (world) => {
  const waiting = waitForPrimary(world) ?? waitForDue(world);
  if (waiting !== undefined) return waiting;
  const phase = 'Succeeded';
  return decided(world, {
    // Whoever moved traffic by hand meanwhile must not send it to pods that go now.
    actions: [...backToPrimary(world).actions, { do: 'pause-scaler' }, { do: 'park-target' }],
    change: {
      phase,
      canaryWeight: 0,
      iterations: 0,
      promoted: true,
      ...WAITS_CLEARED,
      history: endEntry(world, 'promoted'),
    },
    reports: [
      rolloutEnded(world, 'successes', 'completed'),
      { tell: 'post-rollout', phase },
      normal(world, `Promotion completed! Scaling down ${targetText(world.canary)}`, { phase }),
      alert(world, 'info', 'Canary analysis completed successfully, promotion finished.'),
    ],
  });
};
