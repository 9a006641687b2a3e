/** Autoscalers: HorizontalPodAutoscaler, and KEDA's ScaledObject. */
import type { KubeObject } from '../../api/kube.ts';
import { timestamp } from '../context.ts';
import type { Fields } from '../json.ts';
import { equal, fieldsAt, listAt, numberAt, own, textAt } from '../json.ts';
import type { ServedKind } from '../kinds.ts';
import { type Controller, controllerOf, isOwnedBy, keyOf, type Workshop } from './runner.ts';

/** What a trigger's or a metric's query answers now; undefined: nothing is known, so nothing is scaled by it. */
export type LoadSource = (query: string, scaler: KubeObject) => number | undefined;

interface ScaleTarget {
  readonly kind: ServedKind;
  readonly object: KubeObject;
}

const targetOf = (workshop: Workshop, scaler: KubeObject, fallback: string): ScaleTarget | undefined => {
  const ref = fieldsAt(scaler, 'spec', 'scaleTargetRef');
  const kind = workshop.server.registry.findKind(
    textAt(ref, 'apiVersion') || 'apps/v1',
    textAt(ref, 'kind') || fallback,
  );
  const object =
    kind === undefined
      ? undefined
      : workshop.server.store.get(kind.storage, scaler.metadata.namespace ?? '', textAt(ref, 'name'));
  return kind === undefined || object === undefined ? undefined : { kind, object };
};

const replicasOf = (target: ScaleTarget): number => numberAt(target.object, 'spec', 'replicas');

const scaleTo = async (workshop: Workshop, target: ScaleTarget, replicas: number): Promise<void> => {
  if (replicasOf(target) === replicas) return;
  const at = {
    kind: target.kind,
    namespace: target.object.metadata.namespace ?? '',
    name: target.object.metadata.name,
    subresource: 'scale',
  };
  await workshop.rest.patch(at, 'merge', { spec: { replicas } }, workshop.caller);
};

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

const writeStatus = async (workshop: Workshop, kind: ServedKind, object: KubeObject, status: Fields): Promise<void> => {
  if (equal(object['status'], status)) return;
  const at = { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name, subresource: 'status' };
  await workshop.rest.replace(at, { ...object, status }, workshop.caller);
};

const condition = (object: KubeObject, type: string, status: string, more: Fields, now: string): Fields => {
  const before = listAt(object, 'status', 'conditions').find((one) => own(one, 'type') === type);
  const since = own(before, 'status') === status ? own(before, 'lastTransitionTime') : now;
  return { type, status, ...more, ...(since === undefined ? {} : { lastTransitionTime: since }) };
};

const RESYNC_MS = 15_000;

/** HorizontalPodAutoscalers: keep the target between minimum and maximum; at zero replicas they do nothing. */
export const createHpaController = (workshop: Workshop, load: LoadSource): Controller => {
  const { clock, server } = workshop;
  const kind = workshop.kind('autoscaling/v2', 'horizontalpodautoscalers');

  const desiredOf = (hpa: KubeObject, current: number): number => {
    const wanted = listAt(hpa, 'spec', 'metrics').flatMap((metric) => {
      const value = load(textAt(metric, 'external', 'metric', 'name') || textAt(metric, 'resource', 'name'), hpa);
      const threshold =
        Number.parseFloat(textAt(metric, 'external', 'target', 'averageValue')) ||
        numberAt(metric, 'resource', 'target', 'averageUtilization');
      return value === undefined || threshold === 0 ? [] : [Math.ceil(value / threshold)];
    });
    return clamp(
      wanted.length === 0 ? current : Math.max(...wanted),
      numberAt(hpa, 'spec', 'minReplicas'),
      numberAt(hpa, 'spec', 'maxReplicas'),
    );
  };

  return {
    name: 'horizontalpodautoscalers',
    keysOf(change) {
      if (change.resource === kind.storage && change.type !== 'DELETED') return [keyOf(change.object)];
      if (own(own(change.object, 'spec'), 'replicas') === own(own(change.before, 'spec'), 'replicas')) return [];
      const name = change.object.metadata.name;
      return server.store
        .list(kind.storage, change.object.metadata.namespace ?? '')
        .filter((hpa) => textAt(hpa, 'spec', 'scaleTargetRef', 'name') === name)
        .map(keyOf);
    },
    async sync(namespace, name) {
      const hpa = server.store.get(kind.storage, namespace, name);
      if (hpa === undefined) return undefined;
      const target = targetOf(workshop, hpa, 'Deployment');
      const current = target === undefined ? 0 : replicasOf(target);
      const isActive = target !== undefined && current > 0;
      const desired = isActive ? desiredOf(hpa, current) : 0;
      if (isActive) await scaleTo(workshop, target, desired);
      const now = timestamp(clock.now());
      const active = isActive
        ? condition(
            hpa,
            'ScalingActive',
            'True',
            { reason: 'ValidMetricFound', message: 'the HPA was able to successfully calculate a replica count' },
            now,
          )
        : condition(
            hpa,
            'ScalingActive',
            'False',
            { reason: 'ScalingDisabled', message: 'scaling is disabled since the replica count of the target is zero' },
            now,
          );
      const able = condition(
        hpa,
        'AbleToScale',
        target === undefined ? 'False' : 'True',
        target === undefined
          ? { reason: 'FailedGetScale' }
          : { reason: 'SucceededGetScale', message: "the HPA controller was able to get the target's current scale" },
        now,
      );
      await writeStatus(workshop, kind, hpa, {
        currentMetrics: null,
        ...(current === 0 ? {} : { currentReplicas: current }),
        desiredReplicas: desired,
        conditions: [able, active],
      });
      return load === noLoad ? undefined : RESYNC_MS;
    },
  };
};

/** Knows of no load: scalers then only keep their bounds. */
export const noLoad: LoadSource = () => undefined;

const PAUSED_REPLICAS = 'autoscaling.keda.sh/paused-replicas';
const PAUSED = 'autoscaling.keda.sh/paused';
const DEFAULT_MAX = 100;
const DEFAULT_POLLING_S = 30;

/** ScaledObjects as KEDA treats them: paused ones hold a number and have no HPA; others scale by their triggers' queries. */
export const createKedaController = (workshop: Workshop, load: LoadSource): Controller => {
  const { rest, caller, clock, server } = workshop;
  const [kind, hpas] = [
    workshop.kind('keda.sh/v1alpha1', 'scaledobjects'),
    workshop.kind('autoscaling/v2', 'horizontalpodautoscalers'),
  ];

  const hpaName = (scaled: KubeObject): string =>
    textAt(scaled, 'spec', 'advanced', 'horizontalPodAutoscalerConfig', 'name') || `keda-hpa-${scaled.metadata.name}`;

  const bounds = (scaled: KubeObject): { min: number; max: number } => ({
    min: numberAt(scaled, 'spec', 'minReplicaCount'),
    max: numberAt(scaled, 'spec', 'maxReplicaCount') || DEFAULT_MAX,
  });

  const hpaFor = (scaled: KubeObject): KubeObject => ({
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
        apiVersion: textAt(scaled, 'spec', 'scaleTargetRef', 'apiVersion') || 'apps/v1',
        kind: textAt(scaled, 'spec', 'scaleTargetRef', 'kind') || 'Deployment',
        name: textAt(scaled, 'spec', 'scaleTargetRef', 'name'),
      },
      minReplicas: Math.max(1, bounds(scaled).min),
      maxReplicas: bounds(scaled).max,
      metrics: listAt(scaled, 'spec', 'triggers').map((trigger, index) => ({
        type: 'External',
        external: {
          metric: { name: `s${index}-${textAt(trigger, 'type')}` },
          target: { type: 'AverageValue', averageValue: textAt(trigger, 'metadata', 'threshold') || '1' },
        },
      })),
    },
  });

  const ensureHpa = async (scaled: KubeObject, wanted: boolean): Promise<void> => {
    const at = { kind: hpas, namespace: scaled.metadata.namespace ?? '', name: hpaName(scaled) };
    const found = server.store.get(hpas.storage, at.namespace, at.name);
    if (wanted && found === undefined) await rest.create(at, hpaFor(scaled), caller);
    if (!wanted && found !== undefined && isOwnedBy(found, scaled)) await rest.remove(at, {}, caller);
  };

  const loadOf = (scaled: KubeObject): { replicas: number; known: boolean } => {
    const results = listAt(scaled, 'spec', 'triggers').flatMap((trigger) => {
      const value = load(textAt(trigger, 'metadata', 'query'), scaled);
      return value === undefined
        ? []
        : [Math.ceil(value / (Number.parseFloat(textAt(trigger, 'metadata', 'threshold')) || 1))];
    });
    return { replicas: Math.max(0, ...results), known: results.length > 0 };
  };

  const pausedAt = (scaled: KubeObject, target: ScaleTarget): number | undefined => {
    const annotations = scaled.metadata.annotations ?? {};
    const replicas = annotations[PAUSED_REPLICAS];
    if (replicas !== undefined && /^\d+$/.test(replicas)) return Number(replicas);
    return annotations[PAUSED] === 'true' ? replicasOf(target) : undefined;
  };

  const statusFor = (scaled: KubeObject, isPaused: boolean, isActive: boolean): Fields => {
    const now = timestamp(clock.now());
    const plain = (type: string, status: boolean, reason: string, message: string): Fields => {
      const { lastTransitionTime: _since, ...rest } = condition(
        scaled,
        type,
        status ? 'True' : 'False',
        { reason, message },
        now,
      );
      return rest;
    };
    return {
      ...fieldsAt(scaled, 'status'),
      scaleTargetKind: 'apps/v1.Deployment',
      hpaName: hpaName(scaled),
      conditions: [
        plain('Ready', true, 'ScaledObjectReady', 'ScaledObject is defined correctly and is ready for scaling'),
        plain(
          'Active',
          isActive,
          isActive ? 'ScalerActive' : 'ScalerNotActive',
          isActive
            ? 'Scaling is performed because triggers are active'
            : 'Scaling is not performed because triggers are not active',
        ),
        plain('Fallback', false, 'NoFallbackFound', 'No fallbacks are active on this scaled object'),
        plain(
          'Paused',
          isPaused,
          isPaused ? 'ScaledObjectPaused' : 'ScaledObjectUnpaused',
          isPaused ? 'ScaledObject is paused' : 'pause annotation removed for ScaledObject',
        ),
      ],
    };
  };

  return {
    name: 'scaledobjects',
    keysOf: (change) => (change.resource === kind.storage && change.type !== 'DELETED' ? [keyOf(change.object)] : []),
    async sync(namespace, name) {
      const scaled = server.store.get(kind.storage, namespace, name);
      const target = scaled === undefined ? undefined : targetOf(workshop, scaled, 'Deployment');
      if (scaled === undefined || scaled.metadata.deletionTimestamp !== undefined) return undefined;
      const pollMs = (numberAt(scaled, 'spec', 'pollingInterval') || DEFAULT_POLLING_S) * 1000;
      if (target === undefined) return pollMs;
      const paused = pausedAt(scaled, target);
      const { replicas, known } = loadOf(scaled);
      const { min, max } = bounds(scaled);
      await ensureHpa(scaled, paused === undefined);
      // Without a known load only the minimum counts, and nothing is ever scaled down to zero.
      const floor = known ? min : Math.max(min, replicasOf(target));
      await scaleTo(workshop, target, paused ?? clamp(replicas, floor, max));
      await writeStatus(
        workshop,
        kind,
        scaled,
        statusFor(scaled, paused !== undefined, replicas > 0 && paused === undefined),
      );
      return pollMs;
    },
  };
};
