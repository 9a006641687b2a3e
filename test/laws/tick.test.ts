import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../shared/api/kinds.ts';
import { refTo } from '../../shared/api/kube.ts';
import { Memory } from '../../shared/engine/memory.ts';
import { eventQueue } from '../../shared/engine/recorder.ts';
import { type Pass, tick } from '../../shared/engine/tick.ts';
import { runs } from './law-runs.ts';
import { brokenLaws } from './laws.ts';
import { momentsOf } from './observed.ts';
import { NAMESPACE, nextImage, objectsOf, type Plan, plans } from './plan.ts';
import { applyObjects, openWorld, setImage, type World } from './world.ts';

/** Takes passes by hand: no queue, no events, only the clock. */
const createTicker = (world: World): (() => Promise<Pass>) => {
  const deps = world.depsOver(world);
  const { signal } = new AbortController();
  const events = eventQueue(world.clock, signal);
  const input = {
    ref: refTo(KINDS.canary, NAMESPACE, 'podinfo'),
    problem: undefined,
    memory: new Memory(deps, events, signal),
    signal,
  };
  return async () => {
    let done: Pass | undefined;
    let failed: unknown;
    void tick(input, deps).then(
      (pass) => (done = pass),
      (error: unknown) => (failed = error),
    );
    await world.clock.advanceUntil(() => done !== undefined || failed !== undefined);
    if (done === undefined) throw failed;
    await events.settle(1000);
    return done;
  };
};

const MOST_PASSES = 5000;
const LONGEST_NAP_MS = 10_000;

/** Ticks until the Canary stands in `phase`, each quiet pass twice. Answers what the second passes wrote. */
const tickUntil = async (world: World, pass: () => Promise<Pass>, isDone: () => boolean): Promise<string[]> => {
  const written: string[] = [];
  for (let count = 0; count < MOST_PASSES && !isDone(); count += 1) {
    const first = await pass();
    if (first.again) continue;
    const before = world.seen.length;
    const second = await pass();
    written.push(
      ...world.seen
        .slice(before)
        .map(({ object }) => `${object.kind} ${object.metadata.name} in ${world.canary().status?.phase}`),
    );
    expect(second).toEqual({ ...first, routes: second.routes });
    const { clock } = world;
    const next = Math.min(first.dueAt ?? Infinity, clock.nextAt() ?? Infinity, clock.now() + LONGEST_NAP_MS);
    await clock.advance(Math.max(0, next - clock.now()));
  }
  return written;
};

/** Every second tick of a rollout, from the first start to its end. */
const playTwice = async (plan: Plan): Promise<{ written: string[]; broken: string[] }> => {
  const world = await openWorld(plan);
  const pass = createTicker(world);
  await applyObjects(world, objectsOf(plan));
  const phase = (): string => world.canary().status?.phase ?? '';
  const started = await tickUntil(world, pass, () => phase() === 'Initialized');
  world.prometheus.setValues(NAMESPACE, { success: plan.success });
  await setImage(world, nextImage(plan, 2));
  const ended = await tickUntil(world, pass, () => ['Succeeded', 'Failed'].includes(phase()));
  await world.clock.advance(30_000);
  const broken = brokenLaws(momentsOf(world, plan), plan);
  world.stop();
  return { written: [...started, ...ended], broken };
};

describe('a pass taken twice', () => {
  it('is a pass taken once, at every point of any rollout', async () => {
    const plain = plans.filter(
      ({ hooks, nextAfterMs }) => nextAfterMs === undefined && hooks.every(({ opensAfterMs }) => opensAfterMs === 0),
    );
    await fc.assert(
      fc.asyncProperty(plain, async (plan) => {
        expect(await playTwice(plan)).toEqual({ written: [], broken: [] });
      }),
      runs(10),
    );
  });
});
