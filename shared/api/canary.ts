/** The Canary as programs see it. All types come from the schemas, which are not loaded at run time. */
import type { Static } from 'typebox';
import type { KubeObject } from './kube.ts';
import type {
  analysisAlertSchema,
  analysisGateSchema,
  analysisMetricSchema,
  analysisSchema,
  analysisWebhookSchema,
  matchEntrySchema,
} from './schema/canary-analysis.ts';
import type { canaryServiceSchema, serviceMatchSchema, servicePortSchema } from './schema/canary-service.ts';
import type { autoscalerRefSchema, canarySpecSchema, targetRefSchema } from './schema/canary-spec.ts';
import type { canaryStatusSchema } from './schema/canary-status.ts';

export { PHASES, type Phase } from './phase.ts';

export type CanarySpec = Static<ReturnType<typeof canarySpecSchema>>;
export type TargetRef = Static<typeof targetRefSchema>;
export type AutoscalerRef = Static<typeof autoscalerRefSchema>;

export type CanaryService = Static<typeof canaryServiceSchema>;
/** One entry of `spec.service.match`: which requests the route is for. */
export type ServiceMatch = Static<typeof serviceMatchSchema>;
export type ServicePort = Static<typeof servicePortSchema>;

export type Analysis = Static<typeof analysisSchema>;
export type AnalysisMetric = Static<typeof analysisMetricSchema>;
export type AnalysisWebhook = Static<typeof analysisWebhookSchema>;
/** What a hook is for; absent and empty mean `rollout`. */
export type HookType = NonNullable<AnalysisWebhook['type']>;
export type AnalysisAlert = Static<typeof analysisAlertSchema>;
export type AnalysisGate = Static<typeof analysisGateSchema>;
/** One entry of `spec.analysis.match`: which requests go to the canary in A/B testing. */
export type MatchEntry = Static<typeof matchEntrySchema>;
export type SessionAffinity = NonNullable<Analysis['sessionAffinity']>;

export type CanaryStatus = Static<typeof canaryStatusSchema>;
export type AnsweredCommand = NonNullable<CanaryStatus['commands']>[number];
export type Approval = NonNullable<CanaryStatus['approvals']>[number];
export type Pause = NonNullable<CanaryStatus['paused']>;
/** A pause that begins further on. */
export type PauseAt = NonNullable<CanaryStatus['pauseAt']>;
export type WaitingFor = NonNullable<CanaryStatus['waitingFor']>;
/** A rollback that is being carried out. */
export type Rollback = NonNullable<CanaryStatus['rollback']>;
/** Why a rollout failed, in one word. */
export type FailureReason = Rollback['reason'];
export type HistoryEntry = NonNullable<CanaryStatus['history']>[number];

export interface Canary extends KubeObject {
  spec: CanarySpec;
  status?: CanaryStatus;
}
