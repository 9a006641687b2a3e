import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKube } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { createNamespace, installKinds } from '../golden/runner/cluster.ts';
import { recordedKinds } from '../golden/runner/kinds.ts';
import { startKnative } from '../golden/runner/knative.ts';
import { startRecorder } from '../golden/runner/recorder.ts';
import { runScenario } from '../golden/runner/run.ts';
import { loadScenario, RECORDED_HOST, rewrite } from '../golden/runner/scenario.ts';
import { coverage, SCENARIOS } from '../golden/runner/selection.ts';
import { serveEndpoint } from '../support/endpoint.ts';
import { HookReceiver, joinEndpoints } from '../support/hook-receiver.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { type Child, lastLines, startChild } from './control-plane/child.ts';
import { type ControlPlane, startControlPlane } from './control-plane/start.ts';

/** The garbage collector looks for new kinds every 30 s; until then it does not know Canaries as owners. */
const SETTLING = { arriveSeconds: 90, quietSeconds: 5 };
const PATIENCE_SECONDS = 300;

const results = new Map<string, string[]>();
let controller: Child | undefined;
/** Ends in reverse what was started. */
const endings: (() => Promise<void> | void)[] = [];

/** A control plane of its own: the recordings have KEDA's kinds without KEDA. */
const openCluster = async () => {
  const cluster = await startControlPlane();
  endings.push(() => cluster.stop());
  const kube = createKube(await loadConnection({ kubeconfig: cluster.kubeconfig }));
  endings.push(() => kube.close());
  return { cluster, kube };
};

const openWorld = async () => {
  const prometheus = new ScriptedPrometheus();
  const hooks = new HookReceiver();
  const served = await serveEndpoint(joinEndpoints(hooks, prometheus));
  endings.push(() => served.close());
  return { prometheus, hooks, host: served.host };
};

/** Our controller as the program that it is, with the flags of the recordings. */
const startController = (cluster: ControlPlane, host: string): Child => {
  const main = fileURLToPath(new URL('../../plugin/main.ts', import.meta.url));
  const program = ['--import', import.meta.resolve('tsx'), main, 'controller'];
  const flags = ['--mesh-provider', 'kubernetes', '--metrics-server', `http://${host}`, '--port', '0'];
  const args = [...program, '--kubeconfig', cluster.kubeconfig, ...flags];
  const controller = startChild({ name: 'controller', file: process.execPath, args }, cluster.folder);
  endings.push(() => controller.stop());
  return controller;
};

beforeAll(async () => {
  const [{ cluster, kube }, { prometheus, hooks, host }] = await Promise.all([openCluster(), openWorld()]);
  const scenarios = SCENARIOS.map((name) => rewrite(loadScenario(name), { [RECORDED_HOST]: host }));
  await installKinds(kube, systemClock, scenarios);
  const kinds = recordedKinds(scenarios);
  const recorder = await startRecorder(kube, kinds);
  endings.push(() => recorder.stop());
  const knative = startKnative(kube, kinds);
  endings.push(() => knative.stop());
  controller = startController(cluster, host);
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
  it('under a controller that lives to the end', () => {
    const reason = controller?.exitReason();
    expect(reason, controller === undefined ? '' : lastLines(controller.logFile)).toBeUndefined();
  });

  it.each(SCENARIOS)('%s', (name) => {
    expect(results.get(name)).toEqual([]);
  });
});
