import { afterEach, describe, expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../shared/api/kube.ts';
import { imageOf, isReady, type Moment, momentsOf } from '../../laws/observed.ts';
import { FIRST_IMAGE, NAMESPACE } from '../../laws/plan.ts';
import { until, type World } from '../../laws/world.ts';
import { closeWorlds, PLAN, phaseIs, readyFor, SECOND, weightIs } from './person.ts';

afterEach(closeWorlds);

const PRIMARY = refTo(KINDS.deployment, NAMESPACE, 'podinfo-primary');

/** Every image that the primary has run, one after the other. */
const imagesOf = (moments: readonly Moment[]): (string | undefined)[] => {
  const images = moments.map(({ primary }) => imageOf(primary)).filter((image) => image !== undefined);
  return images.filter((image, at) => at === 0 || image !== images[at - 1]);
};

const primaryOf = (world: World): KubeObject | undefined =>
  world.server.store.get('apps/deployments', NAMESPACE, 'podinfo-primary');

describe('a primary that somebody deletes', () => {
  it('in the middle of an analysis comes back as it was, and the analysis goes on', async () => {
    const world = await readyFor({ when: weightIs(20) });
    const from = world.seen.length;
    await world.kube.remove(PRIMARY);
    await world.startDriver();
    await until(world, () => isReady(primaryOf(world), 100));
    expect(imageOf(primaryOf(world))).toBe(FIRST_IMAGE);
    expect(world.canary().status?.phase).toBe('Progressing');
    await until(world, phaseIs('Succeeded'));
    const after = momentsOf(world, PLAN).slice(from);
    expect(imagesOf(after)).toEqual([FIRST_IMAGE, SECOND]);
    const weights = after.map(({ weight }) => weight).filter((weight, at, all) => weight !== all[at - 1]);
    expect(weights).toEqual([20, 30, 40, 50, 0]);
  });

  it('after a failure comes back as it was, not as what has failed', async () => {
    const world = await readyFor({ when: phaseIs('Failed'), plan: { ...PLAN, success: 61.5 } });
    await world.kube.remove(PRIMARY);
    const from = world.seen.length;
    await world.startDriver();
    await until(world, () => isReady(primaryOf(world), 100));
    await world.clock.advance(30_000);
    expect(imagesOf(momentsOf(world, PLAN).slice(from))).toEqual([FIRST_IMAGE]);
    expect(world.canary().status?.phase).toBe('Failed');
  });

  it('at rest comes back as the target', async () => {
    const world = await readyFor({ when: phaseIs('Succeeded'), atRest: true });
    await world.kube.remove(PRIMARY);
    await world.startDriver();
    await until(world, () => isReady(primaryOf(world), 100));
    expect(imageOf(primaryOf(world))).toBe(SECOND);
  });
});

describe('a primary that somebody scales to zero', () => {
  it('gets no traffic back, nor is a rollout begun against it before its deadline', async () => {
    const world = await readyFor({ when: weightIs(50) });
    await world.kube.patch(PRIMARY, { spec: { replicas: 0 } });
    await world.startDriver();
    await world.clock.advance(30_000);
    expect(world.canary().status).toMatchObject({ phase: 'Progressing', canaryWeight: 50 });
    expect(world.canary().status?.notReady?.primary).toBeDefined();
    await world.kube.patch(PRIMARY, { spec: { replicas: 2 } });
    await until(world, phaseIs('Succeeded'));
  });
});
