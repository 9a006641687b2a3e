import type { Destination } from '../notify/notifier.ts';
import { DEFAULT_PROVIDER } from '../routing/index.ts';

/** What a driver is told at its start; flags of the reference keep their meaning. */
export interface EngineSettings {
  /** Used by Canaries without `spec.provider`. */
  readonly meshProvider: string;
  /** Prometheus for built-in and inline queries, unless the Canary names its own. */
  readonly metricsServer: string;
  readonly selectorLabels: readonly string[];
  /** Prefixes of the labels and annotations that generated workloads take over. */
  readonly includePrefixes: readonly string[];
  readonly configTracking: boolean;
  readonly clusterName: string;
  readonly noCrossNamespaceRefs: boolean;
  readonly ingressAnnotationsPrefix: string;
  readonly ingressClass: string;
  /** Told of every event of Canaries that have no event hook of their own; empty: nobody. */
  readonly eventWebhook: string;
  /** Told of every alert of Canaries that have no alerts of their own. */
  readonly globalAlerts?: Destination & { type: string };
  /** How many Canaries are worked on at once. */
  readonly concurrency: number;
}

export const DEFAULT_SETTINGS: EngineSettings = {
  meshProvider: DEFAULT_PROVIDER,
  metricsServer: 'http://prometheus:9090',
  selectorLabels: ['app', 'name', 'app.kubernetes.io/name'],
  includePrefixes: [],
  configTracking: true,
  clusterName: '',
  noCrossNamespaceRefs: false,
  ingressAnnotationsPrefix: 'nginx.ingress.kubernetes.io',
  ingressClass: '',
  eventWebhook: '',
  concurrency: 32,
};
