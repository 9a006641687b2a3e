import type { KubeObject } from '../../shared/api/kube.ts';
import type { Modifier } from './modify.ts';
import { modify } from './modify.ts';

export interface Trigger {
  type: string;
  name?: string;
  metadata: Record<string, string>;
  [field: string]: unknown;
}

export interface ScaledObject extends KubeObject {
  spec: {
    scaleTargetRef: { name: string; kind?: string; apiVersion?: string };
    minReplicaCount?: number;
    maxReplicaCount?: number;
    triggers: Trigger[];
    [field: string]: unknown;
  };
}

/** A Prometheus trigger `prom-trigger` on requests to `podinfo`. */
export const aTrigger = (...modifiers: Modifier<Trigger>[]): Trigger =>
  modify(
    {
      type: 'prometheus',
      name: 'prom-trigger',
      metadata: {
        serverAddress: 'http://prometheus:9090',
        query: 'sum(rate(http_requests_total{ app="podinfo" }[30s]))',
        threshold: '5',
      },
    },
    modifiers,
  );

/** `podinfo-so` in `test`: one to three replicas of `podinfo`. */
export const aScaledObject = (...modifiers: Modifier<ScaledObject>[]): ScaledObject =>
  modify(
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: 'podinfo-so', namespace: 'test' },
      spec: {
        scaleTargetRef: { name: 'podinfo' },
        pollingInterval: 10,
        cooldownPeriod: 20,
        minReplicaCount: 1,
        maxReplicaCount: 3,
        triggers: [aTrigger()],
      },
    },
    modifiers,
  );

export const withTriggers =
  (...triggers: Trigger[]): Modifier<ScaledObject> =>
  (scaledObject) => ({ ...scaledObject, spec: { ...scaledObject.spec, triggers } });
