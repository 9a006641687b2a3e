/**
 * What the primary ran with when the rollout began is the least that it runs with until it ended: its scaler sees less
 * traffic meanwhile, and all of it may come back at once.
 */
import { isRestPhase } from '../api/phase.ts';
import type { Change } from './status.ts';
import type { Action, World } from './world.ts';

/** Remembers what a scaler gave the primary, at the start of a rollout. */
export const floorFrom = ({ primary }: World): Pick<Change, 'primaryReplicas'> =>
  primary?.replicas ? { primaryReplicas: primary.replicas } : {};

/** With the end of a rollout its floor goes. */
export const withFloor = (
  world: World,
  draft: { actions: readonly Action[]; change: Change | undefined },
): { actions: readonly Action[]; change: Change | undefined } => {
  const { actions, change } = draft;
  const isEnd = isRestPhase(change?.phase) && world.canary.status?.primaryReplicas !== undefined;
  if (!isEnd) return draft;
  return { actions: [...actions, { do: 'release-primary' }], change: { ...change, primaryReplicas: null } };
};
