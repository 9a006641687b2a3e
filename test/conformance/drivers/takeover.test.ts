import { describe, expect, it } from 'vitest';
import type { Kube } from '../../../shared/engine/ports.ts';
import { describeMismatch } from '../../golden/runner/compare.ts';
import { playScenario } from '../../golden/runner/player.ts';
import { createJudge, traceOf } from '../../golden/runner/run.ts';
import { loadScenario, type Scenario, type Trace } from '../../golden/runner/scenario.ts';
import { SCENARIOS } from '../../golden/runner/selection.ts';
import { openVirtualWorld, passTime, type VirtualWorld } from '../../golden/runner/virtual-stage.ts';
import { canaryOf, createReferencePorts, leaveAsReference, withoutReferenceCounters } from './handover.ts';
import { copiesMade, copiesOwed, rewrittenHashes } from './handover-marks.ts';
import type { Death } from './mortal-ports.ts';

const QUIET_MS = 60_000;
const GAP_MS = 1000;

interface Plan {
  /** The move of its rollout around which a driver is killed, and on which side of its status write. */
  readonly fatal: number;
  readonly death: Death;
  /** How many are killed before the one that stays. */
  readonly deaths: number;
}

const pause = (world: VirtualWorld, ms: number): Promise<void> =>
  new Promise((resolve) => void world.clock.after(ms, resolve));

/** Lets nobody touch the cluster between two drivers: what changes then is what the next one finds. */
class Gap {
  #open: Promise<void> = Promise.resolve();
  end: () => void = () => undefined;

  begin(): void {
    this.#open = new Promise((resolve) => (this.end = resolve));
  }

  async over(): Promise<void> {
    for (let open: Promise<void> | undefined; open !== this.#open; ) await (open = this.#open);
  }
}

const patient = (kube: Kube, gap: Gap): Kube => ({
  get: (...args) => kube.get(...args),
  list: (...args) => kube.list(...args),
  watch: (...args) => kube.watch(...args),
  create: (...args) => kube.create(...args),
  replace: (...args) => kube.replace(...args),
  raw: (...args) => kube.raw(...args),
  patch: (...args) => gap.over().then(() => kube.patch(...args)),
  remove: (...args) => gap.over().then(() => kube.remove(...args)),
});

interface Succession {
  readonly world: VirtualWorld;
  readonly scenario: Scenario;
  readonly gap: Gap;
  /** The phases that were left behind. */
  readonly killed: string[];
}

/** Drivers one after the other, each finding what the reference would have left. */
const succeed = async ({ world, scenario, gap, killed }: Succession, { fatal, death, deaths }: Plan): Promise<void> => {
  for (let driver = 0; driver < deaths; driver += 1) {
    const from = await canaryOf(world.kube, scenario);
    const ports = createReferencePorts(world, { fatal, death, from, onEnd: () => gap.begin() });
    const running = await world.startDriver(ports);
    void pause(world, GAP_MS).then(gap.end);
    await ports.death;
    // What it waits for never comes; only its watches are of this world.
    void running.stop();
    const left = await leaveAsReference(world.kube, scenario);
    if (left === undefined) return gap.end();
    killed.push(left);
    await pause(world, GAP_MS);
  }
  await world.startDriver();
  await pause(world, GAP_MS);
  gap.end();
};

interface Outcome {
  /** The phase that each killed driver left behind. */
  readonly killed: readonly string[];
  readonly wrong: readonly string[];
}

const play = async (scenario: Scenario, plan: Plan): Promise<Outcome> => {
  const world = await openVirtualWorld(scenario);
  const killed: string[] = [];
  let broken: unknown;
  const gap = new Gap();
  succeed({ world, scenario, gap, killed }, plan).catch((error: unknown) => (broken = error));
  const stuck = await passTime(world.clock, playScenario({ ...world, kube: patient(world.kube, gap) }, scenario)).then(
    () => [],
    (error: unknown) => [(error as Error).message],
  );
  await world.clock.advance(QUIET_MS);
  if (broken !== undefined) throw broken as Error;
  world.recorder.check();
  const trace = withoutReferenceCounters(traceOf(world, scenario.namespace));
  await world.stop();
  return { killed, wrong: [...stuck, ...wrongIn(scenario, trace)] };
};

const wrongIn = (scenario: Scenario, trace: Trace): string[] => {
  const differing = createJudge(scenario)(trace).filter(({ subject }) => subject.includes('/'));
  const [made, owed] = [copiesMade(trace.objects), copiesOwed(scenario)];
  return [
    ...differing.map(describeMismatch),
    ...rewrittenHashes(scenario, trace.objects),
    ...(made > owed ? [`${made} copies were made for the primary instead of ${owed}`] : []),
  ];
};

/** Those that between them have every phase and strategy; the others are handed over once at each state. */
const CLOSELY = [
  'bluegreen-keda',
  'nginx-canary',
  'traefik-rollback',
  'nginx-ab',
  'step-promotion',
  'skip-analysis',
  'config-tracking',
  'gates-closed',
  'istio-mirror',
];

describe('a driver that finds what the reference left', () => {
  it.each(SCENARIOS)('goes on from every state of %s, and leaves it so to the next one', async (name) => {
    const { killed, wrong } = await play(loadScenario(name), { fatal: 1, death: 'after', deaths: 99 });
    expect(wrong).toEqual([]);
    expect(killed.length).toBeGreaterThan(0);
    expect(killed.length).toBeLessThan(99);
  });

  it.each(CLOSELY)('goes on to the end from every write of %s that no status tells of', async (name) => {
    const scenario = loadScenario(name);
    const wrong: Record<number, readonly string[]> = {};
    let fatal = 1;
    for (; ; fatal += 1) {
      const outcome = await play(scenario, { fatal, death: 'before', deaths: 1 });
      if (outcome.killed.length === 0) break;
      if (outcome.wrong.length > 0) wrong[fatal] = outcome.wrong;
    }
    expect(wrong).toEqual({});
    expect(fatal).toBeGreaterThan(4);
  });
});
