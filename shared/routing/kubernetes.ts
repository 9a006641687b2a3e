import { podObserver } from './observer.ts';
import { ALL_TO_CANARY, ALL_TO_PRIMARY, type Router, WEIGHTS_ONLY } from './router.ts';

/**
 * Plain Kubernetes: nothing splits traffic, so the new revision is tested beside the old one and then copied.
 * Traffic counts as the canary's while iterations are under way, as the reference reports it.
 */
export const kubernetes: Router = {
  provider: 'kubernetes',
  capabilities: {
    ...WEIGHTS_ONLY,
    weights: false,
    iterationsOnly: true,
  },
  observer: podObserver,
  refs: () => [],
  parse: ({ canary }) => ((canary.status?.iterations ?? 0) > 0 ? ALL_TO_CANARY : ALL_TO_PRIMARY),
  render: () => ({ writes: [] }),
  finalise: () => ({ writes: [] }),
};
