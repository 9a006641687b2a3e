import { blueGreen, creating, hpa, kedaCanary, type Loose, scaledObject } from '../world.ts';

/** The autoscalerRef of a Canary. */
export const A = 'spec.autoscalerRef';

/** The creation of a Canary whose autoscalerRef was changed, with these scalers around. */
export const ref = (change: (ref: Loose) => void, others = [scaledObject()]) =>
  creating(
    kedaCanary((it) => change(it.spec.autoscalerRef)),
    others,
  );

export const so = (change: (it: Loose) => void) => [scaledObject(change)];

/** The creation of a Canary that scales by a HorizontalPodAutoscaler. */
export const onHpa = (more: Loose = {}, others = [hpa()]) =>
  creating(
    blueGreen((it) => {
      it.spec.autoscalerRef = {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        name: 'podinfo',
        ...more,
      };
    }),
    others,
  );
