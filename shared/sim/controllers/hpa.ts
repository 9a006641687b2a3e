/** HorizontalPodAutoscalers: keep the target between minimum and maximum; at zero replicas they do nothing. */
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { listAt, numberAt, own, textAt } from '../json.ts';
import type { Change } from '../store.ts';
import { type Controller, keyOf, type Workshop } from './runner.ts';
import {
  clamp,
  conditionOf,
  type Finding,
  type LoadSource,
  noLoad,
  replicasOf,
  scaleTo,
  targetOf,
  writeStatus,
} from './scaling.ts';

const RESYNC_MS = 15_000;

/** Replicas that one metric asks for; none when its load is not known. */
const wishOf = (metric: unknown, hpa: KubeObject, load: LoadSource): number[] => {
  const value = load(textAt(metric, 'external', 'metric', 'name') || textAt(metric, 'resource', 'name'), hpa);
  const average = Number.parseFloat(textAt(metric, 'external', 'target', 'averageValue'));
  const threshold = Number.isNaN(average) ? numberAt(metric, 'resource', 'target', 'averageUtilization') : average;
  return value === undefined || threshold === 0 ? [] : [Math.ceil(value / threshold)];
};

const desiredOf = (hpa: KubeObject, current: number, load: LoadSource): number => {
  const wishes = listAt(hpa, 'spec', 'metrics').flatMap((metric) => wishOf(metric, hpa, load));
  const wanted = wishes.length === 0 ? current : Math.max(...wishes);
  return clamp(wanted, numberAt(hpa, 'spec', 'minReplicas'), numberAt(hpa, 'spec', 'maxReplicas'));
};

const ABLE: Finding = {
  type: 'AbleToScale',
  isTrue: true,
  reason: 'SucceededGetScale',
  message: "the HPA controller was able to get the target's current scale",
};
const UNABLE: Finding = {
  type: 'AbleToScale',
  isTrue: false,
  reason: 'FailedGetScale',
  message: 'the target does not exist',
};
const ACTIVE: Finding = {
  type: 'ScalingActive',
  isTrue: true,
  reason: 'ValidMetricFound',
  message: 'the HPA was able to successfully calculate a replica count',
};
const INERT: Finding = {
  type: 'ScalingActive',
  isTrue: false,
  reason: 'ScalingDisabled',
  message: 'scaling is disabled since the replica count of the target is zero',
};

const scalesReplicas = ({ object, before }: Change): boolean =>
  own(own(object, 'spec'), 'replicas') !== own(own(before, 'spec'), 'replicas');

/** The controller of HorizontalPodAutoscalers. */
export const createHpaController = (workshop: Workshop, load: LoadSource): Controller => {
  const { clock, server } = workshop;
  const kind = workshop.kind('autoscaling/v2', 'horizontalpodautoscalers');
  return {
    name: 'horizontalpodautoscalers',
    keysOf(change) {
      if (change.resource === kind.storage) return change.type === 'DELETED' ? [] : [keyOf(change.object)];
      if (!scalesReplicas(change)) return [];
      const { namespace = '', name } = change.object.metadata;
      return server.store
        .list(kind.storage, namespace)
        .filter((hpa) => textAt(hpa, 'spec', 'scaleTargetRef', 'name') === name)
        .map(keyOf);
    },
    async sync(namespace, name) {
      const hpa = server.store.get(kind.storage, namespace, name);
      if (hpa === undefined) return undefined;
      const target = targetOf(workshop, hpa);
      const current = target === undefined ? 0 : replicasOf(target);
      const desired = current === 0 ? 0 : desiredOf(hpa, current, load);
      if (target !== undefined && desired > 0) await scaleTo(workshop, target, desired);
      const findings = [target === undefined ? UNABLE : ABLE, current > 0 ? ACTIVE : INERT];
      const status: Fields = {
        currentMetrics: null,
        ...(current === 0 ? {} : { currentReplicas: current }),
        desiredReplicas: desired,
        conditions: findings.map((finding) => conditionOf(hpa, finding, clock.now())),
      };
      await writeStatus(workshop, kind, hpa, status);
      return load === noLoad ? undefined : RESYNC_MS;
    },
  };
};
