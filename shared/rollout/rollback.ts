import type { Report } from '../api/model.ts';
import { strategyOf } from '../api/names.ts';
import { endEntry } from './history.ts';
import { decided, KEEP } from './outcome.ts';
import { alert, canaryText, targetText, warning } from './texts.ts';
import type { Outcome, World } from './world.ts';

const COUNTERS_CLEARED = { canaryWeight: 0, failedChecks: 0, iterations: 0 } as const;

export const rolloutEnded = (world: World, result: 'successes' | 'failures', analysis: 'completed' | 'skipped'): Report => ({
  tell: 'metric',
  op: 'add',
  name: `flagger_canary_${result}_total`,
  labels: {
    name: world.canary.spec.targetRef.name,
    namespace: world.canary.metadata.namespace ?? '',
    deployment_strategy: strategyOf(world.canary),
    analysis_status: analysis,
  },
  value: 1,
});

/** Traffic back to the primary, the new revision put to rest. `why` is told first. `by`: the person who asked. */
export const rollBack = (world: World, why: readonly Report[], by?: string): Outcome => {
  const phase = 'Failed';
  return decided(world, {
    actions: [
      ...KEEP,
      { do: 'route', routes: { primary: 100, canary: 0, mirrored: false } },
      { do: 'pause-scaler' },
      { do: 'park-target' },
    ],
    change: {
      phase,
      ...COUNTERS_CLEARED,
      sync: true,
      dueAt: null,
      waitingFor: null,
      paused: null,
      history: endEntry(world, 'failed', by),
    },
    reports: [
      ...why,
      warning(world, `Canary failed! Scaling down ${canaryText(world.canary)}`, { phase }),
      rolloutEnded(world, 'failures', 'completed'),
      { tell: 'post-rollout', phase },
    ],
  });
};

/** The primary does not come up with the promoted revision: the canary, which runs it, keeps all traffic. */
export const failPromotion = (world: World, message: string): Outcome => {
  const phase = 'Failed';
  return decided(world, {
    actions: [...KEEP, { do: 'route', routes: { primary: 0, canary: 100, mirrored: false } }],
    change: {
      phase,
      ...COUNTERS_CLEARED,
      canaryWeight: 100,
      sync: true,
      dueAt: null,
      waitingFor: null,
      history: endEntry(world, 'failed'),
    },
    reports: [
      warning(world, `Promotion of ${targetText(world.canary)} failed, primary not ready: ${message}`),
      alert(world, 'error', `Promotion failed, primary not ready: ${message}`),
      rolloutEnded(world, 'failures', 'completed'),
      { tell: 'post-rollout', phase },
    ],
  });
};
