import { afterEach, describe, expect, it } from 'vitest';
import type { Canary } from '../../../shared/api/canary.ts';
import { ANNOTATIONS } from '../../../shared/api/names.ts';
import { imageOf, momentsOf } from '../../laws/observed.ts';
import { NAMESPACE, nextImage } from '../../laws/plan.ts';
import { setImage, until } from '../../laws/world.ts';
import { closeWorlds, gate, PLAN, phaseIs, REF, readyFor, type Word, waitsAt, weightIs } from './person.ts';

afterEach(closeWorlds);

const THIRD = nextImage(PLAN, 3);

type Point = Omit<Word, 'order'>;

const POINTS: Readonly<Record<string, Point>> = {
  Succeeded: { when: phaseIs('Succeeded') },
  Failed: { when: phaseIs('Failed'), plan: { ...PLAN, success: 61.5 } },
  Progressing: { when: weightIs(20) },
  Waiting: { when: waitsAt('qa'), gates: [gate('confirm-rollout')] },
  WaitingPromotion: { when: waitsAt('qa'), gates: [gate('confirm-promotion')] },
  Promoting: { when: phaseIs('Promoting') },
};

const isDone = (canary: Canary): boolean =>
  ['Succeeded', 'Failed'].includes(canary.status?.phase ?? '') && canary.status?.history?.at(-1)?.image === THIRD;

describe('a revision that was pushed while nobody watched', () => {
  it.each(Object.entries(POINTS))('in %s is rolled out by the next driver', async (phase, point) => {
    const plan = point.plan ?? PLAN;
    const world = await readyFor(point);
    expect(world.canary().status?.phase).toBe(phase);
    await setImage(world, THIRD);
    world.prometheus.setValues(NAMESPACE, { success: 100 });
    await world.clock.advance(30_000);
    if (point.gates !== undefined)
      await world.kube.patch(REF, { metadata: { annotations: { [ANNOTATIONS.gates]: '[]' } } });
    await world.startDriver();
    await until(world, isDone);
    expect(world.canary().status?.phase).toBe('Succeeded');
    expect(imageOf(momentsOf(world, plan).at(-1)?.primary)).toBe(THIRD);
  });
});
