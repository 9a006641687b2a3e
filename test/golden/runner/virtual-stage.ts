import { startController } from '../../../shared/engine/controller.ts';
import type { EngineDeps } from '../../../shared/engine/deps.ts';
import type { Http, Kube } from '../../../shared/engine/ports.ts';
import { DEFAULT_SETTINGS } from '../../../shared/engine/settings.ts';
import { createCache } from '../../../shared/kube/cache.ts';
import { silentLog } from '../../../shared/platform/log.ts';
import { seededRandom } from '../../../shared/platform/random.ts';
import type { VirtualClock } from '../../../shared/sim/clock.ts';
import { createVirtualClock } from '../../../shared/sim/clock.ts';
import { startControllers } from '../../../shared/sim/controllers/index.ts';
import type { SimServer } from '../../../shared/sim/server.ts';
import { createSimServer } from '../../../shared/sim/server.ts';
import { createMemoryHttp } from '../../support/endpoint.ts';
import { HookReceiver, joinEndpoints } from '../../support/hook-receiver.ts';
import { ScriptedPrometheus } from '../../support/scripted-prometheus.ts';
import { createNamespace, installKinds } from './cluster.ts';
import { recordedKinds } from './kinds.ts';
import { startKnative } from './knative.ts';
import type { Stage } from './player.ts';
import { startRecorder } from './recorder.ts';
import { runScenario } from './run.ts';
import type { Scenario } from './scenario.ts';
import { RECORDED_HOST } from './scenario.ts';

/** One driver at work: the controller, until stopped. */
export interface RunningDriver {
  stop(): Promise<void>;
}

export interface DriverPorts {
  readonly kube: Kube;
  readonly http: Http;
}

/** A whole world in this process, in time of its own. Nothing drives Canaries yet. */
export interface VirtualWorld extends Stage {
  readonly clock: VirtualClock;
  readonly server: SimServer;
  readonly http: Http;
  /** Starts a controller whose requests go through these ports: the world's own unless given. */
  startDriver(through?: DriverPorts): Promise<RunningDriver>;
  stop(): Promise<void>;
}

const SETTINGS = { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes', metricsServer: `http://${RECORDED_HOST}` };

/** Lets time pass until `work` is done. */
export const passTime = async <T>(clock: VirtualClock, work: Promise<T>): Promise<T> => {
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  done.catch(() => undefined);
  await clock.advanceUntil(() => isDone);
  return done;
};

/** Opens a world that serves what `scenario` needs, with controllers for Deployments and garbage, as in the recordings. */
export const openVirtualWorld = async (scenario: Scenario): Promise<VirtualWorld> => {
  const clock = createVirtualClock();
  const server = createSimServer({ clock });
  const { kube } = server;
  await passTime(clock, installKinds(kube, clock, [scenario]));
  await createNamespace(kube, scenario.namespace);
  const controllers = startControllers(server, { clock });
  const kinds = recordedKinds([scenario]);
  const recorder = await startRecorder(kube, kinds);
  const knative = startKnative(kube, kinds);
  const prometheus = new ScriptedPrometheus(() => clock.now());
  const hooks = new HookReceiver();
  const http = createMemoryHttp({ [RECORDED_HOST]: joinEndpoints(hooks, prometheus) }, clock);

  const startDriver = async (through: DriverPorts = { kube, http }): Promise<RunningDriver> => {
    const random = seededRandom(1);
    const log = silentLog;
    const metrics: EngineDeps['metrics'] = { set() {}, add() {}, observe() {}, forget() {} };
    const cache = createCache({ kube: through.kube, clock, random, log });
    const deps: EngineDeps = { ...through, cache, clock, random, log, metrics, settings: SETTINGS };
    const controller = await startController(deps);
    return {
      async stop() {
        cache.close();
        await controller.stop();
      },
    };
  };

  return {
    kube,
    clock,
    server,
    recorder,
    prometheus,
    hooks,
    http,
    patienceSeconds: 900,
    startDriver,
    async stop() {
      controllers.stop();
      await knative.stop();
      await recorder.stop();
    },
  };
};

const SETTLING = { arriveSeconds: 30, quietSeconds: 60 };

/** Plays a scenario under our controller in virtual time. Answers what differs from the recording; empty means equal. */
export const runVirtually = async (scenario: Scenario): Promise<string[]> => {
  const world = await openVirtualWorld(scenario);
  const driver = await world.startDriver();
  try {
    return await passTime(world.clock, runScenario(world, scenario, SETTLING));
  } finally {
    await driver.stop();
    await world.stop();
  }
};
