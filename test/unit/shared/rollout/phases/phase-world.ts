/** What tests of phases say and read in few words. */
import type { Readiness, Routes } from '../../../../../shared/api/model.ts';
import type { Action, PrimaryFacts, World } from '../../../../../shared/rollout/world.ts';

export const READY: Readiness = { ready: true };
export const BUSY: Readiness = { ready: false, message: '1 of 2 available', deadlineExceeded: false, isServing: true };
export const DOWN: Readiness = { ready: false, message: '0 of 2 available', deadlineExceeded: true, isServing: false };
/** Late, and yet a pod of it answers. */
export const LATE: Readiness = { ready: false, message: '1 of 2 available', deadlineExceeded: true, isServing: true };

export const primaryOf = (more: Partial<PrimaryFacts> = {}): Pick<World, 'primary'> => ({
  primary: { readiness: READY, runsTarget: false, hasCopy: false, ...more },
});

export const routed = (canary: number, mirrored = false): Pick<World, 'routes'> => ({
  routes: { primary: 100 - canary, canary, mirrored },
});

const weights = ({ canary, mirrored }: Routes): string => `${canary}%${mirrored ? ' mirrored' : ''}`;

const isKeeping = ({ do: name }: Action): boolean => name.startsWith('ensure-') || name === 'hold-primary';

/** Actions in words; what only keeps things in place is left out. */
export const moves = (actions: readonly Action[]): string[] =>
  actions
    .filter((action) => !isKeeping(action))
    .map((action) => (action.do === 'route' ? `route ${weights(action.routes)}` : action.do));

export const kept = (actions: readonly Action[]): string[] =>
  actions.map((action) => action.do).filter((name) => name.startsWith('ensure-'));
