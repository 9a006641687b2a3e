import { afterEach, describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../shared/api/canary.ts';
import { momentsOf } from '../../laws/observed.ts';
import { FIRST_IMAGE, nextImage, type Plan } from '../../laws/plan.ts';
import { setImage, until, type World } from '../../laws/world.ts';
import { closeWorlds, gate, PLAN, phaseIs, REF, readyFor, SECOND, speak, waitsAt } from './person.ts';

afterEach(closeWorlds);

type Health = 'InProgress' | 'Failed' | 'Current';

/** How Flux (kstatus) reads an object: generation first, then Reconciling, Stalled and Ready. */
const kstatus = ({ metadata, status }: Canary): Health => {
  if (status?.observedGeneration !== metadata.generation) return 'InProgress';
  const is = (type: string, value: string): boolean =>
    status?.conditions?.some((one) => one.type === type && one.status === value) === true;
  if (is('Reconciling', 'True')) return 'InProgress';
  if (is('Stalled', 'True')) return 'Failed';
  return is('Ready', 'True') ? 'Current' : 'InProgress';
};

const states = (world: World, plan: Plan): Canary[] =>
  momentsOf(world, plan)
    .filter(({ change }) => change.object.kind === 'Canary')
    .map(({ canary }) => canary)
    .filter((canary) => canary !== undefined);

const deduplicated = <T>(list: readonly T[]): T[] => list.filter((item, at) => at === 0 || item !== list[at - 1]);

/** A rollout of the second image up to its end, driven from the beginning; approved where it waits. */
const rolledOut = async (plan: Plan): Promise<World> => {
  const world = await readyFor({ when: waitsAt('qa'), gates: [gate('confirm-promotion', { timeout: '1h' })], plan });
  await speak(world, { order: { verb: 'approve', gate: 'qa', reason: 'looks good' } });
  await world.startDriver();
  await until(world, phaseIs('Succeeded'));
  await world.clock.advance(1000);
  return world;
};

describe('the status of a rollout', () => {
  it('is what Flux and Argo CD understand in each of its states, and of the generation that it speaks of', async () => {
    const world = await rolledOut(PLAN);
    const seen = states(world, PLAN).filter(({ status }) => status?.phase !== undefined && status.phase !== '');
    for (const canary of seen) {
      const settled = ['Initialized', 'Succeeded'].includes(canary.status?.phase ?? '');
      expect([canary.status?.phase, kstatus(canary)]).toEqual([
        canary.status?.phase,
        settled ? 'Current' : 'InProgress',
      ]);
      for (const { type, observedGeneration } of canary.status?.conditions ?? [])
        if (type !== 'Promoted') expect(observedGeneration).toBe(canary.status?.observedGeneration);
    }
    expect(deduplicated(seen.map(kstatus))).toEqual(['InProgress', 'Current', 'InProgress', 'Current']);
  });

  it('follows a change of the spec that starts nothing', async () => {
    const world = await rolledOut(PLAN);
    await world.kube.patch(REF, { spec: { analysis: { threshold: 7 } } });
    expect(kstatus(world.canary())).toBe('InProgress');
    await world.clock.advance(1000);
    expect(kstatus(world.canary())).toBe('Current');
  });

  it('is Failed after a failure, in one word and one line, and moves again with the next revision', async () => {
    const plan = { ...PLAN, success: 61.5 };
    const world = await readyFor({ when: phaseIs('Failed'), plan });
    expect(kstatus(world.canary())).toBe('Failed');
    const stalled = world.canary().status?.conditions?.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({
      reason: 'ChecksFailed',
      message: 'Halt podinfo.test advancement success rate 61.50% < 99%',
    });
    await world.startDriver();
    await setImage(world, nextImage(plan, 3));
    await until(world, phaseIs('Progressing'));
    expect(kstatus(world.canary())).toBe('InProgress');
  });

  it('names the last checks as they were asked, measured and judged', async () => {
    const { status } = (await readyFor({ when: phaseIs('Failed'), plan: { ...PLAN, success: 61.5 } })).canary();
    expect(status?.checks).toEqual([
      {
        name: 'request-success-rate',
        query: expect.stringMatching(/ingress="podinfo", canary!=""/) as string,
        value: 61.5,
        min: 99,
        verdict: 'failed',
        message: 'Halt podinfo.test advancement success rate 61.50% < 99%',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    ]);
  });

  it('says what it waits for whenever it waits, since when, and until when where that is known', async () => {
    const world = await rolledOut(PLAN);
    const waits = deduplicated(states(world, PLAN).map(({ status }) => status?.waitingFor?.what));
    expect(waits).toEqual([
      undefined,
      'pods of podinfo-primary.test',
      undefined,
      'pods of podinfo.test',
      undefined,
      'promotion approval of gate qa',
      'pods of podinfo-primary.test',
      undefined,
    ]);
    for (const { status } of states(world, PLAN)) {
      if (status?.waitingFor === undefined) continue;
      const { since, until: end } = status.waitingFor;
      expect(Date.parse(end ?? '')).toBeGreaterThan(Date.parse(since ?? ''));
    }
  });

  it('keeps who said what, and the revisions with image, times, result, worst check and approver', async () => {
    const { status } = (await rolledOut(PLAN)).canary();
    expect(status?.commands).toMatchObject([{ id: 'c1', verb: 'approve', by: 'bo', result: 'obeyed' }]);
    expect(status?.approvals).toMatchObject([{ gate: 'qa', by: 'bo', revision: status?.revision }]);
    const [first, second, ...others] = status?.history ?? ([] as NonNullable<CanaryStatus['history']>);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ number: 1, image: FIRST_IMAGE, result: 'initialized' });
    expect(second).toMatchObject({
      number: 2,
      image: SECOND,
      revision: status?.revision,
      result: 'promoted',
      worstCheck: 'request-success-rate 100 >= 99',
      by: 'bo',
    });
    expect(Date.parse(second?.ended ?? '')).toBeGreaterThan(Date.parse(second?.started ?? ''));
  });
});
