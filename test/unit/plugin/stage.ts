/** A simulated cluster with a Deployment, an Ingress and a Canary on it, a controller when wanted, and a terminal. */

import { COMMANDS } from '../../../plugin/cli/table.ts';
import { shardLeases } from '../../../plugin/drive/leases.ts';
import type { Canary } from '../../../shared/api/canary.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../shared/api/kube.ts';
import { startController } from '../../../shared/engine/controller.ts';
import type { EngineDeps } from '../../../shared/engine/deps.ts';
import { CONTROLLER_NAMESPACE } from '../../../shared/engine/lease-names.ts';
import { DEFAULT_SETTINGS } from '../../../shared/engine/settings.ts';
import { createCache } from '../../../shared/kube/cache.ts';
import { silentLog } from '../../../shared/platform/log.ts';
import { seededRandom } from '../../../shared/platform/random.ts';
import { createVirtualClock, type VirtualClock } from '../../../shared/sim/clock.ts';
import { startControllers } from '../../../shared/sim/controllers/index.ts';
import { installCrds } from '../../../shared/sim/install.ts';
import { createSimServer, type SimServer } from '../../../shared/sim/server.ts';
import { createTestTerminal, type TerminalOptions, type TestTerminal } from './terminal.ts';

const DEPLOYMENT: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'podinfo', namespace: 'test', labels: { app: 'podinfo' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'podinfo' } },
    template: {
      metadata: { labels: { app: 'podinfo' } },
      spec: {
        containers: [
          { name: 'podinfod', image: 'example.org/podinfo:1.0.0', ports: [{ name: 'http', containerPort: 9898 }] },
        ],
      },
    },
  },
};

const INGRESS: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: {
    ingressClassName: 'nginx',
    rules: [
      {
        host: 'app.example.com',
        http: {
          paths: [{ pathType: 'Prefix', path: '/', backend: { service: { name: 'podinfo', port: { number: 80 } } } }],
        },
      },
    ],
  },
};

const CANARY: KubeObject = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'podinfo', namespace: 'test', labels: { team: 'shop' } },
  spec: {
    provider: 'nginx',
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' },
    service: { port: 80, targetPort: 9898 },
    analysis: {
      interval: '10s',
      threshold: 2,
      maxWeight: 50,
      stepWeight: 10,
      metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '1m' }],
    },
  },
};

const INGRESSES = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true };

export interface Stage {
  readonly server: SimServer;
  readonly clock: VirtualClock;
  /** What Prometheus answers to every query; undefined: nothing was measured. */
  metric: number | undefined;
  terminal(options?: TerminalOptions): TestTerminal;
  /** Runs a command to its end, virtual time passing as it needs. */
  run(terminal: TestTerminal, ...argv: string[]): Promise<number>;
  startController(): Promise<{ stop(): Promise<void> }>;
  canary(): Promise<Canary>;
  /** Lets time pass until the Canary fulfils the condition. */
  until(condition: (canary: Canary) => boolean): Promise<void>;
  setImage(tag: string): Promise<void>;
  /** Lets time pass until `work` is done. */
  pass<T>(work: Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Loading a command's code takes real time, of which virtual time knows nothing: all of it is loaded ahead. */
const loadCommands = (): Promise<unknown> =>
  Promise.all([...COMMANDS.map(({ load }) => load()), import('../../../plugin/cli/parse.ts')]);

export const createStage = async (): Promise<Stage> => {
  await loadCommands();
  const clock = createVirtualClock();
  const server = createSimServer({ clock });
  const { kube } = server;
  const controllers = startControllers(server, { clock });
  const endings: (() => Promise<void>)[] = [];

  const pass = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    done.catch(() => undefined);
    await clock.advanceUntil(() => isDone);
    return done;
  };
  const canary = async () => (await kube.get(refTo(KINDS.canary, 'test', 'podinfo'))) as Canary;
  const stage: Stage = {
    server,
    clock,
    metric: 99.9,
    pass,
    canary,
    terminal: (options = {}) => createTestTerminal({ kube, clock, ...options }),
    run: (terminal, ...argv) => pass(terminal.run(...argv)),
    startController: async () => {
      const http: EngineDeps['http'] = {
        send: async () => {
          const result = stage.metric === undefined ? [] : [{ metric: {}, value: [0, String(stage.metric)] }];
          return {
            ok: true,
            status: 200,
            body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }),
            headers: {},
            attempts: 1,
          };
        },
      };
      const [random, log] = [seededRandom(1), silentLog];
      const metrics: EngineDeps['metrics'] = { set() {}, add() {}, observe() {}, forget() {} };
      const cache = createCache({ kube, clock, random, log });
      const shards = shardLeases({ kube, clock, namespace: CONTROLLER_NAMESPACE }, '');
      const settings = { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes', metricsServer: 'http://prometheus' };
      const running = await pass(startController({ kube, cache, http, clock, random, log, metrics, settings, shards }));
      let isStopped = false;
      const stop = async () => {
        if (isStopped) return;
        isStopped = true;
        await pass(running.stop());
        cache.close();
      };
      endings.push(stop);
      return { stop };
    },
    until: async (condition) => void (await clock.advanceUntil(async () => condition(await canary()), 3_600_000)),
    setImage: async (tag) => {
      const path = '/spec/template/spec/containers/0/image';
      await kube.patch(
        refTo(KINDS.deployment, 'test', 'podinfo'),
        [{ op: 'replace', path, value: `example.org/podinfo:${tag}` }],
        { type: 'json' },
      );
    },
    stop: async () => {
      for (const end of endings) await end();
      controllers.stop();
    },
  };
  await installCrds(server);
  await clock.advance(1000);
  await kube.create(KINDS.deployment, DEPLOYMENT);
  await kube.create(INGRESSES, INGRESS);
  await kube.create(KINDS.canary, CANARY);
  return stage;
};
