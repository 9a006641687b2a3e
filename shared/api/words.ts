/** The words that fields of a spec admit, as values: schemas, rules and help all read them here. */

export const TARGET_KINDS = ['DaemonSet', 'Deployment', 'Service'] as const;

export const SCALER_KINDS = ['HorizontalPodAutoscaler', 'ScaledObject'] as const;

/** When a hook is called; the empty type is a rollout hook. */
export const HOOK_TYPES = [
  '',
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-promotion',
  'post-rollout',
  'event',
  'rollback',
  'confirm-traffic-increase',
] as const;

/** The transitions that a native gate may hold; the confirm hooks hold the same. */
export const GATE_TYPES = ['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion'] as const;

export const GATE_TIMEOUTS = ['reject', 'approve'] as const;

/** Least severity that an alert entry wants to hear of; the empty one means info. */
export const ALERT_SEVERITIES = ['', 'info', 'warn', 'error'] as const;

export const INCONCLUSIVE_POLICIES = ['fail', 'hold', 'pass'] as const;

export const SAME_SITES = ['Strict', 'Lax', 'None'] as const;

export const TRAFFIC_DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'] as const;

export const METRIC_PROVIDER_TYPES = [
  'prometheus',
  'influxdb',
  'datadog',
  'externalmetrics',
  'stackdriver',
  'cloudwatch',
  'newrelic',
  'graphite',
  'dynatrace',
  'keptn',
  'splunk',
] as const;

export const ALERT_PROVIDER_TYPES = ['slack', 'msteams', 'discord', 'rocket', 'gchat'] as const;

export const VERDICTS = ['passed', 'failed', 'inconclusive'] as const;

/** How the rollout of a revision ended, or that it runs. */
export const HISTORY_RESULTS = ['initialized', 'running', 'promoted', 'failed', 'skipped'] as const;

/** Why a rollout ended as failed, in one word each. */
export const FAILURE_REASONS = [
  'ChecksFailed',
  'ProgressDeadlineExceeded',
  'TargetLost',
  'RolledBackByHook',
  'RolledBackByHand',
  'GateRejected',
  'GateTimedOut',
  'PromotionFailed',
] as const;
