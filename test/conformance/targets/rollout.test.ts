import { describe, expect, it } from 'vitest';
import { type Loose, played } from './staged.ts';

const SERVICE = 'core/services/podinfo';
const KNATIVE = 'serving.knative.dev/services/podinfo';
const PORTS = [{ name: 'http', port: 80, targetPort: 9898 }];

const canaryIn = (objects: Loose[]): Loose => objects.find(({ kind }) => kind === 'Canary');

const conditionOf = (canary: Loose, type: string): Loose =>
  canary.status.conditions.find((one: Loose) => one.type === type);

/** The Service in the place of the recorded one, which is but a name, and what it becomes. */
const ofService = (before: object, after: object, change: (canary: Loose, steps: Loose[]) => void = () => undefined) =>
  played('service-target', ({ objects, steps }) => {
    objects[0].spec = before;
    steps[2][2] = { spec: after };
    change(canaryIn(objects), steps);
  });

describe('a Service as target', () => {
  it.each<[string, object, object]>([
    ['with an address', { selector: { app: 'a' }, ports: PORTS }, { selector: { app: 'b' } }],
    ['without one', { clusterIP: 'None', selector: { app: 'a' }, ports: PORTS }, { selector: { app: 'b' } }],
    ['with ports on the nodes', { type: 'NodePort', selector: { app: 'a' }, ports: PORTS }, { selector: { app: 'b' } }],
    [
      'that becomes a name',
      { selector: { app: 'a' }, ports: PORTS },
      { type: 'ExternalName', externalName: 'x.example.com', selector: null, ports: null },
    ],
    [
      'that was a name',
      { type: 'ExternalName', externalName: 'x.example.com' },
      { type: 'ClusterIP', externalName: null, selector: { app: 'b' }, ports: PORTS },
    ],
  ])('%s is rolled out', async (_what, before, after) => {
    const { last, canary, stuck } = await ofService(before, after);
    expect([stuck, canary.status?.phase]).toEqual([undefined, 'Succeeded']);
    const target = last(SERVICE).spec;
    for (const name of [`${SERVICE}-primary`, `${SERVICE}-canary`]) {
      const { type, selector, externalName, clusterIP } = last(name).spec;
      expect({ type, selector, externalName }).toEqual({
        type: target.type,
        selector: target.selector,
        externalName: target.externalName,
      });
      expect(clusterIP === undefined || clusterIP === 'None' || clusterIP !== target.clusterIP).toBe(true);
    }
  });

  it('leads nobody to a revision that is not to be looked at yet', async () => {
    const { states, canary } = await ofService(
      { selector: { app: 'a' }, ports: PORTS },
      { selector: { app: 'b' } },
      ({ spec }, steps) => {
        spec.analysis.webhooks = [
          { name: 'gate', type: 'confirm-rollout', url: 'http://127.0.0.1:9099/hook/a-service-target/gate' },
        ];
        steps.splice(2, steps.length - 2, ['hook', 'gate', 403], steps[2], ['phase', 'Waiting'], ['sleep', 60]);
      },
    );
    expect(canary.status?.phase).toBe('Waiting');
    expect(states(`${SERVICE}-canary`).map(({ spec }) => spec.selector.app)).toEqual(['a']);
  });

  it('has its routes where its copies are, whatever the Canary calls its Services', async () => {
    const { last, stuck } = await ofService(
      { selector: { app: 'a' }, ports: PORTS },
      { selector: { app: 'b' } },
      ({ spec }) => (spec.service.name = 'front'),
    );
    expect(stuck).toBeUndefined();
    const [{ route }] = last('networking.istio.io/virtualservices/podinfo').spec.http;
    expect(route.map((one: Loose) => one.destination.host)).toEqual(['podinfo-primary', 'podinfo-canary']);
  });
});

describe('a Knative Service as target', () => {
  it('whose revision never starts is rolled back at its deadline', async () => {
    const { last, canary, events } = await played('knative-canary', ({ objects, steps }) => {
      objects[1].status.conditions[0].status = 'False';
      steps[2] = ['phase', 'Failed', 120];
    });
    expect(canary.status?.phase).toBe('Failed');
    expect(events).toContain(
      'canary service podinfo.a-knative-canary not ready: revision podinfo-00002 is not ready: waiting for its pods',
    );
    expect(last(KNATIVE).spec.traffic).toEqual([
      { latestRevision: true, percent: 0 },
      { revisionName: 'podinfo-00001', percent: 100 },
    ]);
  });

  it('goes back to its primary step by step where that is asked for', async () => {
    const { states, canary } = await played(
      'knative-canary',
      ({ objects }) => (canaryIn(objects).spec.analysis.stepWeightPromotion = 20),
    );
    expect(canary.status?.phase).toBe('Succeeded');
    const shares = states(KNATIVE).map(({ spec }) => spec.traffic[0]?.percent);
    expect(shares.filter((share, index) => share !== undefined && share !== shares[index - 1])).toEqual([
      0, 25, 50, 30, 10, 0,
    ]);
  });

  it('gets its traffic back when the Canary goes', async () => {
    const { last } = await played('knative-canary', ({ objects, steps }) => {
      const canary = canaryIn(objects);
      canary.spec.revertOnDeletion = true;
      objects[2].spec.traffic = [{ revisionName: 'podinfo-00001', percent: 100 }];
      steps.push(['delete', canary], ['gone']);
    });
    expect(last(KNATIVE).metadata.annotations ?? {}).toEqual({});
    expect(last(KNATIVE).spec.traffic).toEqual([{ revisionName: 'podinfo-00001', percent: 100 }]);
  });

  it.each<[string, string, (canary: Loose) => void]>([
    [
      'a provider that splits Services',
      'cannot route to a target of kind serving.knative.dev/v1 Service',
      ({ spec }) => (spec.provider = 'istio'),
    ],
    [
      'an autoscaler',
      'spec.autoscalerRef cannot scale serving.knative.dev/v1 Service',
      ({ spec }) => (spec.autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'x' }),
    ],
    [
      'a target that is none',
      'spec.provider "knative" cannot route to a target of kind v1 Service',
      ({ spec }) => (spec.targetRef.apiVersion = 'v1'),
    ],
  ])('with %s is left alone, and the Canary says why', async (_what, problem, change) => {
    const { canary, states } = await played('knative-canary', ({ objects, steps }) => {
      change(canaryIn(objects));
      steps.splice(0, steps.length, ['sleep', 60]);
    });
    expect(conditionOf(canary, 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'InvalidSpec',
      message: expect.stringContaining(problem),
    });
    expect(states(KNATIVE)).toHaveLength(1);
  });

  it('that the cluster does not know is told of', async () => {
    const { events, canary } = await played('late-target', ({ objects, steps }) => {
      const { spec } = canaryIn([...objects, ...steps.map(([, object]) => object ?? {})]);
      spec.provider = 'knative';
      spec.targetRef.apiVersion = 'serving.knative.dev/v1';
      spec.targetRef.kind = 'Service';
      steps.splice(0, steps.length, ['sleep', 60]);
    });
    expect(events).toContainEqual(expect.stringContaining('services.serving.knative.dev "podinfo" not found'));
    expect(canary.status?.phase).toBe('Initializing');
  });
});
