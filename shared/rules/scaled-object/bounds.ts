/** Replica bounds of a scaler, and what becomes of them on the primary. */
import { numberOf, type Raw, recordOf } from '../raw.ts';
import { shown } from '../text.ts';

export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly idle: number | undefined;
}

/** Bounds of a user's scaler, with the defaults of KEDA and of the HorizontalPodAutoscaler. */
export const boundsOf = (kind: string, spec: Raw): Bounds => {
  if (kind === 'ScaledObject') {
    const { minReplicaCount, maxReplicaCount, idleReplicaCount } = spec;
    return {
      min: numberOf(minReplicaCount) ?? 0,
      max: numberOf(maxReplicaCount) ?? 100,
      idle: numberOf(idleReplicaCount),
    };
  }
  return { min: numberOf(spec['minReplicas']) ?? 1, max: numberOf(spec['maxReplicas']) ?? 1, idle: undefined };
};

export interface Overrides {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** `primaryScalerReplicas` of an autoscalerRef. */
export const overridesOf = (autoscalerRef: Raw): Overrides => {
  const { minReplicas, maxReplicas } = recordOf(autoscalerRef['primaryScalerReplicas']);
  return { min: numberOf(minReplicas), max: numberOf(maxReplicas) };
};

/** How overrides and source contradict each other on the primary; undefined: they don't, or there are no overrides. */
export const clashOf = ({ min, max }: Overrides, source: Bounds): string | undefined => {
  if (min === undefined && max === undefined) return undefined;
  const [least, most] = [min ?? source.min, max ?? source.max];
  // Both given and crossed is the Canary's own mistake, and said elsewhere.
  if (least > most)
    return min !== undefined && max !== undefined
      ? undefined
      : `the primary would get min ${shown(least)} above max ${shown(most)}`;
  if (source.idle === undefined || source.idle < least) return undefined;
  return `the primary would get min ${shown(least)}, not above idleReplicaCount ${shown(source.idle)}`;
};
