/** KEDA's annotations that stop scaling. */
import { type Raw, textOf } from '../raw.ts';

export const PAUSED_REPLICAS = 'autoscaling.keda.sh/paused-replicas';
const PAUSED = 'autoscaling.keda.sh/paused';

export const PAUSE_KEYS: readonly string[] = [
  PAUSED,
  PAUSED_REPLICAS,
  'autoscaling.keda.sh/paused-scale-in',
  'autoscaling.keda.sh/paused-scale-out',
];

/** What Go reads as false; KEDA takes everything else for a pause. */
const FALSE: ReadonlySet<string> = new Set(['false', 'False', 'FALSE', 'f', 'F', '0']);

/** True when the pause is the kind that a rollout does not lift. */
export const isPausedForGood = (annotations: Raw): boolean => {
  const value = annotations[PAUSED];
  return value !== undefined && value !== null && !FALSE.has(textOf(value));
};
