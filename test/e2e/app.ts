/** The application under test: podinfo in a namespace and behind a host name of its own, and its releases. */
import { KINDS } from '../../shared/api/kinds.ts';
import { refTo } from '../../shared/api/kube.ts';
import { eventually } from '../apiserver/control-plane/eventually.ts';
import { type Weights, watchWeights } from './count/weights.ts';
import { hostOf, type Road } from './planes/plane.ts';
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
  /** Service and route are the user's own from before, and are given back in the end. */
  readonly revertOnDeletion?: boolean;
}

export interface App {
  readonly world: World;
  readonly namespace: string;
  readonly host: string;
  /** The changes of the canary's weight so far. */
  readonly weights: Weights;
  /** Applies the Canary and waits until everybody is served by the primary. */
  start(): Promise<void>;
  /** Applies a new revision; answers the time. */
  release(revision: string): Promise<number>;
  /** Resolves when the Canary is in this phase, with the time at which that was seen. */
  phase(phase: string, timeoutMs?: number): Promise<number>;
  /** Deletes the Canary and waits until it is gone. */
  remove(): Promise<void>;
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

const service = (namespace: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: NAME, namespace },
  spec: { selector: LABELS, ports: [{ name: 'http', port: 80, targetPort: POD_PORT }] },
});

const canary = ({ namespace, road, analysis, revertOnDeletion = false }: Wanted, host: string): object => ({
  apiVersion: KINDS.canary.apiVersion,
  kind: KINDS.canary.kind,
  metadata: { name: NAME, namespace },
  spec: {
    provider: road.provider,
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: NAME },
    progressDeadlineSeconds: 60,
    revertOnDeletion,
    service: { port: 80, targetPort: POD_PORT, ...road.service(host) },
    analysis: { interval: '10s', threshold: 1, metrics: [METRIC], ...analysis },
  },
});

interface Status {
  readonly phase?: string;
}

const watchPhase = (world: World, namespace: string): (() => string | undefined) => {
  let phase: string | undefined;
  world.cache.onChange((kind, object, change) => {
    if (kind.kind !== KINDS.canary.kind || object.metadata.namespace !== namespace) return;
    phase = change === 'deleted' ? undefined : (object['status'] as Status | undefined)?.phase;
  });
  return () => phase;
};

/** Applies the first revision of the workload, with what leads requests to it, and no Canary yet. */
export const prepareApp = async (world: World, wanted: Wanted): Promise<App> => {
  const { namespace, road } = wanted;
  const host = hostOf(namespace);
  const { doing } = world.plane;
  await world.cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  world.prometheus.setValues(namespace, { success: 100 });
  await world.cache.list(KINDS.canary);
  const phaseNow = watchPhase(world, namespace);
  const own = wanted.revertOnDeletion === true ? [service(namespace), ...road.own(namespace)] : [];
  await world.cluster.apply(deployment(wanted), ...own, ...road.entry(namespace, host));
  const phase = async (expected: string | undefined, timeoutMs = 120_000): Promise<number> => {
    const look = (): boolean => {
      world.assertHealthy();
      return phaseNow() === expected;
    };
    await eventually(look, { what: `${namespace} to be ${expected ?? 'gone'}`, timeoutMs, everyMs: 10 });
    return Date.now();
  };
  return {
    world,
    namespace,
    host,
    phase,
    weights: await watchWeights({ ...world, ...(doing && { doing: () => doing(host) }) }, road.reading, {
      namespace,
      name: NAME,
    }),
    start: async () => {
      await world.cluster.apply(canary(wanted, host));
      await phase('Initialized');
    },
    release: async (revision) => {
      const at = Date.now();
      await world.kube.patch(refTo(KINDS.deployment, namespace, NAME), { spec: { template: template(revision) } });
      await phase('Progressing');
      return at;
    },
    remove: async () => {
      await world.kube.remove(refTo(KINDS.canary, namespace, NAME));
      await phase(undefined);
    },
  };
};

/** The same with a Canary, once everybody is served by the primary. */
export const deployApp = async (world: World, wanted: Wanted): Promise<App> => {
  const app = await prepareApp(world, wanted);
  await app.start();
  return app;
};
