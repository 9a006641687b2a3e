import { afterEach, describe, expect, it } from 'vitest';
import type { AnalysisGate, Canary } from '../../../shared/api/canary.ts';
import { COMMAND_ANNOTATION, type Command, revisionAtHand, serializeCommand } from '../../../shared/api/command.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { refTo } from '../../../shared/api/kube.ts';
import { ANNOTATIONS } from '../../../shared/api/names.ts';
import { momentsOf, imageOf, replicasOf } from '../../laws/observed.ts';
import { FIRST_IMAGE, NAMESPACE, nextImage, objectsOf, type Plan } from '../../laws/plan.ts';
import { applyObjects, openWorld, setImage, until, type World } from '../../laws/world.ts';
import { createMortalPorts } from './mortal-ports.ts';

const PLAN: Plan = {
  provider: 'nginx',
  analysis: { interval: '10s', threshold: 2, stepWeight: 10, maxWeight: 50, metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 } }] },
  skipAnalysis: false,
  scaler: 'none',
  replicas: 2,
  readyAfterMs: 1000,
  success: 100,
  starts: true,
  hooks: [],
  nextAfterMs: undefined,
};

const SECOND = nextImage(PLAN, 2);
const REF = refTo(KINDS.canary, NAMESPACE, 'podinfo');
const phaseIs =
  (phase: string) =>
  (canary: Canary): boolean =>
    canary.status?.phase === phase;
const weightIs =
  (weight: number) =>
  (canary: Canary): boolean =>
    canary.status?.canaryWeight === weight;
const waitsAt =
  (gate: string) =>
  (canary: Canary): boolean =>
    canary.status?.waitingFor?.gate === gate;

const gate = (type: AnalysisGate['type'], more: Partial<AnalysisGate> = {}): AnalysisGate => ({ name: 'qa', type, ...more });

interface Story {
  /** The state in which the person speaks. */
  readonly when: (canary: Canary) => boolean;
  readonly order: Partial<Command> & Pick<Command, 'verb'>;
  readonly gates?: readonly AnalysisGate[];
  /** The second image is promoted before; nothing is rolled out when the person speaks. */
  readonly atRest?: boolean;
  /** What the canary gets from then on, one after the other. */
  readonly weights: readonly number[];
  /** How many generations of the primary's pods are seen from then on. */
  readonly copies: number;
  /** The state in which it is over; absent: once it is answered. */
  readonly end?: (canary: Canary) => boolean;
}

const STORIES: Readonly<Record<string, Story>> = {
  promote: { weights: [20, 30, 40, 50, 0], copies: 2, when: weightIs(20), order: { verb: 'promote' }, end: phaseIs('Succeeded') },
  'promote with full': { weights: [20, 0], copies: 2, when: weightIs(20), order: { verb: 'promote', full: true }, end: phaseIs('Succeeded') },
  rollback: { weights: [20, 0], copies: 1, when: weightIs(20), order: { verb: 'rollback' }, end: phaseIs('Failed') },
  pause: { weights: [20, 30, 40, 50, 0], copies: 2, when: weightIs(20), order: { verb: 'pause', for: '1m' }, end: phaseIs('Succeeded') },
  'pause further on': { weights: [20, 30, 40, 50, 0], copies: 2, when: weightIs(20), order: { verb: 'pause', weight: 40, for: '1m' }, end: phaseIs('Succeeded') },
  'skip-step': { weights: [20, 40, 50, 0], copies: 2, when: weightIs(20), order: { verb: 'skip-step', count: 2 }, end: phaseIs('Succeeded') },
  'set-weight': { weights: [20, 15, 20, 30, 40, 50, 0], copies: 2, when: weightIs(20), order: { verb: 'set-weight', weight: 15 }, end: phaseIs('Succeeded') },
  'approve before the rollout': { weights: [0, 10, 20, 30, 40, 50, 0], copies: 2, when: waitsAt('qa'), gates: [gate('confirm-rollout')], order: { verb: 'approve' }, end: phaseIs('Succeeded') },
  'approve more traffic': { weights: [0, 10, 20, 30, 40, 50, 0], copies: 2, when: waitsAt('qa'), gates: [gate('confirm-traffic-increase')], order: { verb: 'approve' }, end: phaseIs('Succeeded') },
  'approve the promotion': { weights: [50, 0], copies: 2, when: waitsAt('qa'), gates: [gate('confirm-promotion')], order: { verb: 'approve' }, end: phaseIs('Succeeded') },
  'reject before the rollout': { weights: [0], copies: 1, when: waitsAt('qa'), gates: [gate('confirm-rollout')], order: { verb: 'reject' }, end: phaseIs('Failed') },
  'reject the promotion': { weights: [50, 0], copies: 1, when: waitsAt('qa'), gates: [gate('confirm-promotion')], order: { verb: 'reject' }, end: phaseIs('Failed') },
  undo: { weights: [0, 10, 20, 30, 40, 50, 0], copies: 2, when: phaseIs('Succeeded'), atRest: true, order: { verb: 'undo' }, end: (canary) => canary.status?.history?.length === 3 && canary.status.phase === 'Succeeded' },
  restart: { weights: [0], copies: 2, when: phaseIs('Succeeded'), atRest: true, order: { verb: 'restart' } },
};

const open: World[] = [];
afterEach(() => {
  for (const world of open.splice(0)) world.stop();
});

/** A world in the state in which the person speaks, driven by nobody. */
const readyFor = async ({ when, gates = [], atRest = false }: Pick<Story, 'when' | 'gates' | 'atRest'>): Promise<World> => {
  const world = await openWorld(PLAN);
  open.push(world);
  const driver = await world.startDriver();
  await applyObjects(world, objectsOf(PLAN));
  await until(world, phaseIs('Initialized'));
  if (gates.length > 0) await world.kube.patch(REF, { metadata: { annotations: { [ANNOTATIONS.gates]: JSON.stringify(gates) } } });
  await setImage(world, SECOND);
  await until(world, when);
  if (atRest) await world.clock.advance(5000);
  await driver.stop();
  return world;
};

const speak = async (world: World, { order }: Story): Promise<void> => {
  const revision = revisionAtHand(world.canary().status);
  const command: Command = { id: 'c1', by: 'bo', at: new Date(world.clock.now()).toISOString(), ...(revision !== undefined && { revision }), ...order };
  await world.kube.patch(REF, { metadata: { annotations: { [COMMAND_ANNOTATION]: serializeCommand(command) } } });
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
}

const deduplicated = <T>(list: readonly T[]): T[] => list.filter((item, index) => index === 0 || item !== list[index - 1]);

const factsOf = (world: World, from: number): Facts => {
  const moments = momentsOf(world, PLAN).slice(from);
  const last = moments.at(-1);
  const status = world.canary().status ?? {};
  const idOf = (object: unknown): unknown => (object as { spec?: { template?: { metadata?: { annotations?: Record<string, string> } } } })?.spec?.template?.metadata?.annotations?.['flagger-id'];
  return {
    commands: status.commands?.map(({ id, verb, result, message }) => ({ id, verb, result, message })),
    approvals: status.approvals?.map(({ gate: name, by }) => ({ name, by })),
    history: status.history?.map(({ number, result, image, by }) => ({ number, result, image, by })),
    phase: status.phase,
    weights: deduplicated(moments.map(({ weight }) => weight)),
    copies: deduplicated(moments.map(({ primary }) => idOf(primary))).length,
    images: [imageOf(last?.primary), imageOf(last?.target)],
    targetPods: replicasOf(last?.target),
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
  const facts = factsOf(world, from);
  world.stop();
  return { died: ports.isDead(), facts };
};

/** What a command does to objects takes at most three writes; then come status and events, and the step that it set free. */
const FATAL = [1, 2, 3, 4, 5];

describe('a command', () => {
  it.each(Object.entries(STORIES))('%s has its effect once, whichever write its driver dies after', async (_name, story) => {
    const { facts } = await play(story, 0);
    const { verb } = story.order;
    expect(facts).toMatchObject({ weights: story.weights, copies: story.copies, targetPods: 0 });
    expect(facts.commands).toEqual([expect.objectContaining({ id: 'c1', verb, result: 'obeyed' })]);
    const image = facts.phase === 'Failed' || verb === 'undo' ? FIRST_IMAGE : SECOND;
    expect(facts.images).toEqual([image, verb === 'undo' ? FIRST_IMAGE : SECOND]);
    for (const fatal of FATAL) {
      const after = await play(story, fatal);
      expect({ fatal, ...after.facts }).toEqual({ fatal, ...facts });
      if (!after.died) break;
    }
  });
});

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
    expect(waited).toBeLessThan(27_000);
  });

  it('before the rollout rejects without a pod or a share of the traffic', async () => {
    const { world } = await timed(gate('confirm-rollout', { timeout: '1h' }));
    const moments = momentsOf(world, PLAN);
    expect(world.canary().status?.history?.at(-1)).toMatchObject({ result: 'failed', image: SECOND });
    expect(moments.filter(({ target, weight }) => imageOf(target) === SECOND && (replicasOf(target) > 0 || (weight ?? 0) > 0))).toEqual([]);
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
    const counted = new Proxy(kube, { get: (target, name) => (...args: unknown[]) => ((requests += 1), (target as never as Record<string | symbol, (...all: unknown[]) => unknown>)[name]?.(...args)) });
    await world.startDriver({ kube: counted, http });
    await world.clock.advance(30_000);
    requests = 0;
    const before = world.seen.length;
    await world.clock.advance(120_000);
    expect([requests, world.seen.length]).toEqual([0, before]);
  });

  it('goes on within a second of its approval', async () => {
    const story = STORIES['approve the promotion'] as Story;
    const world = await readyFor(story);
    await world.startDriver();
    await world.clock.advance(3000);
    await speak(world, story);
    const asked = world.clock.now();
    await until(world, phaseIs('Promoting'));
    expect(world.clock.now() - asked).toBeLessThan(1000);
  });

  it('that nobody can read stops the rollout and says so', async () => {
    const world = await openWorld(PLAN);
    open.push(world);
    await world.startDriver();
    await applyObjects(world, objectsOf(PLAN));
    await until(world, phaseIs('Initialized'));
    const annotate = (text: string | null) => world.kube.patch(REF, { metadata: { annotations: { [ANNOTATIONS.gates]: text } } });
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
