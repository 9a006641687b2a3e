import { afterEach, describe, expect, it } from 'vitest';
import type { AnalysisGate } from '../../../shared/api/canary.ts';
import { ANNOTATIONS } from '../../../shared/api/names.ts';
import { imageOf, momentsOf, replicasOf } from '../../laws/observed.ts';
import { FIRST_IMAGE, objectsOf } from '../../laws/plan.ts';
import { applyObjects, setImage, until, type World } from '../../laws/world.ts';
import { aWorld, closeWorlds, gate, PLAN, phaseIs, REF, readyFor, SECOND, speak, waitsAt } from './person.ts';

afterEach(closeWorlds);

describe('a gate with a timeout', () => {
  const timed = async (gateOf: AnalysisGate): Promise<{ world: World; waited: number }> => {
    const world = await readyFor({ when: waitsAt('qa'), gates: [gateOf] });
    const since = world.clock.now();
    await world.startDriver();
    await until(world, (canary) => ['Succeeded', 'Failed'].includes(canary.status?.phase ?? ''), 7_200_000);
    return { world, waited: world.clock.now() - since };
  };

  it('rejects by itself, in its time and not an interval later', async () => {
    const { world, waited } = await timed(gate('confirm-promotion', { timeout: '25s' }));
    expect(world.canary().status?.phase).toBe('Failed');
    expect(waited).toBeGreaterThan(24_000);
    // The gate's time, and what a canary has to answer what is under way.
    expect(waited).toBeLessThan(29_000);
  });

  it('before the rollout rejects without a pod or a share of the traffic', async () => {
    const { world } = await timed(gate('confirm-rollout', { timeout: '1h' }));
    const moments = momentsOf(world, PLAN);
    expect(world.canary().status?.history?.at(-1)).toMatchObject({ result: 'failed', image: SECOND });
    expect(
      moments.filter(
        ({ target, weight }) => imageOf(target) === SECOND && (replicasOf(target) > 0 || (weight ?? 0) > 0),
      ),
    ).toEqual([]);
  });

  it('approves by itself where it is told to', async () => {
    const { world } = await timed(gate('confirm-promotion', { timeout: '25s', onTimeout: 'approve' }));
    expect(world.canary().status).toMatchObject({ phase: 'Succeeded', approvals: [{ gate: 'qa', by: 'timeout' }] });
  });
});

describe('a gate that waits', () => {
  it('before the rollout costs no request', async () => {
    const world = await readyFor({ when: waitsAt('qa'), gates: [gate('confirm-rollout', { timeout: '2h' })] });
    let requests = 0;
    const { kube, http } = world;
    const counted = new Proxy(kube, {
      get:
        (target, name) =>
        (...args: unknown[]) => (
          (requests += 1), (target as never as Record<string | symbol, (...all: unknown[]) => unknown>)[name]?.(...args)
        ),
    });
    await world.startDriver({ kube: counted, http });
    await world.clock.advance(30_000);
    requests = 0;
    const before = world.seen.length;
    await world.clock.advance(120_000);
    expect([requests, world.seen.length]).toEqual([0, before]);
  });

  it('goes on within a second of its approval', async () => {
    const story = { when: waitsAt('qa'), gates: [gate('confirm-promotion')], order: { verb: 'approve' } } as const;
    const world = await readyFor(story);
    await world.startDriver();
    await world.clock.advance(3000);
    await speak(world, story);
    const asked = world.clock.now();
    await until(world, phaseIs('Promoting'));
    expect(world.clock.now() - asked).toBeLessThan(1000);
  });

  it('that nobody can read stops the rollout and says so', async () => {
    const world = await aWorld();
    await world.startDriver();
    await applyObjects(world, objectsOf(PLAN));
    await until(world, phaseIs('Initialized'));
    const annotate = (text: string | null) =>
      world.kube.patch(REF, { metadata: { annotations: { [ANNOTATIONS.gates]: text } } });
    await annotate('[{"name":"qa","type":"promotion"}]');
    await setImage(world, SECOND);
    await world.clock.advance(60_000);
    const stalled = world.canary().status?.conditions?.find(({ type }) => type === 'Stalled');
    expect(stalled?.message).toMatch(/^annotation kubectl-canary\/gates\[0\]: type must be one of/);
    expect(imageOf(momentsOf(world, PLAN).at(-1)?.primary)).toBe(FIRST_IMAGE);
    await annotate(null);
    await until(world, phaseIs('Succeeded'));
  });
});
