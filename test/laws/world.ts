import type { Canary } from '../../shared/api/canary.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../shared/api/kube.ts';
import { refTo } from '../../shared/api/kube.ts';
import { startController } from '../../shared/engine/controller.ts';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import type { Http, Kube } from '../../shared/engine/ports.ts';
import { sleep } from '../../shared/engine/ports.ts';
import { DEFAULT_SETTINGS } from '../../shared/engine/settings.ts';
import { createCache } from '../../shared/kube/cache.ts';
import { silentLog } from '../../shared/platform/log.ts';
import { seededRandom } from '../../shared/platform/random.ts';
import type { VirtualClock } from '../../shared/sim/clock.ts';
import { createVirtualClock } from '../../shared/sim/clock.ts';
import { startControllers } from '../../shared/sim/controllers/index.ts';
import type { SimServer } from '../../shared/sim/server.ts';
import { createSimServer } from '../../shared/sim/server.ts';
import type { Change } from '../../shared/sim/store.ts';
import { ourCrds } from '../golden/runner/cluster.ts';
import { RECORDED_HOST } from '../golden/runner/scenario.ts';
import { createMemoryHttp } from '../support/endpoint.ts';
import { HookReceiver, joinEndpoints } from '../support/hook-receiver.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { NAMESPACE, nextImage, objectsOf, type Plan } from './plan.ts';

export interface Ports {
  readonly kube: Kube;
  readonly http: Http;
}

/** One change of one object, and when. */
export interface Seen extends Change {
  readonly at: number;
}

export interface World extends Ports {
  readonly clock: VirtualClock;
  readonly server: SimServer;
  readonly prometheus: ScriptedPrometheus;
  readonly hooks: HookReceiver;
  /** Every change since the world began, in order. */
  readonly seen: Seen[];
  depsOver(ports: Ports): EngineDeps;
  /** Starts a driver through these ports: the world's own unless given. */
  startDriver(ports?: Ports): Promise<{ stop(): Promise<void> }>;
  canary(): Canary;
  stop(): void;
}

const meshKind = (apiVersion: string, kind: string): Kind => ({
  apiVersion,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
});
const MESH_KINDS: readonly Kind[] = [
  meshKind('traefik.io/v1alpha1', 'TraefikService'),
  meshKind('networking.istio.io/v1beta1', 'VirtualService'),
  meshKind('networking.istio.io/v1beta1', 'DestinationRule'),
];
const KIND_OF: Readonly<Record<string, Kind>> = {
  Deployment: KINDS.deployment,
  Service: KINDS.service,
  HorizontalPodAutoscaler: KINDS.hpa,
  ScaledObject: KINDS.scaledObject,
  Canary: KINDS.canary,
  Ingress: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true },
};

const SETTINGS = { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes', metricsServer: `http://${RECORDED_HOST}` };
const NO_METRICS: EngineDeps['metrics'] = { set() {}, add() {}, observe() {}, forget() {} };

export const openWorld = async (plan: Plan): Promise<World> => {
  const clock = createVirtualClock();
  const server = createSimServer({ clock, kinds: [KINDS.scaledObject, ...MESH_KINDS] });
  const { kube } = server;
  for (const crd of ourCrds()) await kube.create(KINDS.crd, crd);
  await clock.advance(1000);
  const seen: Seen[] = [];
  server.store.subscribe((change) => seen.push({ ...change, at: clock.now() }));
  const controllers = startControllers(server, {
    clock,
    only: ['deployment', 'replicaset', 'pod'],
    readyAfterMs: plan.readyAfterMs,
  });
  const prometheus = new ScriptedPrometheus(() => clock.now());
  const hooks = new HookReceiver();
  const http = createMemoryHttp({ [RECORDED_HOST]: joinEndpoints(hooks, prometheus) }, clock);
  const depsOver = (ports: Ports): EngineDeps => {
    const random = seededRandom(1);
    const cache = createCache({ kube: ports.kube, clock, random, log: silentLog });
    return { ...ports, cache, clock, random, log: silentLog, metrics: NO_METRICS, settings: SETTINGS };
  };
  return {
    kube,
    http,
    clock,
    server,
    prometheus,
    hooks,
    seen,
    depsOver,
    async startDriver(ports = { kube, http }) {
      const deps = depsOver(ports);
      const controller = await startController(deps);
      return {
        async stop() {
          deps.cache.close();
          await controller.stop();
        },
      };
    },
    canary: () => server.store.get('flagger.app/canaries', NAMESPACE, 'podinfo') as Canary,
    stop: () => controllers.stop(),
  };
};

export const applyObjects = async ({ kube }: World, objects: readonly KubeObject[]): Promise<void> => {
  for (const object of objects) await kube.create(KIND_OF[object.kind] as Kind, object);
};

export const setImage = async ({ kube }: World, image: string): Promise<void> => {
  const patch = {
    spec: {
      template: {
        spec: {
          containers: [{ name: 'podinfod', image, ports: [{ name: 'http', containerPort: 9898, protocol: 'TCP' }] }],
        },
      },
    },
  };
  await kube.patch(refTo(KINDS.deployment, NAMESPACE, 'podinfo'), patch, { type: 'merge' });
};

/** Lets time pass until the Canary is as `test` says. Throws after `limitMs` of virtual time. */
export const until = async (world: World, test: (canary: Canary) => boolean, limitMs = 1_800_000): Promise<void> => {
  const done = (): boolean => world.canary() !== undefined && test(world.canary());
  try {
    await world.clock.advanceUntil(done, limitMs);
  } catch (error) {
    throw new Error(`${(error as Error).message}; status ${JSON.stringify(world.canary().status)}`, { cause: error });
  }
};

const ENDED: readonly (string | undefined)[] = ['Succeeded', 'Failed'];

/** The new revision and the world around it: metrics, hooks that open, a further revision. */
const begin = async (world: World, plan: Plan): Promise<number> => {
  const { clock, hooks, prometheus } = world;
  prometheus.setValues(NAMESPACE, { success: plan.success });
  for (const { type, opensAfterMs } of plan.hooks) {
    if (opensAfterMs !== 0) hooks.setCode(NAMESPACE, type, 500);
    if (typeof opensAfterMs === 'number') clock.after(opensAfterMs, () => hooks.setCode(NAMESPACE, type, 200));
  }
  await setImage(world, nextImage(plan, 2));
  if (plan.nextAfterMs === undefined) return 2;
  void sleep(clock, plan.nextAfterMs).then(() => setImage(world, nextImage(plan, 3)));
  return 3;
};

/** True once the revision of `image` has ended, and everything else with it. */
const hasEnded = (world: World, image: string, canary: Canary): boolean => {
  const last = canary.status?.history?.at(-1);
  return ENDED.includes(canary.status?.phase) && last?.image === image && world.clock.now() > 0;
};

const QUIET_MS = 90_000;

/** Plays the plan to its end under whatever drives the world. */
export const playPlan = async (world: World, plan: Plan): Promise<void> => {
  await applyObjects(world, objectsOf(plan));
  await until(world, (canary) => canary.status?.phase === 'Initialized');
  const last = await begin(world, plan);
  await until(world, (canary) => hasEnded(world, nextImage(plan, last), canary));
  await world.clock.advance(QUIET_MS);
};
