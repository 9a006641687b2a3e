import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startController } from '../../shared/engine/controller.ts';
import { DEFAULT_SETTINGS } from '../../shared/engine/settings.ts';
import { createCache } from '../../shared/kube/cache.ts';
import { createKube } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { createHttp } from '../../shared/platform/http.ts';
import { silentLog } from '../../shared/platform/log.ts';
import { createMetrics } from '../../shared/platform/metrics.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { createNamespace, installKinds } from '../golden/runner/cluster.ts';
import { recordedKinds } from '../golden/runner/kinds.ts';
import { startRecorder } from '../golden/runner/recorder.ts';
import { runScenario } from '../golden/runner/run.ts';
import { loadScenario, RECORDED_HOST, rewrite } from '../golden/runner/scenario.ts';
import { coverage, SCENARIOS } from '../golden/runner/selection.ts';
import { serveEndpoint } from '../support/endpoint.ts';
import { HookReceiver, joinEndpoints } from '../support/hook-receiver.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { startControlPlane } from './control-plane/start.ts';

/** The garbage collector looks for new kinds every 30 s; until then it does not know Canaries as owners. */
const SETTLING = { arriveSeconds: 90, quietSeconds: 5 };
const PATIENCE_SECONDS = 300;

const results = new Map<string, string[]>();
/** Ends in reverse what was started. */
const endings: (() => Promise<void> | void)[] = [];

/** A control plane of its own: the recordings have KEDA's kinds without KEDA. */
const openCluster = async () => {
  const cluster = await startControlPlane();
  endings.push(() => cluster.stop());
  const connection = await loadConnection({ kubeconfig: cluster.kubeconfig });
  const kube = createKube(connection);
  endings.push(() => kube.close());
  return kube;
};

const openWorld = async () => {
  const prometheus = new ScriptedPrometheus();
  const hooks = new HookReceiver();
  const served = await serveEndpoint(joinEndpoints(hooks, prometheus));
  endings.push(() => served.close());
  return { prometheus, hooks, host: served.host };
};

const driveWith = async (kube: ReturnType<typeof createKube>, host: string): Promise<void> => {
  const shared = { clock: systemClock, random: systemRandom, log: silentLog };
  const cache = createCache({ kube, ...shared });
  const http = createHttp({ clock: systemClock });
  const metrics = await createMetrics({ processMetrics: false });
  const settings = { ...DEFAULT_SETTINGS, meshProvider: 'kubernetes', metricsServer: `http://${host}` };
  const controller = await startController({ kube, cache, http, metrics, settings, ...shared });
  endings.push(async () => {
    await controller.stop();
    cache.close();
    await http.close();
  });
};

beforeAll(async () => {
  const [kube, { prometheus, hooks, host }] = await Promise.all([openCluster(), openWorld()]);
  const scenarios = SCENARIOS.map((name) => rewrite(loadScenario(name), { [RECORDED_HOST]: host }));
  await installKinds(kube, systemClock, scenarios);
  const recorder = await startRecorder(kube, recordedKinds(scenarios));
  endings.push(() => recorder.stop());
  await driveWith(kube, host);
  for (const { namespace } of scenarios) await createNamespace(kube, namespace);
  const stage = { kube, clock: systemClock, recorder, prometheus, hooks, patienceSeconds: PATIENCE_SECONDS };
  await Promise.all(
    scenarios.map(async (scenario) => results.set(scenario.name, await runScenario(stage, scenario, SETTLING))),
  );
});

afterAll(async () => {
  for (const end of endings.toReversed()) await end();
  process.stdout.write(`${coverage()} on the real API server\n`);
});

describe('on the real API server, a rollout is as recorded', () => {
  it.each(SCENARIOS)('%s', (name) => {
    expect(results.get(name)).toEqual([]);
  });
});
