import { scenarioNames } from './scenario.ts';

/** The scenarios that must be equal, on every server. */
export const SCENARIOS: readonly string[] = [
  'late-target',
  'deletion',
  'metadata-copies',
  'ready-thresholds',
  'bluegreen-hpa',
  'bluegreen-keda',
  'keda-queries',
  'bluegreen-fail',
  'no-metrics-values',
  'restart-midway',
  'skip-analysis',
  'hooks',
  'metric-template',
  'nginx-canary',
  'nginx-rollback',
  'nginx-ab',
  'step-weights',
  'step-promotion',
  'traefik-canary',
  'traefik-rollback',
  'bad-reference',
  'config-tracking',
  'gates-closed',
  'hook-fails',
  'hook-rollback',
  'suspend',
];

/** Says how much of what was recorded a run covers. */
export const coverage = (): string => `golden: ${SCENARIOS.length} of ${scenarioNames().length} scenarios run`;
