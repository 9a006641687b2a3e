/** A person who speaks to a rollout in virtual time: the rollout, the word, and the world in between. */
import type { AnalysisGate, Canary } from '../../../shared/api/canary.ts';
import { COMMAND_ANNOTATION, type Command, revisionAtHand, serializeCommand } from '../../../shared/api/command.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { refTo } from '../../../shared/api/kube.ts';
import { ANNOTATIONS } from '../../../shared/api/names.ts';
import { NAMESPACE, nextImage, objectsOf, type Plan } from '../../laws/plan.ts';
import { applyObjects, openWorld, setImage, until, type World } from '../../laws/world.ts';

export const PLAN: Plan = {
  provider: 'nginx',
  analysis: {
    interval: '10s',
    threshold: 2,
    stepWeight: 10,
    maxWeight: 50,
    metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 } }],
  },
  skipAnalysis: false,
  scaler: 'none',
  replicas: 2,
  readyAfterMs: 1000,
  success: 100,
  starts: true,
  hooks: [],
  nextAfterMs: undefined,
};

export const SECOND = nextImage(PLAN, 2);
export const REF = refTo(KINDS.canary, NAMESPACE, 'podinfo');
export const phaseIs =
  (phase: string) =>
  (canary: Canary): boolean =>
    canary.status?.phase === phase;
export const weightIs =
  (weight: number) =>
  (canary: Canary): boolean =>
    canary.status?.canaryWeight === weight;
export const waitsAt =
  (gate: string) =>
  (canary: Canary): boolean =>
    canary.status?.waitingFor?.gate === gate;

export const gate = (type: AnalysisGate['type'], more: Partial<AnalysisGate> = {}): AnalysisGate => ({
  name: 'qa',
  type,
  ...more,
});

/** When the person speaks, and what. */
export interface Word {
  /** The state in which the person speaks. */
  readonly when: (canary: Canary) => boolean;
  readonly order: Partial<Command> & Pick<Command, 'verb'>;
  readonly gates?: readonly AnalysisGate[];
  /** The second image is promoted before; nothing is rolled out when the person speaks. */
  readonly atRest?: boolean;
  /** Another rollout than the usual one. */
  readonly plan?: Plan;
}

const open: World[] = [];

/** To be called after each test. */
export const closeWorlds = (): void => {
  for (const world of open.splice(0)) world.stop();
};

/** A world in which nothing has been applied yet. */
export const aWorld = async (plan = PLAN): Promise<World> => {
  const world = await openWorld(plan);
  open.push(world);
  return world;
};

/** A world in the state in which the person speaks, driven by nobody. */
export const readyFor = async ({
  when,
  gates = [],
  atRest = false,
  plan = PLAN,
}: Omit<Word, 'order'>): Promise<World> => {
  const world = await aWorld(plan);
  for (const { type, opensAfterMs } of plan.hooks)
    if (opensAfterMs === 'never') world.hooks.setCode(NAMESPACE, type, 500);
  const driver = await world.startDriver();
  await applyObjects(world, objectsOf(plan));
  await until(world, phaseIs('Initialized'));
  if (gates.length > 0)
    await world.kube.patch(REF, { metadata: { annotations: { [ANNOTATIONS.gates]: JSON.stringify(gates) } } });
  world.prometheus.setValues(NAMESPACE, { success: plan.success });
  await setImage(world, SECOND);
  await until(world, when);
  if (atRest) await world.clock.advance(5000);
  await driver.stop();
  return world;
};

export const speak = async (world: World, { order }: Pick<Word, 'order'>): Promise<void> => {
  const revision = revisionAtHand(world.canary().status);
  const command: Command = {
    id: 'c1',
    by: 'bo',
    at: new Date(world.clock.now()).toISOString(),
    ...(revision !== undefined && { revision }),
    ...order,
  };
  await world.kube.patch(REF, { metadata: { annotations: { [COMMAND_ANNOTATION]: serializeCommand(command) } } });
};
