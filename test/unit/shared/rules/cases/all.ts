import type { RuleCase } from './case.ts';
import { DURATION_CASES } from './durations.ts';
import { GATE_CASES } from './gates.ts';
import { HOOK_CASES } from './hooks.ts';
import { METRIC_CASES } from './metrics.ts';
import { OTHER_CASES } from './others.ts';
import { PROVIDER_CASES } from './providers.ts';
import { SCALER_CASES } from './scaler.ts';
import { SCALER_QUERY_CASES } from './scaler-queries.ts';
import { SERVICE_NAME_CASES } from './service-names.ts';
import { STRATEGY_CASES } from './strategy.ts';
import { THRESHOLD_CASES } from './thresholds.ts';
import { TYPE_CASES } from './types.ts';
import { UPDATE_CASES } from './updates.ts';

/** An example of each rule. */
export const RULE_CASES: readonly RuleCase[] = [
  ...TYPE_CASES,
  ...DURATION_CASES,
  ...STRATEGY_CASES,
  ...HOOK_CASES,
  ...METRIC_CASES,
  ...THRESHOLD_CASES,
  ...GATE_CASES,
  ...UPDATE_CASES,
  ...SERVICE_NAME_CASES,
  ...PROVIDER_CASES,
  ...SCALER_QUERY_CASES,
  ...SCALER_CASES,
  ...OTHER_CASES,
];
