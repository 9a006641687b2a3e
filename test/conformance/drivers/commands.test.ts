import { afterEach, describe, expect, it } from 'vitest';
import type { Canary } from '../../../shared/api/canary.ts';
import { oneStepPerInterval } from '../../laws/laws.ts';
import { imageOf, momentsOf, replicasOf } from '../../laws/observed.ts';
import { FIRST_IMAGE, type Plan } from '../../laws/plan.ts';
import { until, type World } from '../../laws/world.ts';
import { createMortalPorts } from './mortal-ports.ts';
import { closeWorlds, gate, PLAN, phaseIs, readyFor, SECOND, speak, type Word, waitsAt, weightIs } from './person.ts';

afterEach(closeWorlds);

interface Story extends Word {
  /** What the canary gets from then on, one after the other. */
  readonly weights: readonly number[];
  /** How many generations of the primary's pods are seen from then on. */
  readonly copies: number;
  /** The state in which it is over; absent: once it is answered. */
  readonly end?: (canary: Canary) => boolean;
  /** Requests are mirrored for one interval, the first. */
  readonly mirrored?: true;
}

/** The first step mirrors requests, and nothing but a person leads to it. */
const MIRRORING: Plan = {
  ...PLAN,
  provider: 'istio',
  analysis: { ...PLAN.analysis, mirror: true, threshold: 5 },
  hooks: [{ type: 'pre-rollout', opensAfterMs: 'never' }],
};

const STORIES: Readonly<Record<string, Story>> = {
  promote: {
    weights: [20, 30, 40, 50, 0],
    copies: 2,
    when: weightIs(20),
    order: { verb: 'promote' },
    end: phaseIs('Succeeded'),
  },
  'promote with full': {
    weights: [20, 0],
    copies: 2,
    when: weightIs(20),
    order: { verb: 'promote', full: true },
    end: phaseIs('Succeeded'),
  },
  'promote past a hook that fails, to mirrored requests': {
    weights: [0, 10, 20, 30, 40, 50, 0],
    copies: 2,
    plan: MIRRORING,
    mirrored: true,
    when: (canary) => canary.status?.failedChecks === 1,
    order: { verb: 'promote' },
    end: phaseIs('Succeeded'),
  },
  'skip-step past a hook that fails, to mirrored requests': {
    weights: [0, 10, 20, 30, 40, 50, 0],
    copies: 2,
    plan: MIRRORING,
    mirrored: true,
    when: (canary) => canary.status?.failedChecks === 1,
    order: { verb: 'skip-step' },
    end: phaseIs('Succeeded'),
  },
  rollback: { weights: [20, 0], copies: 1, when: weightIs(20), order: { verb: 'rollback' }, end: phaseIs('Failed') },
  pause: {
    weights: [20, 30, 40, 50, 0],
    copies: 2,
    when: weightIs(20),
    order: { verb: 'pause', for: '1m' },
    end: phaseIs('Succeeded'),
  },
  'pause further on': {
    weights: [20, 30, 40, 50, 0],
    copies: 2,
    when: weightIs(20),
    order: { verb: 'pause', weight: 40, for: '1m' },
    end: phaseIs('Succeeded'),
  },
  'skip-step': {
    weights: [20, 40, 50, 0],
    copies: 2,
    when: weightIs(20),
    order: { verb: 'skip-step', count: 2 },
    end: phaseIs('Succeeded'),
  },
  'set-weight': {
    weights: [20, 15, 20, 30, 40, 50, 0],
    copies: 2,
    when: weightIs(20),
    order: { verb: 'set-weight', weight: 15 },
    end: phaseIs('Succeeded'),
  },
  'approve before the rollout': {
    weights: [0, 10, 20, 30, 40, 50, 0],
    copies: 2,
    when: waitsAt('qa'),
    gates: [gate('confirm-rollout')],
    order: { verb: 'approve' },
    end: phaseIs('Succeeded'),
  },
  'approve more traffic': {
    weights: [0, 10, 20, 30, 40, 50, 0],
    copies: 2,
    when: waitsAt('qa'),
    gates: [gate('confirm-traffic-increase')],
    order: { verb: 'approve' },
    end: phaseIs('Succeeded'),
  },
  'approve the promotion': {
    weights: [50, 0],
    copies: 2,
    when: waitsAt('qa'),
    gates: [gate('confirm-promotion')],
    order: { verb: 'approve' },
    end: phaseIs('Succeeded'),
  },
  'reject before the rollout': {
    weights: [0],
    copies: 1,
    when: waitsAt('qa'),
    gates: [gate('confirm-rollout')],
    order: { verb: 'reject' },
    end: phaseIs('Failed'),
  },
  'reject the promotion': {
    weights: [50, 0],
    copies: 1,
    when: waitsAt('qa'),
    gates: [gate('confirm-promotion')],
    order: { verb: 'reject' },
    end: phaseIs('Failed'),
  },
  undo: {
    weights: [0, 10, 20, 30, 40, 50, 0],
    copies: 2,
    when: phaseIs('Succeeded'),
    atRest: true,
    order: { verb: 'undo' },
    end: (canary) => canary.status?.history?.length === 3 && canary.status.phase === 'Succeeded',
  },
  restart: { weights: [0], copies: 2, when: phaseIs('Succeeded'), atRest: true, order: { verb: 'restart' } },
};

interface Ending {
  readonly died: boolean;
  /** What must be the same, wherever the driver died. */
  readonly facts: Facts;
}

interface Facts {
  readonly commands: unknown;
  readonly approvals: unknown;
  readonly history: unknown;
  readonly phase: string | undefined;
  readonly weights: unknown;
  readonly copies: number;
  readonly images: readonly unknown[];
  readonly targetPods: number;
  /** How often requests began to be mirrored, and steps that came before their time. */
  readonly mirrors: number;
  readonly tooSoon: readonly string[];
}

const deduplicated = <T>(list: readonly T[]): T[] =>
  list.filter((item, index) => index === 0 || item !== list[index - 1]);

const factsOf = (world: World, from: number, plan: Plan): Facts => {
  const moments = momentsOf(world, plan).slice(from);
  const last = moments.at(-1);
  const status = world.canary().status ?? {};
  const idOf = (object: unknown): unknown =>
    (object as { spec?: { template?: { metadata?: { annotations?: Record<string, string> } } } })?.spec?.template
      ?.metadata?.annotations?.['flagger-id'];
  return {
    commands: status.commands?.map(({ id, verb, result, message }) => ({ id, verb, result, message })),
    approvals: status.approvals?.map(({ gate: name, by }) => ({ name, by })),
    history: status.history?.map(({ number, result, image, by }) => ({ number, result, image, by })),
    phase: status.phase,
    weights: deduplicated(moments.map(({ weight }) => weight)),
    copies: deduplicated(moments.map(({ primary }) => idOf(primary))).length,
    images: [imageOf(last?.primary), imageOf(last?.target)],
    targetPods: replicasOf(last?.target),
    mirrors: deduplicated(moments.map(({ mirrored }) => mirrored)).filter(Boolean).length,
    // What a person asks for comes when they ask for it.
    tooSoon: plan === MIRRORING ? oneStepPerInterval(moments, plan) : [],
  };
};

/** Plays the story with a driver that dies after its write number `fatal` (0: never), and another that comes after it. */
const play = async (story: Story, fatal: number): Promise<Ending> => {
  const world = await readyFor(story);
  const from = world.seen.length;
  await speak(world, story);
  const ports = createMortalPorts(world, fatal, 'after');
  await world.startDriver(ports);
  const isOver = (canary: Canary): boolean => canary.status?.commands !== undefined && (story.end?.(canary) ?? true);
  await until(world, (canary) => ports.isDead() || isOver(canary));
  if (ports.isDead()) {
    await world.clock.advance(3000);
    await world.startDriver();
    await until(world, isOver);
  }
  await world.clock.advance(15_000);
  const facts = factsOf(world, from, story.plan ?? PLAN);
  world.stop();
  return { died: ports.isDead(), facts };
};

/** What a command does to objects takes at most three writes; then come status and events, and the step that it set free. */
const FATAL = [1, 2, 3, 4, 5];

describe('a command', () => {
  it.each(Object.entries(STORIES))(
    '%s has its effect once, whichever write its driver dies after',
    async (_name, story) => {
      const { facts } = await play(story, 0);
      const { verb } = story.order;
      const mirrors = story.mirrored === true ? 1 : 0;
      expect(facts).toMatchObject({
        weights: story.weights,
        copies: story.copies,
        targetPods: 0,
        mirrors,
        tooSoon: [],
      });
      expect(facts.commands).toEqual([expect.objectContaining({ id: 'c1', verb, result: 'obeyed' })]);
      const image = facts.phase === 'Failed' || verb === 'undo' ? FIRST_IMAGE : SECOND;
      expect(facts.images).toEqual([image, verb === 'undo' ? FIRST_IMAGE : SECOND]);
      for (const fatal of FATAL) {
        const after = await play(story, fatal);
        expect({ fatal, ...after.facts }).toEqual({ fatal, ...facts });
        if (!after.died) break;
      }
    },
  );
});
