import { afterEach, describe, expect, it } from 'vitest';
import type { AnalysisGate, Canary } from '../../../shared/api/canary.ts';
import { ANNOTATIONS } from '../../../shared/api/names.ts';
import { imageOf, momentsOf, replicasOf } from '../../laws/observed.ts';
import { FIRST_IMAGE, NAMESPACE, nextImage, objectsOf, type Plan } from '../../laws/plan.ts';
import { applyObjects, openWorld, setImage, until, type World } from '../../laws/world.ts';
import { createMortalPorts } from './mortal-ports.ts';
import { gate, PLAN, phaseIs, REF } from './person.ts';

interface Story {
  readonly plan: Plan;
  readonly gates?: readonly AnalysisGate[];
  readonly begin?: (world: World) => void;
  /** What the world says once the first driver is dead: no longer what led to the rollback. */
  readonly change?: (world: World) => void;
  readonly reason: string;
}

const ROLLBACK = 'rollback';

const STORIES: Readonly<Record<string, Story>> = {
  'a hook that changed its mind since': {
    plan: { ...PLAN, hooks: [{ type: ROLLBACK, opensAfterMs: 0 }] },
    begin({ hooks, clock }) {
      hooks.setCode(NAMESPACE, ROLLBACK, 500);
      clock.after(25_000, () => hooks.setCode(NAMESPACE, ROLLBACK, 200));
    },
    change: ({ hooks }) => hooks.setCode(NAMESPACE, ROLLBACK, 500),
    reason: 'RolledBackByHook',
  },
  'a deadline': { plan: { ...PLAN, starts: false }, reason: 'ProgressDeadlineExceeded' },
  'a gate that nobody answered': {
    plan: PLAN,
    gates: [gate('confirm-traffic-increase', { timeout: '15s' })],
    reason: 'GateTimedOut',
  },
  'checks that would pass since': {
    plan: { ...PLAN, success: 61.5 },
    change: ({ prometheus }) => prometheus.setValues(NAMESPACE, { success: 100 }),
    reason: 'ChecksFailed',
  },
};

interface Ending {
  readonly writes: number;
  readonly died: boolean;
  /** The first driver had decided to roll back when it died, or was done. */
  readonly hadDecided: boolean;
  readonly phase: string | undefined;
  readonly reason: string | undefined;
  /** How often the target got pods. */
  readonly wakes: number;
  readonly targetPods: number;
  readonly images: readonly (string | undefined)[];
}

const open: World[] = [];
afterEach(() => {
  for (const world of open.splice(0)) world.stop();
});

const wakesIn = (moments: ReturnType<typeof momentsOf>): number =>
  moments.filter(({ target }, at) => replicasOf(target) > 0 && replicasOf(moments[at - 1]?.target) === 0).length;

/** Plays the rollout with a driver that dies around its write number `fatal` (0: never), and another that comes after it. */
const play = async (story: Story, fatal: number, death: 'before' | 'after'): Promise<Ending> => {
  const { plan, gates = [] } = story;
  const world = await openWorld(plan);
  open.push(world);
  const first = await world.startDriver();
  await applyObjects(world, objectsOf(plan));
  await until(world, phaseIs('Initialized'));
  await first.stop();
  if (gates.length > 0)
    await world.kube.patch(REF, { metadata: { annotations: { [ANNOTATIONS.gates]: JSON.stringify(gates) } } });
  const from = world.seen.length;
  world.prometheus.setValues(NAMESPACE, { success: plan.success });
  story.begin?.(world);
  await setImage(world, nextImage(plan, 2));
  const ports = createMortalPorts(world, fatal, death);
  await world.startDriver(ports);
  const hasFailed = phaseIs('Failed');
  await until(world, (canary) => ports.isDead() || hasFailed(canary));
  const { status } = world.canary();
  const hadDecided = status?.rollback !== undefined || status?.phase === 'Failed';
  if (ports.isDead() && hadDecided) {
    story.change?.(world);
    await world.clock.advance(3000);
    await world.startDriver();
    await until(world, hasFailed);
  }
  await world.clock.advance(15_000);
  const moments = momentsOf(world, plan).slice(from);
  const last = moments.at(-1);
  const canary: Canary = world.canary();
  world.stop();
  return {
    writes: ports.writes(),
    died: ports.isDead(),
    hadDecided,
    phase: canary.status?.phase,
    reason: canary.status?.history?.at(-1)?.reason,
    wakes: wakesIn(moments),
    targetPods: replicasOf(last?.target),
    images: [imageOf(last?.primary)],
  };
};

/** The rollback with its events is among the last writes. */
const LAST_WRITES = 8;

describe.each(['before', 'after'] as const)('a driver killed %s a write of a rollback', (death) => {
  it.each(Object.entries(STORIES))(
    'because of %s is followed by one that ends it, and wakes nothing',
    async (_name, story) => {
      const end = {
        phase: 'Failed',
        reason: story.reason,
        wakes: 1,
        targetPods: 0,
        images: [FIRST_IMAGE],
      };
      const whole = await play(story, 0, death);
      expect(whole).toMatchObject(end);
      let decided = 0;
      for (let fatal = Math.max(1, whole.writes - LAST_WRITES); fatal <= whole.writes; fatal += 1) {
        const ending = await play(story, fatal, death);
        expect(ending.died).toBe(true);
        if (!ending.hadDecided) continue;
        decided += 1;
        expect({ fatal, ...ending }).toMatchObject({ fatal, ...end });
      }
      expect(decided).toBeGreaterThan(3);
    },
  );
});
