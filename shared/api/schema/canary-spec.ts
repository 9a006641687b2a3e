import { SCALER_KINDS, TARGET_KINDS } from '../words.ts';
import { analysisSchema } from './canary-analysis.ts';
import { canaryServiceSchema } from './canary-service.ts';
import { amount, flag, kindRef, optional, record, text, textMap, whole, word } from './parts.ts';

export const targetRefSchema = record(
  kindRef(TARGET_KINDS, 'target'),
  'The workload whose new revisions are analysed.',
);

export const autoscalerRefSchema = record(
  {
    ...kindRef(SCALER_KINDS, 'autoscaler'),
    primaryScalerQueries: optional(
      textMap('Queries of the primary ScaledObject by trigger name; without it they are rewritten.', 'The query.'),
    ),
    primaryScalerReplicas: optional(
      record(
        {
          minReplicas: optional(whole('Least replicas of the primary.', { minimum: 1 })),
          maxReplicas: optional(whole('Most replicas of the primary.', { minimum: 1 })),
        },
        'Replicas of the primary autoscaler where they differ from those of the target.',
      ),
    ),
  },
  'The autoscaler of the target; the primary gets a copy.',
);

const refs = {
  ingressRef: optional(record(kindRef(['Ingress'], 'Ingress'), 'The Ingress whose traffic is split.')),
  routeRef: optional(record(kindRef(['ApisixRoute'], 'route'), 'The route whose traffic is split.')),
  upstreamRef: optional(
    record(
      {
        ...kindRef(['Upstream'], 'upstream'),
        namespace: optional(text('Namespace of the upstream; that of the Canary by default.')),
      },
      'The upstream that generated upstreams are modelled on.',
    ),
  ),
};

/** `providers`: every value that `provider` may have. */
export const canarySpecSchema = (providers: readonly string[]) =>
  record(
    {
      provider: optional(word(providers, 'The traffic provider; that of the controller by default.')),
      metricsServer: optional(
        text('Address of the Prometheus for built-in metrics and queries; that of the controller by default.'),
      ),
      targetRef: targetRefSchema,
      autoscalerRef: optional(autoscalerRefSchema),
      ...refs,
      service: optional(canaryServiceSchema),
      analysis: analysisSchema,
      progressDeadlineSeconds: optional(
        amount('Seconds that primary and target may take to become ready; 600 by default.'),
      ),
      skipAnalysis: optional(flag('Promote new revisions without analysis.')),
      revertOnDeletion: optional(flag('Give traffic and replicas back to the target when the Canary is deleted.')),
      suspend: optional(flag('Leave everything as it is until this is false again.')),
    },
    'What is rolled out, and how.',
  );
