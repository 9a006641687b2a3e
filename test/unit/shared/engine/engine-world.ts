/** A simulated cluster, and what the engine needs to work on it, in virtual time. */
import type { Canary } from '../../../../shared/api/canary.ts';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../../shared/api/kube.ts';
import type { HttpRequest, HttpResult } from '../../../../shared/api/model.ts';
import type { EngineDeps } from '../../../../shared/engine/deps.ts';
import { Memory } from '../../../../shared/engine/memory.ts';
import type { Kube } from '../../../../shared/engine/ports.ts';
import { eventQueue } from '../../../../shared/engine/recorder.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/engine/settings.ts';
import type { TickInput } from '../../../../shared/engine/tick.ts';
import { createCache } from '../../../../shared/kube/cache.ts';
import { silentLog } from '../../../../shared/platform/log.ts';
import { seededRandom } from '../../../../shared/platform/random.ts';
import { createVirtualClock, type VirtualClock } from '../../../../shared/sim/clock.ts';
import { createSimKube, type SimKubeOptions } from '../../../../shared/sim/kube.ts';
import { createSimServer, type SimServer } from '../../../../shared/sim/server.ts';
import { ourCrds } from '../../../golden/runner/cluster.ts';

export interface EngineWorld {
  readonly server: SimServer;
  readonly clock: VirtualClock;
  /** The cluster as everybody else sees it. */
  readonly kube: Kube;
  readonly deps: EngineDeps;
  /** What hooks and metrics were asked, in order. */
  readonly asked: HttpRequest[];
  /** Series as they were set, `name{labels}`; one that was forgotten is gone. */
  readonly series: Map<string, number>;
  /** Answers the next requests; 200 with an empty body unless told. */
  answer: (request: HttpRequest, signal: AbortSignal | undefined) => Promise<HttpResult>;
  canary(name?: string): Canary;
  events(): string[];
  tick(): TickInput;
  /** Lets virtual time pass until the work is done. */
  pass<T>(work: Promise<T>): Promise<T>;
}

export const answered = (status: number, body = ''): HttpResult => ({
  ok: true,
  status,
  body,
  headers: {},
  attempts: 1,
});

const seriesOf = (series: Map<string, number>): EngineDeps['metrics'] => {
  const key = (name: string, labels: object): string => `${name}${JSON.stringify(labels)}`;
  const hasAll = (one: string, name: string, labels: object): boolean =>
    one.startsWith(`${name}{`) &&
    Object.entries(labels).every(([label, value]) => one.includes(`"${label}":"${String(value)}"`));
  return {
    set: (name, labels, value) => void series.set(key(name, labels), value),
    add: (name, labels, value = 1) => void series.set(key(name, labels), (series.get(key(name, labels)) ?? 0) + value),
    observe: () => undefined,
    forget(name, labels) {
      for (const one of series.keys()) if (hasAll(one, name, labels)) series.delete(one);
    },
  };
};

/** A cluster with our CRDs and these objects; `intercept` sees the engine's own calls, and may fail them. */
export const openEngineWorld = async (
  objects: readonly [kind: (typeof KINDS)[keyof typeof KINDS], object: KubeObject][],
  intercept?: SimKubeOptions['intercept'],
): Promise<EngineWorld> => {
  const clock = createVirtualClock();
  const server = createSimServer({ clock, kinds: [KINDS.scaledObject] });
  for (const crd of ourCrds()) await server.kube.create(KINDS.crd, crd);
  await clock.advance(1000);
  for (const [kind, object] of objects) await server.kube.create(kind, object);
  const asked: HttpRequest[] = [];
  const series = new Map<string, number>();
  const random = seededRandom(1);
  const kube = createSimKube(server, intercept === undefined ? {} : { intercept });
  const events = eventQueue(clock, new AbortController().signal);
  const world: EngineWorld = {
    server,
    clock,
    kube: server.kube,
    asked,
    series,
    answer: () => Promise.resolve(answered(200)),
    deps: {
      kube,
      cache: createCache({ kube, clock, random, log: silentLog }),
      http: {
        send(request, signal) {
          asked.push(request);
          return world.answer(request, signal);
        },
      },
      clock,
      random,
      log: silentLog,
      metrics: seriesOf(series),
      settings: { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes', metricsServer: 'http://prometheus' },
    },
    canary: (name = 'podinfo') => server.store.get('flagger.app/canaries', 'test', name) as Canary,
    events: () =>
      server.store.list('/events', 'test').map((event) => `${String(event['reason'])}: ${String(event['message'])}`),
    tick() {
      const { signal } = new AbortController();
      return {
        ref: refTo(KINDS.canary, 'test', 'podinfo'),
        problem: undefined,
        memory: new Memory(world.deps, events, signal),
        signal,
      };
    },
    async pass(work) {
      let isDone = false;
      const done = work.finally(() => (isDone = true));
      done.catch(() => undefined);
      await clock.advanceUntil(() => isDone);
      await events.settle(1000);
      return done;
    },
  };
  return world;
};
