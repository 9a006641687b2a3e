import fc from 'fast-check';
import type { Analysis, AnalysisMetric, AnalysisWebhook, Canary } from '../../shared/api/canary.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import { RECORDED_HOST } from '../golden/runner/scenario.ts';
import { aCanary, withAutoscaler, withSpec } from '../make/canary.ts';
import { aDeployment, withReplicas } from '../make/deployment.ts';
import { aScaledObject } from '../make/scaled-object.ts';

/** One rollout from the first start to its end, as data. Everything that matters is drawn; the rest is plain. */
export interface Plan {
  readonly provider: 'kubernetes' | 'nginx' | 'traefik' | 'istio';
  readonly analysis: Analysis;
  readonly skipAnalysis: boolean;
  readonly scaler: 'none' | 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly replicas: number;
  readonly readyAfterMs: number;
  /** Success rate of the new revision; null: the metrics server has no data. */
  readonly success: number | null;
  /** The new revision's pods become ready. */
  readonly starts: boolean;
  readonly hooks: readonly PlannedHook[];
  /** Another revision comes this long after the first one. */
  readonly nextAfterMs: number | undefined;
}

export interface PlannedHook {
  readonly type: NonNullable<AnalysisWebhook['type']>;
  /** It refuses until then, counted from the new revision; never: for good. */
  readonly opensAfterMs: number | 'never';
}

export const NAMESPACE = 'test';
const STARTED = 'example.org/podinfo:1.0.0';
export const nextImage = ({ starts }: Pick<Plan, 'starts'>, number: number): string =>
  `example.org/podinfo:${number}.0.0${starts ? '' : '-broken'}`;

const analyses: fc.Arbitrary<Analysis> = fc
  .tuple(
    fc.oneof(
      fc.record({ stepWeight: fc.integer({ min: 10, max: 100 }), maxWeight: fc.integer({ min: 10, max: 100 }) }),
      fc.record({
        stepWeights: fc
          .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 })
          .map((list) => list.toSorted((a, b) => a - b)),
      }),
      fc.record({ iterations: fc.integer({ min: 1, max: 3 }) }),
      fc.record({
        iterations: fc.integer({ min: 1, max: 3 }),
        match: fc.constant([{ headers: { 'x-canary': { exact: 'insider' } } }]),
      }),
    ),
    fc.record({
      interval: fc.constantFrom('10s', '17s', '1m'),
      threshold: fc.integer({ min: 1, max: 3 }),
      stepWeightPromotion: fc.constantFrom(0, 30, 60),
      canaryReadyThreshold: fc.constantFrom(50, 100),
      // Who cannot mirror goes on without.
      mirror: fc.boolean(),
      gracePeriod: fc.constantFrom('0s', '0s', '25s', '1m30s'),
    }),
    // Canary and primary are measured alike, and no number is small: neither changes the end.
    fc.constantFrom<Partial<AnalysisMetric>>(
      {},
      {},
      { minSamples: 10 },
      { compare: { with: 'primary', maxDecreasePercent: 1 } },
      { minSamples: 10, compare: { with: 'primary', maxIncreasePercent: 0 } },
    ),
  )
  .map(
    ([strategy, common, more]) =>
      ({
        ...common,
        ...strategy,
        metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 }, ...more }],
      }) as Analysis,
  );

const hooks: fc.Arbitrary<readonly PlannedHook[]> = fc.uniqueArray(
  fc.record({
    type: fc.constantFrom(
      'confirm-rollout' as const,
      'pre-rollout' as const,
      'rollout' as const,
      'confirm-traffic-increase' as const,
      'confirm-promotion' as const,
    ),
    // Gates open in the end: one that never does holds a rollout for ever, as it is meant to.
    opensAfterMs: fc.constantFrom(0, 0, 25_000, 70_000),
  }),
  { selector: ({ type }) => type, maxLength: 2 },
);

/** Every strategy on every provider that can carry it out. */
export const plans: fc.Arbitrary<Plan> = fc
  .record({
    provider: fc.constantFrom('kubernetes' as const, 'nginx' as const, 'traefik' as const, 'istio' as const),
    analysis: analyses,
    skipAnalysis: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
    scaler: fc.constantFrom('none' as const, 'HorizontalPodAutoscaler' as const, 'ScaledObject' as const),
    replicas: fc.integer({ min: 1, max: 3 }),
    readyAfterMs: fc.constantFrom(500, 1000, 12_000),
    success: fc.constantFrom(100, 100, 100, 61.5, null),
    starts: fc.integer({ min: 0, max: 4 }).map((draw) => draw > 0),
    hooks,
    nextAfterMs: fc.constantFrom(undefined, undefined, 15_000, 45_000),
  })
  .filter(({ provider, analysis }) => provider !== 'traefik' || analysis.match === undefined);

const service = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: NAMESPACE },
  spec: { type: 'ClusterIP', selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 9898 }] },
});

const ingress: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'podinfo', namespace: NAMESPACE, annotations: { owner: 'somebody' } },
  spec: {
    rules: [
      {
        host: 'app.example.org',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'podinfo', port: { number: 80 } } } }],
        },
      },
    ],
  },
};

const hpa: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'podinfo', namespace: NAMESPACE },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    minReplicas: 1,
    maxReplicas: 3,
  },
};

const hookOf = ({ type }: PlannedHook): AnalysisWebhook => ({
  name: type,
  type,
  url: `http://${RECORDED_HOST}/hook/${NAMESPACE}/${type}`,
});

const canaryOf = (plan: Plan): Canary => {
  const { scaler } = plan;
  const autoscalerRef = {
    apiVersion: scaler === 'ScaledObject' ? 'keda.sh/v1alpha1' : 'autoscaling/v2',
    kind: scaler as 'ScaledObject',
    name: scaler === 'ScaledObject' ? 'podinfo-so' : 'podinfo',
  };
  return aCanary(
    withSpec({
      provider: plan.provider,
      ...(plan.skipAnalysis && { skipAnalysis: true }),
      ...(plan.provider === 'nginx' && {
        ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' as const, name: 'podinfo' },
      }),
      analysis: { ...plan.analysis, ...(plan.hooks.length > 0 && { webhooks: plan.hooks.map(hookOf) }) },
    }),
    ...(scaler === 'none' ? [] : [withAutoscaler(autoscalerRef)]),
  );
};

/** What a person applies before the first start. */
export const objectsOf = (plan: Plan): KubeObject[] => [
  aDeployment(withReplicas(plan.replicas), (deployment) => ({
    ...deployment,
    spec: { ...deployment.spec, progressDeadlineSeconds: 60 },
  })),
  ...(plan.provider === 'nginx' ? [service('podinfo'), ingress] : []),
  ...(plan.scaler === 'HorizontalPodAutoscaler' ? [hpa] : plan.scaler === 'ScaledObject' ? [aScaledObject()] : []),
  canaryOf(plan),
];

export const FIRST_IMAGE = STARTED;
