import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { FINALIZER } from '../../../../shared/api/names.ts';
import type { Kube } from '../../../../shared/engine/ports.ts';
import { type Pass, tick } from '../../../../shared/engine/tick.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import type { KubeCall } from '../../../../shared/sim/kube.ts';
import { aCanary, withAnalysis, withAutoscaler, withHooks, withSpec, withStatus } from '../../../make/canary.ts';
import { aDeployment } from '../../../make/deployment.ts';
import type { Modifier } from '../../../make/modify.ts';
import { aScaledObject } from '../../../make/scaled-object.ts';
import { answered, type EngineWorld, openEngineWorld } from './engine-world.ts';

const REF = refTo(KINDS.canary, 'test', 'podinfo');

const CHAT = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'AlertProvider',
  metadata: { name: 'chat', namespace: 'test' },
  spec: { type: 'slack', address: 'http://chat/hook' },
};

const open = (modifiers: Modifier<Canary>[] = [], intercept?: (call: KubeCall) => void): Promise<EngineWorld> =>
  openEngineWorld(
    [
      [KINDS.deployment, aDeployment()],
      [KINDS.scaledObject, aScaledObject()],
      [KINDS.canary, aCanary(...modifiers)],
    ],
    intercept,
  );

/** Passes until nothing follows at once. */
const settle = async (world: EngineWorld, input = world.tick(), most = 20): Promise<Pass> => {
  for (let count = 0; count < most; count += 1) {
    const pass = await world.pass(tick(input, world.deps));
    if (!pass.again) return pass;
  }
  throw new Error('it goes on and on');
};

const setStatus = async ({ kube }: EngineWorld, status: object): Promise<void> => {
  const live = await kube.get(REF);
  await kube.replace(KINDS.canary, { ...live, status }, { subresource: 'status' });
};

describe('a pass', () => {
  it('of a Canary that is gone does nothing', async () => {
    const world = await openEngineWorld([]);
    expect(await world.pass(tick(world.tick(), world.deps))).toMatchObject({
      canary: undefined,
      again: false,
      dueAt: undefined,
    });
  });

  it('that wrote anything is followed by another one: our own writes wake nobody', async () => {
    const world = await open([withSpec({ revertOnDeletion: true })]);
    const input = world.tick();
    const first = await world.pass(tick(input, world.deps));
    expect([first.again, world.canary().status?.phase]).toEqual([true, 'Initializing']);
    const second = await world.pass(tick(input, world.deps));
    expect([second.again, world.canary().metadata.finalizers]).toEqual([true, [FINALIZER]]);
    await settle(world, input);
    expect(world.server.store.get('apps/deployments', 'test', 'podinfo-primary')).toBeDefined();
  });

  it('tells what it is about to read before it reads it', async () => {
    const world = await open();
    const read: string[] = [];
    const pass = await world.pass(tick({ ...world.tick(), onRead: (object) => void read.push(object) }, world.deps));
    expect(read).toEqual(expect.arrayContaining(pass.reads.filter((object) => !object.includes('/canaries/'))));
    expect(pass.reads).toContain('apps/v1/deployments/test/podinfo-primary');
  });

  it('that corrects the same thing again and again comes at growing distances', async () => {
    const world = await open();
    const input = world.tick();
    await settle(world, input);
    // By then it has told that it waits for pods, and has nothing else to look at.
    await world.clock.advance(11_000);
    const gaps: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      await world.kube.patch(refTo(KINDS.service, 'test', 'podinfo-canary'), {
        spec: { selector: { app: `wrong-${round}` } },
      });
      await world.clock.advance(1);
      const pass = await world.pass(tick(input, world.deps));
      gaps.push(pass.again ? 0 : (pass.dueAt ?? Infinity) - world.clock.now());
    }
    expect(gaps).toEqual([0, 0, 0, 2000, 4000, 8000, 16_000]);
    await settle(world, input);
    expect(input.memory.corrections).toBe(0);
  });
});

describe('what the API server refuses for good', () => {
  it.each(['API_FORBIDDEN', 'API_INVALID'] as const)(
    'as %s becomes an event, once, and the pass is tried again',
    async (code) => {
      const world = await open([], ({ verb, kind }) => {
        if (verb === 'create' && kind?.kind === 'Service') throw new CanaryError(code, 'services is not for you');
      });
      const input = world.tick();
      await world.pass(tick(input, world.deps));
      for (let round = 0; round < 3; round += 1)
        await expect(world.pass(tick(input, world.deps))).rejects.toMatchObject({ code });
      expect(world.events()).toEqual(['ApiRefused: services is not for you']);
      expect(world.server.store.list('/events', 'test')).toMatchObject([{ count: 1, type: 'Warning' }]);
    },
  );

  it('stalls the phase that it holds past its deadline, with one alert, until it is refused no more', async () => {
    let isRefused = true;
    const alerts = [{ name: 'chat', providerRef: { name: 'chat' } }];
    const world = await open([withAnalysis({ alerts })], ({ verb, kind }) => {
      if (isRefused && verb === 'create' && kind?.kind === 'Service')
        throw new CanaryError('API_FORBIDDEN', 'services is not for you');
    });
    await world.kube.create(KINDS.alertProvider, CHAT);
    const input = world.tick();
    const stalled = () => world.canary().status?.conditions?.find(({ type }) => type === 'Stalled');
    await world.pass(tick(input, world.deps));
    for (const seconds of [0, 59]) {
      await world.clock.advance(seconds * 1000);
      await expect(world.pass(tick(input, world.deps))).rejects.toMatchObject({ code: 'API_FORBIDDEN' });
      expect([stalled()?.status, world.asked.length]).toEqual(['False', 0]);
    }
    await world.clock.advance(1000);
    for (let round = 0; round < 2; round += 1)
      await expect(world.pass(tick(input, world.deps))).rejects.toMatchObject({ code: 'API_FORBIDDEN' });
    expect(stalled()).toMatchObject({
      status: 'True',
      reason: 'ProgressDeadlineExceeded',
      message: 'what has to be done is refused: services is not for you',
    });
    await world.clock.advance(1000);
    expect(world.asked.map(({ body }) => body)).toEqual([
      expect.stringContaining('Progress deadline exceeded services is not for you'),
    ]);
    isRefused = false;
    await settle(world, input);
    expect(stalled()?.status).toBe('False');
  });

  it('is not what passes by itself', async () => {
    const world = await open([], ({ verb, kind }) => {
      if (verb === 'create' && kind?.kind === 'Service') throw new CanaryError('API_UNAVAILABLE', 'later');
    });
    const input = world.tick();
    await world.pass(tick(input, world.deps));
    await expect(world.pass(tick(input, world.deps))).rejects.toMatchObject({ code: 'API_UNAVAILABLE' });
    expect(world.events()).toEqual([]);
  });
});

/** What a pass over a Canary writes that is older than the schema, which would refuse it; none of it is kept. */
const writesOver = async (world: EngineWorld, canary: Canary): Promise<unknown[]> => {
  const stored = { ...canary, metadata: { ...canary.metadata, uid: 'u', resourceVersion: '1', generation: 1 } };
  world.server.store.put('flagger.app/canaries', JSON.parse(JSON.stringify(stored)));
  const written: unknown[] = [];
  const kube: Kube = {
    ...world.deps.kube,
    replace(_kind, object) {
      written.push(object);
      return Promise.resolve(object);
    },
    patch(_ref, patch) {
      written.push(patch);
      return Promise.resolve(stored);
    },
  };
  await world.pass(tick(world.tick(), { ...world.deps, kube }));
  return written;
};

describe('a primary that cannot be made', () => {
  it('stalls its phase after the deadline, and says why', async () => {
    const target = { ...aDeployment(), kind: 'DaemonSet' };
    const { replicas: _, ...spec } = target.spec;
    const targetRef = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'podinfo' } as const;
    const world = await openEngineWorld([
      [KINDS.daemonSet, { ...target, spec: { ...spec, updateStrategy: { type: 'OnDelete' } } }],
      [KINDS.canary, aCanary(withSpec({ targetRef }))],
    ]);
    const input = world.tick();
    for (let pass = 0; pass < 3; pass += 1) await world.pass(tick(input, world.deps));
    await world.clock.advance(60_000);
    await world.pass(tick(input, world.deps));
    const message = 'daemonset podinfo.test must have RollingUpdate strategy but have OnDelete';
    expect(world.events()).toContain(`Synced: ${message}`);
    expect(world.canary().status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({
      status: 'True',
      message: `what has to be done is refused: ${message}`,
    });
  });
});

describe('a spec that cannot be worked on', () => {
  it.each<[string, Modifier<Canary>, RegExp]>([
    ['an unknown provider', withSpec({ provider: 'istio:v9' }), /spec.provider "istio:v9" has no router/],
    ['no port', withSpec({ service: undefined as never }), /spec.service.port is missing/],
    [
      'a target of another kind',
      withSpec({ targetRef: { apiVersion: 'batch/v1', kind: 'Deployment', name: 'podinfo' } }),
      /spec.targetRef batch\/v1 Deployment cannot be rolled out/,
    ],
  ])('for %s stalls, with a reason', async (_what, modifier, why) => {
    const world = await openEngineWorld([[KINDS.deployment, aDeployment()]]);
    const [written] = await writesOver(world, aCanary(modifier, withStatus({ phase: 'Succeeded' })));
    const { status } = written as Canary;
    expect(status?.conditions?.find(({ type }) => type === 'Stalled')?.message).toMatch(why);
  });

  it('does not hold up its deletion', async () => {
    const world = await openEngineWorld([]);
    const canary = aCanary(
      withSpec({ provider: 'istio:v9', revertOnDeletion: true }),
      withStatus({ phase: 'Terminating' }),
    );
    const metadata = {
      ...canary.metadata,
      deletionTimestamp: '2026-01-01T00:00:00Z',
      finalizers: ['other', FINALIZER],
    };
    const written = await writesOver(world, { ...canary, metadata });
    expect(written).toEqual([{ metadata: { resourceVersion: expect.any(String) as string, finalizers: ['other'] } }]);
  });
});

describe('a deletion with everything missing', () => {
  it('comes to its end', async () => {
    const world = await openEngineWorld([
      [
        KINDS.canary,
        {
          ...aCanary(withSpec({ revertOnDeletion: true }), withAutoscaler()),
          metadata: { ...aCanary().metadata, finalizers: [FINALIZER] },
        },
      ],
    ]);
    await world.kube.remove(REF);
    await settle(world);
    expect(world.canary()).toBeUndefined();
    expect(world.events()).toEqual(
      expect.arrayContaining(['Synced: Terminating canary podinfo.test', 'Synced: Terminated canary podinfo.test']),
    );
  });
});

describe('a lease that ran out', () => {
  it('lets nothing more be written', async () => {
    const world = await open();
    const before = world.server.store.revision();
    await expect(world.pass(tick(world.tick(), { ...world.deps, mayWrite: () => false }))).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
    expect(world.server.store.revision()).toBe(before);
  });
});

describe('a conflict', () => {
  it('drops the pass before it tells anything', async () => {
    let isFirst = true;
    const world = await open([], ({ subresource }) => {
      if (subresource === 'status' && isFirst) {
        isFirst = false;
        throw new CanaryError('API_CONFLICT', 'somebody was faster');
      }
    });
    const input = world.tick();
    await expect(world.pass(tick(input, world.deps))).rejects.toMatchObject({ code: 'API_CONFLICT' });
    expect(world.canary().status).toBeUndefined();
    expect((await world.pass(tick(input, world.deps))).again).toBe(true);
  });
});

describe('hooks that are asked', () => {
  const gated = withHooks({ name: 'gate', type: 'confirm-rollout', url: 'http://gate/', metadata: { a: '1' } });

  it('are told the phase before the question, and their answer decides', async () => {
    const world = await open([gated]);
    await setStatus(world, {
      phase: 'Succeeded',
      revision: 'old',
      trackedConfigs: {},
      lastAppliedSpec: 'x',
      lastPromotedSpec: 'x',
    });
    world.answer = () => Promise.resolve(answered(500));
    await settle(world);
    expect(
      world.asked.map(({ url, body }) => [url, (JSON.parse(body ?? '{}') as { phase?: string }).phase]),
    ).toContainEqual(['http://gate/', 'Succeeded']);
    expect(world.canary().status).toMatchObject({ phase: 'Waiting', waitingFor: { what: 'approval by gate' } });
  });

  it('are given up when the driver stops, and nothing is written', async () => {
    const world = await open([gated]);
    await setStatus(world, {
      phase: 'Succeeded',
      revision: 'old',
      trackedConfigs: {},
      lastAppliedSpec: 'x',
      lastPromotedSpec: 'x',
    });
    const asking = new AbortController();
    world.answer = (_request, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    const pass = tick({ ...world.tick(), asking: asking.signal }, world.deps);
    const ended = expect(pass).rejects.toThrow('stopped');
    await world.clock.advance(1000);
    const before = world.canary().metadata.resourceVersion;
    asking.abort(new Error('stopped'));
    await ended;
    expect(world.canary().metadata.resourceVersion).toBe(before);
  });
});
