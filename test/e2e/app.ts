/** The application under test: podinfo in a namespace and behind a host name of its own, and its releases. */
import { KINDS } from '../../shared/api/kinds.ts';
import { refTo } from '../../shared/api/kube.ts';
import { eventually } from '../apiserver/control-plane/eventually.ts';
import { type Weights, watchWeights } from './count/weights.ts';
import type { Road } from './planes/plane.ts';
import { REVISION } from './pods/identity.ts';
import { POD_PORT } from './pods/pod-process.ts';
import type { World } from './world.ts';

const NAME = 'podinfo';
const LABELS = { app: NAME };

export interface Wanted {
  readonly namespace: string;
  readonly road: Road;
  readonly replicas: number;
  /** The Canary's `analysis`, apart from metric, interval and threshold. */
  readonly analysis: object;
}

export interface App {
  readonly world: World;
  readonly namespace: string;
  readonly host: string;
  /** The changes of the canary's weight since the first release stood. */
  readonly weights: Weights;
  /** Applies a new revision; answers the time. */
  release(revision: string): Promise<number>;
  /** Resolves when the Canary is in this phase, with the time at which that was seen. */
  phase(phase: string, timeoutMs?: number): Promise<number>;
}

const template = (revision: string): object => ({
  metadata: { labels: LABELS, annotations: { [REVISION]: revision } },
  spec: {
    containers: [{ name: 'podinfod', image: 'podinfo:6', ports: [{ name: 'http', containerPort: POD_PORT }] }],
  },
});

const deployment = ({ namespace, replicas }: Wanted): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: NAME, namespace },
  spec: { replicas, selector: { matchLabels: LABELS }, template: template('1') },
});

const METRIC = { name: 'request-success-rate', interval: '1m', thresholdRange: { min: 99 } };

const canary = ({ namespace, road, analysis }: Wanted, host: string): object => ({
  apiVersion: KINDS.canary.apiVersion,
  kind: KINDS.canary.kind,
  metadata: { name: NAME, namespace },
  spec: {
    provider: road.provider,
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: NAME },
    progressDeadlineSeconds: 60,
    service: { port: 80, targetPort: POD_PORT, ...road.service(host) },
    analysis: { interval: '10s', threshold: 1, metrics: [METRIC], ...analysis },
  },
});

interface Status {
  readonly phase?: string;
}

const watchPhase = (world: World, namespace: string): (() => string | undefined) => {
  let phase: string | undefined;
  world.cache.onChange((kind, object) => {
    if (kind.kind === KINDS.canary.kind && object.metadata.namespace === namespace)
      phase = (object['status'] as Status | undefined)?.phase;
  });
  return () => phase;
};

/** Applies the first revision and waits until everybody is served by the primary. */
export const deployApp = async (world: World, wanted: Wanted): Promise<App> => {
  const { namespace, road } = wanted;
  const host = `${namespace}.example.com`;
  await world.cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  world.prometheus.setValues(namespace, { success: 100 });
  await world.cache.list(KINDS.canary);
  const phaseNow = watchPhase(world, namespace);
  await world.cluster.apply(deployment(wanted), ...road.entry(namespace, host), canary(wanted, host));
  const phase = async (expected: string, timeoutMs = 120_000): Promise<number> => {
    const look = (): boolean => {
      world.assertHealthy();
      return phaseNow() === expected;
    };
    await eventually(look, { what: `${namespace} to be ${expected}`, timeoutMs, everyMs: 10 });
    return Date.now();
  };
  await phase('Initialized');
  const weights = await watchWeights(world.cache, road.reading, { namespace, name: NAME });
  const release = async (revision: string): Promise<number> => {
    const at = Date.now();
    const patch = { spec: { template: template(revision) } };
    await world.kube.patch(refTo(KINDS.deployment, namespace, NAME), patch);
    await phase('Progressing');
    return at;
  };
  return { world, namespace, host, weights, release, phase };
};
