/** ScaledObjects as KEDA treats them: paused ones hold a number and have no HPA; others scale by their triggers. */
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { fieldsAt, listAt, numberAt, textAt } from '../json.ts';
import { type Controller, controllerOf, isOwnedBy, keyOf, type Workshop } from './runner.ts';
import {
  clamp,
  conditionOf,
  type LoadSource,
  replicasOf,
  type ScaleTarget,
  scaleTo,
  targetOf,
  writeStatus,
} from './scaling.ts';

const PAUSED_REPLICAS = 'autoscaling.keda.sh/paused-replicas';
const PAUSED = 'autoscaling.keda.sh/paused';
const DEFAULT_MAX = 100;
const DEFAULT_POLLING_S = 30;

const hpaName = (scaled: KubeObject): string =>
  textAt(scaled, 'spec', 'advanced', 'horizontalPodAutoscalerConfig', 'name') || `keda-hpa-${scaled.metadata.name}`;

const bounds = (scaled: KubeObject): { min: number; max: number } => ({
  min: numberAt(scaled, 'spec', 'minReplicaCount'),
  max: numberAt(scaled, 'spec', 'maxReplicaCount') || DEFAULT_MAX,
});

const metricOf = (trigger: unknown, index: number): Fields => ({
  type: 'External',
  external: {
    metric: { name: `s${index}-${textAt(trigger, 'type')}` },
    target: { type: 'AverageValue', averageValue: textAt(trigger, 'metadata', 'threshold') || '1' },
  },
});

const hpaFor = (scaled: KubeObject): KubeObject => {
  const ref = fieldsAt(scaled, 'spec', 'scaleTargetRef');
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: hpaName(scaled),
      namespace: scaled.metadata.namespace ?? '',
      labels: { 'app.kubernetes.io/managed-by': 'keda-operator' },
      ownerReferences: [controllerOf(scaled)],
    },
    spec: {
      scaleTargetRef: {
        apiVersion: textAt(ref, 'apiVersion') || 'apps/v1',
        kind: textAt(ref, 'kind') || 'Deployment',
        name: textAt(ref, 'name'),
      },
      minReplicas: Math.max(1, bounds(scaled).min),
      maxReplicas: bounds(scaled).max,
      metrics: listAt(scaled, 'spec', 'triggers').map(metricOf),
    },
  };
};

/** The number that the pause annotations hold the target at; undefined: not paused. */
const pausedAt = (scaled: KubeObject, target: ScaleTarget): number | undefined => {
  const annotations = scaled.metadata.annotations ?? {};
  const replicas = annotations[PAUSED_REPLICAS];
  if (replicas !== undefined && /^\d+$/.test(replicas)) return Number(replicas);
  return annotations[PAUSED] === 'true' ? replicasOf(target) : undefined;
};

/** Replicas that the triggers ask for; undefined when the load of none is known. */
const demandOf = (scaled: KubeObject, load: LoadSource): number | undefined => {
  const demands = listAt(scaled, 'spec', 'triggers').flatMap((trigger) => {
    const value = load(textAt(trigger, 'metadata', 'query'), scaled);
    const threshold = Number.parseFloat(textAt(trigger, 'metadata', 'threshold')) || 1;
    return value === undefined ? [] : [Math.ceil(value / threshold)];
  });
  return demands.length === 0 ? undefined : Math.max(0, ...demands);
};

const statusOf = (scaled: KubeObject, isPaused: boolean, isActive: boolean, nowMs: number): Fields => {
  const told = (type: string, isTrue: boolean, reason: string, message: string): Fields =>
    conditionOf(scaled, { type, isTrue, reason, message }, nowMs);
  return {
    ...fieldsAt(scaled, 'status'),
    scaleTargetKind: 'apps/v1.Deployment',
    hpaName: hpaName(scaled),
    conditions: [
      told('Ready', true, 'ScaledObjectReady', 'ScaledObject is defined correctly and is ready for scaling'),
      isActive
        ? told('Active', true, 'ScalerActive', 'Scaling is performed because triggers are active')
        : told('Active', false, 'ScalerNotActive', 'Scaling is not performed because triggers are not active'),
      told('Fallback', false, 'NoFallbackFound', 'No fallbacks are active on this scaled object'),
      isPaused
        ? told('Paused', true, 'ScaledObjectPaused', 'ScaledObject is paused')
        : told('Paused', false, 'ScaledObjectUnpaused', 'pause annotation removed for ScaledObject'),
    ],
  };
};

/** Makes sure that the HPA of a ScaledObject exists, or that it does not. */
const ensureHpa = async (
  { rest, caller, server, kind }: Workshop,
  scaled: KubeObject,
  wanted: boolean,
): Promise<void> => {
  const hpas = kind('autoscaling/v2', 'horizontalpodautoscalers');
  const at = { kind: hpas, namespace: scaled.metadata.namespace ?? '', name: hpaName(scaled) };
  const found = server.store.get(hpas.storage, at.namespace, at.name);
  if (wanted && found === undefined) await rest.create(at, hpaFor(scaled), caller);
  if (!wanted && found !== undefined && isOwnedBy(found, scaled)) await rest.remove(at, {}, caller);
};

/** The controller of ScaledObjects. */
export const createKedaController = (workshop: Workshop, load: LoadSource): Controller => {
  const { clock, server } = workshop;
  const kind = workshop.kind('keda.sh/v1alpha1', 'scaledobjects');
  return {
    name: 'scaledobjects',
    keysOf: (change) => (change.resource === kind.storage && change.type !== 'DELETED' ? [keyOf(change.object)] : []),
    async sync(namespace, name) {
      const scaled = server.store.get(kind.storage, namespace, name);
      if (scaled === undefined || scaled.metadata.deletionTimestamp !== undefined) return undefined;
      const pollMs = (numberAt(scaled, 'spec', 'pollingInterval') || DEFAULT_POLLING_S) * 1000;
      const target = targetOf(workshop, scaled);
      if (target === undefined) return pollMs;
      const paused = pausedAt(scaled, target);
      const demand = demandOf(scaled, load);
      const { min, max } = bounds(scaled);
      await ensureHpa(workshop, scaled, paused === undefined);
      // Without a known load only the bounds count, and nothing is ever scaled down to zero.
      await scaleTo(workshop, target, paused ?? clamp(demand ?? replicasOf(target), min, max));
      const isActive = paused === undefined && (demand ?? 0) > 0;
      await writeStatus(workshop, kind, scaled, statusOf(scaled, paused !== undefined, isActive, clock.now()));
      return pollMs;
    },
  };
};
