import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AutoscalerRef } from '../../../shared/api/canary.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../shared/api/kube.ts';
import { hpa } from '../../../shared/scaling/hpa.ts';
import { scaledObject } from '../../../shared/scaling/scaled-object.ts';
import type { ScalerCodec, ScalerContext } from '../../../shared/scaling/scaler.ts';
import { named, withAnnotations, withLabels } from '../../make/modify.ts';
import { aScaledObject, aTrigger, withTriggers } from '../../make/scaled-object.ts';
import { OWNER } from '../../unit/shared/targets/contexts.ts';
import { findPrograms } from '../control-plane/cache.ts';
import { lostOf } from './difference.ts';
import { type StrictServer, startStrictServer } from './server.ts';
import { definitionsIn } from './sources.ts';

let server: StrictServer;

beforeAll(async () => {
  server = await startStrictServer();
  await server.define([KINDS.scaledObject], definitionsIn(join(findPrograms().programs.kedaCrds)));
});

afterAll(() => server?.close());

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };
const BEHAVIOUR = {
  scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
};

const HPA: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'podinfo-so', namespace: 'test', labels: { team: 'a' } },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [CPU],
    behavior: BEHAVIOUR,
  },
};

const full = aScaledObject(
  withLabels({ team: 'a' }),
  withAnnotations({ 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' }),
  withTriggers(
    { ...aTrigger(), useCachedMetrics: true, metricType: 'AverageValue', authenticationRef: { name: 'x' } },
    { type: 'cpu', metricType: 'Utilization', metadata: { value: '60' } },
  ),
);
Object.assign(full.spec, {
  idleReplicaCount: 0,
  initialCooldownPeriod: 5,
  fallback: { failureThreshold: 3, replicas: 2, behavior: 'static' },
  advanced: {
    restoreToOriginalReplicaCount: true,
    horizontalPodAutoscalerConfig: { name: 'mine', behavior: BEHAVIOUR },
  },
});

const CASES: readonly (readonly [what: string, codec: ScalerCodec, source: KubeObject])[] = [
  ['a plain ScaledObject', scaledObject, aScaledObject()],
  ['a ScaledObject with whatever KEDA knows', scaledObject, named('full')(full)],
  ['a HorizontalPodAutoscaler', hpa, HPA],
];

const contextOf = (codec: ScalerCodec, { metadata }: KubeObject, more: Partial<AutoscalerRef> = {}): ScalerContext => ({
  autoscalerRef: {
    apiVersion: codec.kind.apiVersion,
    kind: codec.kind.kind as AutoscalerRef['kind'],
    name: metadata.name,
    ...more,
  },
  target: 'podinfo',
  primaryTarget: 'podinfo-primary',
  source: refTo(codec.kind, 'test', metadata.name),
  primary: refTo(codec.kind, 'test', `${metadata.name}-primary`),
  owner: OWNER,
});

describe.each(CASES)(
  "what is written for %s is taken, and kept whole, by KEDA's own definition or Kubernetes",
  (_what, codec, source) => {
    const plain = contextOf(codec, source);
    const given = contextOf(codec, source, {
      primaryScalerQueries: { 'prom-trigger': 'sum(rate(other[1m]))' },
      primaryScalerReplicas: { minReplicas: 3, maxReplicas: 7 },
    });

    const replaced = async (object: KubeObject): Promise<KubeObject> => {
      const held = await server.write({ do: 'replace', ref: plain.primary, object });
      expect(lostOf(object['spec'], held['spec'])).toEqual([]);
      return held;
    };

    it("the primary's, from its creation through a promotion", async () => {
      await server.write({ do: 'create', ref: plain.source, object: source });
      const stored = await server.kube.get(plain.source);
      const copy = codec.createPrimary(stored, plain);
      const held = await server.write({ do: 'create', ref: plain.primary, object: copy });
      expect(lostOf(copy, held)).toEqual([]);
      expect(codec.syncPrimary(stored, held, plain)).toBe(held);

      const raised = await replaced(codec.withMinimum(held, codec.mostReplicas(held)));
      const back = await replaced(codec.withoutMinimum(stored, raised, plain));
      expect(codec.syncPrimary(stored, back, plain)).toBe(back);

      const changed = await replaced(codec.syncPrimary(stored, back, given));
      expect(codec.syncPrimary(stored, changed, given)).toBe(changed);
    });

    it("the target's own, paused and resumed", async () => {
      const pause = codec.pause(plain.source, await server.kube.get(plain.source));
      if (pause?.do === 'patch') await server.write(pause);
      const paused = await server.kube.get(plain.source);
      expect(codec.isPaused(paused)).toBe(codec === scaledObject);
      const resume = codec.resume(plain.source, paused);
      if (resume?.do === 'patch') await server.write(resume);
      expect(codec.isPaused(await server.kube.get(plain.source))).toBe(false);
    });
  },
);
