import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, probeKey, type Report } from '../../shared/api/model.ts';
import { decide } from '../../shared/rollout/decide.ts';
import { type Decision, isProblem, type World } from '../../shared/rollout/world.ts';
import { faultsOf } from '../unit/shared/api/crd-validator.ts';
import { answersOf, anyWorld, NOW } from './any-world.ts';

interface Asked {
  readonly decision: Decision;
  /** What was told before each question, and in the end. */
  readonly told: readonly (readonly Report[])[];
}

/** Asks and answers until the core decides, as a pass does. */
const settle = (world: World, draws: readonly number[]): Asked => {
  const answer = answersOf(draws);
  const answers = new Map<string, Answer>();
  const told: (readonly Report[])[] = [];
  for (let at = 0; at < 50; at += 1) {
    const outcome = decide(world, answers);
    if ('decision' in outcome) return { decision: outcome.decision, told: [...told, outcome.decision.reports] };
    told.push(outcome.reports);
    expect(answers.has(probeKey(outcome.ask))).toBe(false);
    answers.set(probeKey(outcome.ask), answer(outcome.ask, at));
  }
  throw new Error('the core keeps asking');
};

const liveWeight = ({ routes }: World): number => (routes === undefined || isProblem(routes) ? 0 : routes.canary);
const isTargetReady = ({ target }: World): boolean => !isProblem(target) && target.readiness.ready && !target.isParked;
const isServing = ({ primary }: World): boolean =>
  primary !== undefined && (primary.readiness.ready || primary.readiness.isServing);

const law = (name: string, holds: (world: World, asked: Asked) => void): void => {
  it(name, () => {
    const draws = fc.array(fc.nat(1000), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(anyWorld, draws, (world, drawn) => holds(world, settle(world, drawn))),
      { numRuns: 1500 * Number(process.env['LAW_FACTOR'] ?? 1) },
    );
  });
};

describe('in any world, a decision', () => {
  law('is JSON, and a status that the CRD admits', ({ canary }, { decision: { status } }) => {
    if (status === undefined) return;
    expect(JSON.parse(JSON.stringify(status))).toEqual(status);
    expect(
      faultsOf({
        ...canary,
        spec: { ...canary.spec, analysis: { interval: '10s', threshold: 1, iterations: 1 } },
        status,
      }),
    ).toEqual([]);
  });

  law('is small enough to be kept', (_world, { decision: { status } }) => {
    expect(JSON.stringify(status ?? {}).length).toBeLessThan(20_000);
  });

  law('tells before a question only what it goes on to tell', (_world, { told }) => {
    told.slice(1).forEach((later, at) => expect(later.slice(0, told[at]?.length)).toEqual(told[at]));
  });

  law('sends whole percentages that add up', (_world, { decision: { actions } }) => {
    for (const action of actions) {
      if (action.do !== 'route') continue;
      const { primary, canary } = action.routes;
      expect(primary + canary).toBe(100);
      expect(Number.isInteger(primary) && primary >= 0 && primary <= 100).toBe(true);
    }
  });

  law(
    'gives no traffic to a target that is not ready, and none to a primary without pods',
    (world, { decision: { actions } }) => {
      for (const action of actions) {
        if (action.do !== 'route') continue;
        const isMore = action.routes.canary > liveWeight(world);
        const status = world.canary.status?.phase;
        // After a failed promotion the target goes on with what it has, as long as a pod of it can answer.
        if (isMore && status !== 'Promoting' && status !== 'Finalising') expect(isTargetReady(world)).toBe(true);
        const isLess = action.routes.canary < liveWeight(world);
        if (isLess && !world.capabilities.iterationsOnly) expect(isServing(world)).toBe(true);
      }
    },
  );

  law('puts no target to rest that has traffic', (world, { decision: { actions } }) => {
    if (
      !actions.some((action) => action.do === 'park-target' || action.do === 'pause-scaler') ||
      world.capabilities.iterationsOnly
    )
      return;
    const moved = actions.find((action) => action.do === 'route');
    const isResting = ['Initialized', 'Succeeded', 'Failed'].includes(world.canary.status?.phase ?? '');
    expect(moved?.routes.canary ?? (isResting ? (world.canary.status?.canaryWeight ?? 0) : liveWeight(world))).toBe(0);
  });

  law('looks again later, not now', (_world, { decision: { dueAt, status } }) => {
    if (dueAt !== undefined && status === undefined) expect(dueAt).toBeGreaterThan(NOW);
  });

  law('writes a status only where it says something new', ({ canary }, { decision: { status } }) => {
    if (status === undefined) return;
    const bare = (one: object & { lastTransitionTime?: string }) => ({ ...one, lastTransitionTime: '' });
    expect(bare(status)).not.toEqual(bare(canary.status ?? {}));
  });

  law('never forgets a revision that it has not looked at', (world, { decision: { status } }) => {
    const { canary, target } = world;
    const known = canary.status?.revision;
    const phase = status?.phase ?? canary.status?.phase ?? '';
    if (isProblem(target) || status?.revision !== target.revision || known === undefined || known === target.revision)
      return;
    // A new revision is written down only where its rollout begins, ends with it, or the primary runs it already.
    const isTaken =
      ['Progressing', 'Initialized', 'Initializing'].includes(phase) || world.primary?.runsTarget === true;
    expect(isTaken || (phase === 'Failed' && canary.status?.phase === 'Waiting')).toBe(true);
  });
});
