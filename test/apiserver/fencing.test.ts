/** Two controllers as real processes; one is stopped by SIGSTOP in the middle of a pass, and wakes too late. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shardLease, shardOf } from '../../shared/engine/lease-names.ts';
import { createKube } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { createNamespace, installKinds } from '../golden/runner/cluster.ts';
import { describeMismatch } from '../golden/runner/compare.ts';
import { recordedKinds } from '../golden/runner/kinds.ts';
import { playScenario } from '../golden/runner/player.ts';
import { startRecorder } from '../golden/runner/recorder.ts';
import { createJudge, traceOf } from '../golden/runner/run.ts';
import { loadScenario, RECORDED_HOST, rewrite } from '../golden/runner/scenario.ts';
import { type Endpoint, serveEndpoint } from '../support/endpoint.ts';
import { HookReceiver, joinEndpoints } from '../support/hook-receiver.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { type AuditEvent, requestsOf } from './audit-log.ts';
import { type Child, lastLines, startChild } from './control-plane/child.ts';
import { eventually } from './control-plane/eventually.ts';
import { type ControlPlane, startControlPlane } from './control-plane/start.ts';

const HOME = 'kube-system';
const REPLICAS = ['first', 'second'] as const;
type Replica = (typeof REPLICAS)[number];

const userOf = (replica: Replica): string => `system:serviceaccount:${HOME}:${replica}`;

const WRITES = new Set(['create', 'update', 'patch', 'delete']);

/** The writes of both replicas that the API server accepted, in its order; events and reviews tell nothing of a rollout. */
const writesIn = (plane: ControlPlane): AuditEvent[] =>
  requestsOf(plane, REPLICAS.map(userOf)).filter(
    ({ verb, objectRef, responseStatus }) =>
      WRITES.has(verb) && objectRef?.resource !== 'events' && (responseStatus?.code ?? 500) < 300,
  );

const textOf = ({ user, verb, objectRef }: AuditEvent): string =>
  `${user.username} ${verb} ${objectRef?.resource}/${objectRef?.name ?? ''}${objectRef?.subresource ? `/${objectRef.subresource}` : ''}`;

/** Writes to the rollout by a replica that was not the last one to write its shard's Lease. */
const unfenced = (writes: readonly AuditEvent[], lease: string): string[] => {
  let holder = '';
  return writes.flatMap((write) => {
    const { resource, name } = write.objectRef ?? {};
    if (resource !== 'leases') return write.user.username === holder ? [] : [textOf(write)];
    if (name === lease) holder = write.user.username;
    return [];
  });
};

const scenario = loadScenario('nginx-canary');
const lease = shardLease(shardOf({ metadata: { namespace: scenario.namespace, name: scenario.canary } }));
const endings: (() => Promise<unknown> | void)[] = [];
const children = new Map<Replica, Child>();
let cluster: ControlPlane;
/** The replica that stood still, and how much had been written when it did and when it woke. */
let stopped: Replica | undefined;
let writesAtStop = 0;
let writesAtWake = 0;
let wrong: string[] = [];

const startReplica = async (replica: Replica, host: string): Promise<Child> => {
  const main = fileURLToPath(new URL('../../plugin/main.ts', import.meta.url));
  const kubeconfig = await cluster.serviceAccountKubeconfig(HOME, replica);
  const where = [
    '--kubeconfig',
    kubeconfig,
    '--leader-election-namespace',
    HOME,
    '--port',
    '0',
    '--log-level',
    'debug',
  ];
  const flags = ['--mesh-provider', 'kubernetes', '--metrics-server', `http://${host}`];
  const args = ['--import', import.meta.resolve('tsx'), main, 'controller', ...where, ...flags];
  const child = startChild({ name: replica, file: process.execPath, args }, cluster.folder);
  children.set(replica, child);
  endings.push(async () => {
    if (child.exitReason() === undefined) process.kill(child.pid, 'SIGCONT');
    await child.stop();
  });
  return child;
};

const shardHolder = (): Replica | undefined => {
  const user = writesIn(cluster).findLast(({ objectRef }) => objectRef?.name === lease)?.user.username;
  return REPLICAS.find((replica) => userOf(replica) === user);
};

/** Answers queries; the first one after the traffic moved stops the process that asked it before it hears the answer. */
const stoppingAtQuery = (endpoint: Endpoint, hasTraffic: () => boolean): Endpoint => ({
  answer(exchange) {
    if (stopped === undefined && hasTraffic() && exchange.url.pathname.includes('query')) {
      stopped = shardHolder();
      if (stopped !== undefined) process.kill(children.get(stopped)?.pid ?? 0, 'SIGSTOP');
      writesAtStop = writesIn(cluster).length;
    }
    return endpoint.answer(exchange);
  },
});

beforeAll(async () => {
  cluster = await startControlPlane({ audit: true });
  endings.push(() => cluster.stop());
  const kube = createKube(await loadConnection({ kubeconfig: cluster.kubeconfig }));
  endings.push(() => kube.close());
  await installKinds(kube, systemClock, [scenario]);
  const recorder = await startRecorder(kube, recordedKinds([scenario]));
  endings.push(() => recorder.stop());
  await createNamespace(kube, scenario.namespace);
  for (const replica of REPLICAS) {
    await cluster.kubectl(['create', 'serviceaccount', replica, '-n', HOME]);
    await cluster.kubectl([
      'create',
      'clusterrolebinding',
      replica,
      '--clusterrole=cluster-admin',
      `--serviceaccount=${HOME}:${replica}`,
    ]);
  }
  const weightNow = (): number => {
    const state = recorder.statesOf(scenario.namespace, `flagger.app/canaries/${scenario.canary}`).at(-1);
    return state === undefined || state === 'DELETED'
      ? 0
      : Number((state['status'] as { canaryWeight?: number })?.canaryWeight ?? 0);
  };
  const prometheus = new ScriptedPrometheus();
  const hooks = new HookReceiver();
  const served = await serveEndpoint(stoppingAtQuery(joinEndpoints(hooks, prometheus), () => weightNow() > 0));
  endings.push(() => served.close());
  const played = rewrite(scenario, { [RECORDED_HOST]: served.host, '"interval":"10s"': '"interval":"5s"' });
  await startReplica('first', served.host);
  await eventually(() => shardHolder() === 'first', { what: 'the first replica has the shard' });
  await startReplica('second', served.host);
  const stage = { kube, clock: systemClock, recorder, prometheus, hooks, patienceSeconds: 300 };
  const playing = playScenario(stage, played);
  playing.catch(() => undefined);
  await eventually(() => stopped !== undefined, { what: 'a replica stands still' });
  const before = weightNow();
  await eventually(() => weightNow() > before, { what: 'the other one has taken the next step', timeoutMs: 120_000 });
  writesAtWake = writesIn(cluster).length;
  process.kill(children.get(stopped as Replica)?.pid ?? 0, 'SIGCONT');
  await playing;
  recorder.check();
  const differing = createJudge(played)(traceOf(stage, scenario.namespace)).filter(({ subject }) =>
    subject.includes('/'),
  );
  wrong = differing.map(describeMismatch);
});

afterAll(async () => {
  for (const end of endings.toReversed()) await end();
});

describe('a controller that stood still in the middle of a pass', () => {
  it('was replaced, and woke while the other one drove', () => {
    expect(stopped).toBeDefined();
    const other = REPLICAS.filter((replica) => replica !== stopped).map(userOf);
    const since = writesIn(cluster).slice(writesAtStop, writesAtWake);
    // What was on its way when the process was stopped may still be answered; nothing is once another has the shard.
    const takenAt = since.findIndex(
      ({ user, objectRef }) => objectRef?.name === lease && other.includes(user.username),
    );
    expect(takenAt).toBeGreaterThanOrEqual(0);
    expect([...new Set(since.slice(takenAt).map(({ user }) => user.username))]).toEqual(other);
  });

  it('writes nothing when it wakes, before the shard is its own again', () => {
    const late = writesIn(cluster)
      .slice(writesAtWake)
      .filter(({ user }) => user.username === userOf(stopped as Replica));
    const again = late.findIndex(({ objectRef }) => objectRef?.name === lease);
    const before = again < 0 ? late : late.slice(0, again);
    expect(before.filter(({ objectRef }) => objectRef?.resource !== 'leases').map(textOf)).toEqual([]);
  });

  it('is told why its pass was dropped', () => {
    const { logFile } = children.get(stopped as Replica) as Child;
    expect(lastLines(logFile, 10_000)).toMatch(/pass dropped: the lease has run out/);
  });

  it('never wrote beside the other one: each write was made by whoever had the shard', () => {
    expect(unfenced(writesIn(cluster), lease)).toEqual([]);
  });

  it('leaves a rollout in which no step was lost or doubled', () => {
    expect(wrong).toEqual([]);
  });

  it('lives on', () => {
    for (const child of children.values()) expect(child.exitReason()).toBeUndefined();
  });
});
