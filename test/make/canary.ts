import type {
  Analysis,
  AnalysisMetric,
  AnalysisWebhook,
  AutoscalerRef,
  Canary,
  CanaryService,
  CanarySpec,
  CanaryStatus,
  Phase,
} from '../../shared/api/canary.ts';
import type { Modifier } from './modify.ts';
import { modify } from './modify.ts';

const METRICS: AnalysisMetric[] = [
  { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '1m' },
  { name: 'request-duration', thresholdRange: { max: 500 }, interval: '30s' },
];

const plainCanary = (): Canary => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: {
    provider: 'kubernetes',
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    progressDeadlineSeconds: 60,
    service: { port: 80, targetPort: 9898 },
    analysis: { interval: '10s', threshold: 3, iterations: 3, metrics: METRICS },
  },
});

/** `podinfo` in `test`: blue/green with three iterations of 10 s over a Deployment of the same name. */
export const aCanary = (...modifiers: Modifier<Canary>[]): Canary => modify(plainCanary(), modifiers);

export const withSpec =
  (spec: Partial<CanarySpec>): Modifier<Canary> =>
  (canary) => ({ ...canary, spec: { ...canary.spec, ...spec } });

export const withService =
  (service: Partial<CanaryService>): Modifier<Canary> =>
  (canary) =>
    withSpec({ service: { ...canary.spec.service, ...service } as CanaryService })(canary);

/** Replaces the given fields of the analysis; one given as undefined goes away. */
export const withAnalysis =
  (analysis: { [Field in keyof Analysis]?: Analysis[Field] | undefined }): Modifier<Canary> =>
  (canary) => {
    const merged = Object.entries({ ...canary.spec.analysis, ...analysis }).filter(([, value]) => value !== undefined);
    return withSpec({ analysis: Object.fromEntries(merged) as Analysis })(canary);
  };

/** Weights instead of iterations: 25 and 50 percent unless told otherwise. */
export const withWeights = (stepWeight = 25, maxWeight = 50): Modifier<Canary> =>
  withAnalysis({ iterations: undefined, stepWeight, maxWeight });

export const withMetrics = (...metrics: AnalysisMetric[]): Modifier<Canary> => withAnalysis({ metrics });

export const withHooks = (...webhooks: AnalysisWebhook[]): Modifier<Canary> => withAnalysis({ webhooks });

export const withAutoscaler = (
  autoscalerRef: AutoscalerRef = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo-so' },
): Modifier<Canary> => withSpec({ autoscalerRef });

export const withStatus =
  (status: Partial<CanaryStatus>): Modifier<Canary> =>
  (canary) => ({
    ...canary,
    status: { phase: 'Initialized', canaryWeight: 0, failedChecks: 0, iterations: 0, ...canary.status, ...status },
  });

export const inPhase = (phase: Phase): Modifier<Canary> => withStatus({ phase });
