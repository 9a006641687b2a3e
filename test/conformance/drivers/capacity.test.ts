import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../shared/api/kube.ts';
import { isFields } from '../../golden/runner/canonical.ts';
import { playScenario } from '../../golden/runner/player.ts';
import { traceOf } from '../../golden/runner/run.ts';
import { loadScenario, type Scenario, type State, type Step } from '../../golden/runner/scenario.ts';
import { withoutRepeats } from '../../golden/runner/sequences.ts';
import { openVirtualWorld, passTime } from '../../golden/runner/virtual-stage.ts';

interface Autoscaled {
  readonly name: string;
  /** The primary's autoscaler, and where it has its minimum. */
  readonly scaler: string;
  readonly field: string;
  readonly least: number;
  /** What the primary has when the rollout begins. */
  readonly busy: number;
  /** A moment in the middle of the analysis. */
  readonly midway: Step;
}

const HPA: Autoscaled = {
  name: 'nginx-canary',
  scaler: 'autoscaling/horizontalpodautoscalers/podinfo-primary',
  field: 'minReplicas',
  least: 2,
  busy: 4,
  midway: ['reach', 'canaryWeight', 25],
};

const KEDA: Autoscaled = {
  name: 'bluegreen-keda',
  scaler: 'keda.sh/scaledobjects/podinfo-so-primary',
  field: 'minReplicaCount',
  least: 1,
  busy: 3,
  midway: ['reach', 'iterations', 1],
};

const PRIMARY = 'apps/deployments/podinfo-primary';

const specField =
  (field: string) =>
  (state: State): unknown[] => {
    const spec = state === 'DELETED' ? undefined : state['spec'];
    return isFields(spec) ? [spec[field]] : [];
  };

/** The primary busy when the rollout starts, and what `steps` do to it in the middle of the analysis. */
const play = async (scenario: Scenario, { busy, midway }: Autoscaled, steps: readonly number[]) => {
  const primary = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'podinfo-primary', namespace: scenario.namespace },
  } as KubeObject;
  const scaleTo = (replicas: number): Step => ['patch', primary, { spec: { replicas } }];
  const at = scenario.steps.findIndex(([verb]) => verb === 'patch');
  const played = [
    ...scenario.steps.slice(0, at),
    scaleTo(busy),
    ['sleep', 10] as const,
    ...scenario.steps.slice(at, -1),
    midway,
    ...steps.map(scaleTo),
    ...scenario.steps.slice(-1),
  ];
  const world = await openVirtualWorld(scenario);
  const driver = await world.startDriver();
  await passTime(world.clock, playScenario(world, { ...scenario, steps: played }));
  await world.clock.advance(30_000);
  const { objects } = traceOf(world, scenario.namespace);
  await driver.stop();
  await world.stop();
  return objects;
};

describe.each([HPA, KEDA])('the primary of $name', (plan) => {
  const { name, scaler, field, least, busy } = plan;
  const scenario = loadScenario(name);

  it('keeps what it had when the rollout began, though its autoscaler went below, and is free again afterwards', async () => {
    const objects = await play(scenario, plan, [least]);
    const counts = withoutRepeats((objects[PRIMARY] ?? []).flatMap(specField('replicas')));
    expect(counts.slice(counts.indexOf(busy))).toEqual([busy, least, busy]);
    expect(withoutRepeats((objects[scaler] ?? []).flatMap(specField(field)))).toEqual([least, busy, least]);
  });

  it('has no minimum of its own where nothing went below', async () => {
    const objects = await play(scenario, plan, []);
    expect(withoutRepeats((objects[PRIMARY] ?? []).flatMap(specField('replicas'))).at(-1)).toBe(busy);
    expect(withoutRepeats((objects[scaler] ?? []).flatMap(specField(field)))).toEqual([least]);
  });

  it('is raised no further than that by anybody but its autoscaler', async () => {
    const objects = await play(scenario, plan, [busy + 1, busy]);
    expect(withoutRepeats((objects[scaler] ?? []).flatMap(specField(field)))).toEqual([least]);
  });
});
