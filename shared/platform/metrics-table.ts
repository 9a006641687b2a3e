interface Series {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every series of the controller. `flagger_*` are the reference's, names, labels and values alike. */
export const SERIES = {
  flagger_info: {
    type: 'gauge',
    help: 'Version and traffic provider of the controller.',
    labels: ['version', 'mesh_provider'],
  },
  flagger_canary_total: { type: 'gauge', help: 'Canaries per namespace.', labels: ['namespace'] },
  flagger_canary_status: {
    type: 'gauge',
    help: 'Last known status: 0 running, 1 successful, 2 failed.',
    labels: ['name', 'namespace'],
  },
  flagger_canary_weight: {
    type: 'gauge',
    help: 'Traffic weight routed to a workload, in percent.',
    labels: ['workload', 'namespace'],
  },
  flagger_canary_duration_seconds: {
    type: 'histogram',
    help: 'Time spent on one analysis pass.',
    labels: ['name', 'namespace'],
    buckets: SECONDS,
  },
  flagger_canary_metric_analysis: {
    type: 'gauge',
    help: 'Last value of an analysis metric.',
    labels: ['name', 'namespace', 'metric'],
  },
  flagger_canary_successes_total: {
    type: 'counter',
    help: 'Promoted revisions.',
    labels: ['name', 'namespace', 'deployment_strategy', 'analysis_status'],
  },
  flagger_canary_failures_total: {
    type: 'counter',
    help: 'Rolled back revisions.',
    labels: ['name', 'namespace', 'deployment_strategy', 'analysis_status'],
  },
  kubectl_canary_ticks_total: { type: 'counter', help: 'Passes over a Canary, by how they ended.', labels: ['result'] },
  kubectl_canary_tick_duration_seconds: { type: 'histogram', help: 'Time of one pass.', labels: [], buckets: SECONDS },
  kubectl_canary_queue_depth: { type: 'gauge', help: 'Canaries that wait for a pass.', labels: [] },
  kubectl_canary_api_requests_total: {
    type: 'counter',
    help: 'Requests to the Kubernetes API server.',
    labels: ['method', 'resource', 'code'],
  },
  kubectl_canary_watch_restarts_total: {
    type: 'counter',
    help: 'Watches opened again, by kind and reason.',
    labels: ['resource', 'reason'],
  },
  kubectl_canary_cached_objects: { type: 'gauge', help: 'Objects held by the read cache.', labels: ['resource'] },
  kubectl_canary_lease_held: { type: 'gauge', help: '1 while this process holds the Lease.', labels: ['lease'] },
} as const satisfies Record<string, Series>;

export type SeriesName = keyof typeof SERIES;

/** The series of that name, or undefined. */
export const seriesOf = (name: string): Series | undefined =>
  Object.hasOwn(SERIES, name) ? SERIES[name as SeriesName] : undefined;
