import { beforeEach, describe, expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../shared/api/kube.ts';
import { refTo } from '../../../shared/api/kube.ts';
import type { VirtualClock } from '../../../shared/sim/clock.ts';
import { createVirtualClock } from '../../../shared/sim/clock.ts';
import { createSimServer } from '../../../shared/sim/server.ts';
import { aCanary } from '../../make/canary.ts';
import { aDeployment } from '../../make/deployment.ts';
import { HookReceiver } from '../../support/hook-receiver.ts';
import { ScriptedPrometheus } from '../../support/scripted-prometheus.ts';
import { ourCrds } from './cluster.ts';
import type { Stage } from './player.ts';
import { playScenario } from './player.ts';
import { startRecorder } from './recorder.ts';
import type { Scenario, Step } from './scenario.ts';

const NAMESPACE = 'test';
const canary = refTo(KINDS.canary, NAMESPACE, 'podinfo');

let clock: VirtualClock;
let stage: Stage;

beforeEach(async () => {
  clock = createVirtualClock();
  const { kube } = createSimServer({ clock });
  for (const crd of ourCrds()) await kube.create(KINDS.crd, crd);
  const recorder = await startRecorder(kube, [KINDS.canary, KINDS.deployment]);
  stage = {
    kube,
    clock,
    recorder,
    prometheus: new ScriptedPrometheus(),
    hooks: new HookReceiver(),
    patienceSeconds: 60,
  };
});

const setStatus = async (status: object): Promise<void> => {
  await stage.kube.patch(
    canary,
    { status: { canaryWeight: 0, failedChecks: 0, iterations: 0, ...status } },
    { type: 'merge', subresource: 'status' },
  );
};

/** A controller that only writes what it is told, some seconds after the Canary came. */
const puppet = (...scheduled: (readonly [seconds: number, act: () => Promise<unknown>])[]): void => {
  for (const [seconds, act] of scheduled) clock.after(seconds * 1000, () => void act());
};

const play = async (...steps: Step[]): Promise<{ seconds: number; failure: string | undefined }> => {
  const scenario: Scenario = {
    name: 'demo',
    namespace: NAMESPACE,
    canary: 'podinfo',
    values: {},
    objects: [aDeployment(), aCanary()],
    steps,
    expect: { objects: {}, events: [], hooks: [], alerts: [], queries: [] },
  };
  let end: { failure: string | undefined } | undefined;
  void playScenario(stage, scenario).then(
    () => (end = { failure: undefined }),
    (error: unknown) => (end = { failure: (error as Error).message }),
  );
  const took = await clock.advanceUntil(() => end !== undefined);
  return { seconds: took / 1000, failure: end?.failure };
};

describe('the player', () => {
  it('waits for a phase', async () => {
    puppet([5, () => setStatus({ phase: 'Initialized' })]);
    expect(await play(['phase', 'Initialized'])).toEqual({ seconds: 5, failure: undefined });
  });

  it('takes a phase that passed faster than anybody looks', async () => {
    puppet([
      5,
      async () => {
        await setStatus({ phase: 'Progressing' });
        await setStatus({ phase: 'Succeeded' });
      },
    ]);
    expect(await play(['sleep', 10], ['phase', 'Progressing'], ['phase', 'Succeeded'])).toEqual({
      seconds: 10,
      failure: undefined,
    });
  });

  it('does not take a state from before the step before', async () => {
    puppet([5, () => setStatus({ phase: 'Succeeded' })], [30, () => setStatus({ phase: 'Succeeded', iterations: 1 })]);
    expect((await play(['sleep', 10], ['values', {}], ['phase', 'Succeeded'])).seconds).toBe(30);
  });

  it('waits for a field to reach a number', async () => {
    puppet([5, () => setStatus({ canaryWeight: 10 })], [9, () => setStatus({ canaryWeight: 30 })]);
    expect((await play(['reach', 'canaryWeight', 20])).seconds).toBe(9);
  });

  it('gives up after the time of the step and tells the last status', async () => {
    puppet([5, () => setStatus({ phase: 'Failed' })]);
    const { seconds, failure } = await play(['phase', 'Succeeded', 20]);
    expect(seconds).toBe(20);
    expect(failure).toContain('scenario demo, step ["phase","Succeeded",20]: not within 20 s');
    expect(failure).toContain('"phase":"Failed"');
  });

  it('patches, applies and deletes, and waits until the Canary is gone', async () => {
    const deployment = { ...aDeployment(), spec: { ...aDeployment().spec, replicas: 5 } } as KubeObject;
    const patch = { metadata: { annotations: { rev: '2' } } };
    expect(
      await play(['apply', deployment], ['patch', aCanary(), patch], ['delete', aCanary()], ['gone']),
    ).toMatchObject({ failure: undefined });
    const objects = stage.recorder.objectsOf(NAMESPACE);
    expect(objects['apps/deployments/podinfo']?.at(-1)).toMatchObject({ spec: { replicas: 5 } });
    const [first, second, last] = objects['flagger.app/canaries/podinfo'] ?? [];
    expect(first).not.toHaveProperty('metadata.annotations.rev');
    expect(second).toMatchObject({ metadata: { annotations: { rev: '2' } } });
    expect(last).toBe('DELETED');
  });

  it('changes what Prometheus and the hooks answer, in the order of the steps', async () => {
    let seen: unknown;
    puppet([
      5,
      async () => {
        const url = new URL(`http://x/api/v1/query?query=rate(a{n="${NAMESPACE}"})`);
        seen = [
          stage.prometheus.answer({ method: 'GET', url, body: '' }).body,
          stage.hooks.answer({ method: 'POST', url: new URL(`http://x/hook/${NAMESPACE}/gate`), body: '{}' }).status,
        ];
        await setStatus({ phase: 'Failed' });
      },
    ]);
    await play(
      ['values', { success: 61.5 }],
      ['hook', 'gate', 403],
      ['phase', 'Failed'],
      ['values', { success: 100 }],
      ['hook', 'gate', 200],
    );
    expect(seen).toEqual([expect.stringContaining('"61.5"'), 403]);
  });
});

describe('the recorder', () => {
  it('keeps the events of Canaries in order, those that only counted up included', async () => {
    const event = (message: string, count: number, kind = 'Canary'): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `podinfo.${message}`, namespace: NAMESPACE },
      involvedObject: { kind, name: 'podinfo', namespace: NAMESPACE },
      type: 'Normal',
      reason: 'Synced',
      message,
      count,
    });
    const counted = { count: 2 };
    await stage.kube.create(KINDS.event, event('a', 1));
    await stage.kube.create(KINDS.event, event('b', 1));
    await stage.kube.create(KINDS.event, event('c', 1, 'Deployment'));
    await stage.kube.patch(refTo(KINDS.event, NAMESPACE, 'podinfo.a'), counted, { type: 'merge' });
    await clock.settle();
    expect(stage.recorder.eventsOf(NAMESPACE).map(([, , , message]) => message)).toEqual(['a', 'b', 'a']);
  });

  it('tells when a watch ended, because states may be missing from then on', async () => {
    const cut = async function* (): AsyncGenerator<never> {
      await Promise.resolve();
      throw new Error('cut');
    };
    const broken = { ...stage.kube, watch: cut };
    const recorder = await startRecorder(broken, [KINDS.canary]);
    await clock.settle();
    expect(() => recorder.check()).toThrow('cut');
  });

  it('ends its watches', async () => {
    await stage.recorder.stop();
    await stage.kube.create(KINDS.canary, aCanary());
    await clock.settle();
    expect(stage.recorder.objectsOf(NAMESPACE)).toEqual({});
  });
});
