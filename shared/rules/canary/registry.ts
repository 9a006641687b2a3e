import type { Rule } from '../rule.ts';
import type { CanaryView } from '../view.ts';
import { ALERT_RULES } from './alerts.ts';
import { ANALYSIS_RULES } from './analysis.ts';
import { DUPLICATE_RULES } from './duplicates.ts';
import { DURATION_RULES } from './durations.ts';
import { GATE_RULES } from './gates.ts';
import { HOOK_HOST_RULES } from './hook-hosts.ts';
import { HOOK_RULES } from './hooks.ts';
import { METRIC_RULES } from './metrics.ts';
import { PROVIDER_RULES } from './provider.ts';
import { SCALER_RULES } from './scaler.ts';
import { SCALER_QUERY_RULES } from './scaler-queries.ts';
import { SERVICE_RULES } from './service.ts';
import { SERVICE_NAME_RULES } from './service-names.ts';
import { SESSION_AFFINITY_RULES } from './session-affinity.ts';
import { STEP_RULES } from './steps.ts';
import { TARGET_RULES } from './target.ts';
import { THRESHOLD_RULES } from './thresholds.ts';
import { TIME_BUDGET_RULES } from './time-budget.ts';
import { UNKNOWN_FIELD_RULES } from './unknown-fields.ts';
import { UPDATE_RULES } from './updates.ts';
import { WHOLE_NUMBER_RULES } from './whole-numbers.ts';
import { WORD_RULES } from './words.ts';

/** Every rule about a Canary. */
export const CANARY_RULES: readonly Rule<CanaryView>[] = [
  ...WHOLE_NUMBER_RULES,
  ...UNKNOWN_FIELD_RULES,
  ...WORD_RULES,
  ...DURATION_RULES,
  ...TIME_BUDGET_RULES,
  ...STEP_RULES,
  ...ANALYSIS_RULES,
  ...SESSION_AFFINITY_RULES,
  ...SERVICE_RULES,
  ...SERVICE_NAME_RULES,
  ...PROVIDER_RULES,
  ...METRIC_RULES,
  ...THRESHOLD_RULES,
  ...ALERT_RULES,
  ...HOOK_RULES,
  ...GATE_RULES,
  ...TARGET_RULES,
  ...UPDATE_RULES,
  ...HOOK_HOST_RULES,
  ...SCALER_QUERY_RULES,
  ...SCALER_RULES,
  ...DUPLICATE_RULES,
];
