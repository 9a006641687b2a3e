import { progressDeadlineSecondsOf } from '../../api/defaults.ts';
import type { Report } from '../../api/model.ts';
import { isAnalysisPhase } from '../../api/phase.ts';
import { waitFor } from '../deadlines.ts';
import { decided } from '../outcome.ts';
import { backToPrimary, rollBack } from '../rollback.ts';
import { phaseOf } from '../status.ts';
import { alert, targetText } from '../texts.ts';
import { timeOf } from '../times.ts';
import type { Outcome } from '../world.ts';
import type { RoutedWorld } from './handler.ts';

const LOST = 'the target, which is gone';

/**
 * The target went away in the middle of its analysis: its traffic goes back at once, and it may come back until the
 * deadline. Undefined: no analysis is running.
 */
export const loseTarget = (world: RoutedWorld, told: Report): Outcome | undefined => {
  if (!isAnalysisPhase(phaseOf(world.canary))) return undefined;
  const { waitingFor } = world.canary.status ?? {};
  const until = timeOf(waitingFor?.until);
  if (waitingFor?.what === LOST && until > world.now) return decided(world, { reports: [told], dueAt: until });
  if (waitingFor?.what === LOST)
    return rollBack(world, {
      reason: 'TargetLost',
      message: `${targetText(world.canary)} was deleted`,
      told: [told, alert(world, 'error', `Progress deadline exceeded ${LOST}`)],
    });
  const deadline = world.now + progressDeadlineSecondsOf(world.canary) * 1000;
  const { actions, weight } = backToPrimary(world);
  return decided(world, {
    actions,
    change: {
      phase: 'Progressing',
      canaryWeight: weight,
      iterations: 0,
      dueAt: null,
      trafficSince: null,
      waitingFor: waitFor(world, LOST),
    },
    reports: [told],
    dueAt: deadline,
  });
};
