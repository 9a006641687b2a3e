import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { deployment } from '../../../../shared/targets/deployment.ts';
import { aDeployment, type Deployment, withImage, withPodSpec, withReplicas } from '../../../make/deployment.ts';
import { type Modifier, stored, withAnnotations, withLabels } from '../../../make/modify.ts';
import type { Loose } from '../routing/board.ts';
import { contextFor, OWNER } from './contexts.ts';

const context = contextFor(KINDS.deployment);
const REF = refTo(KINDS.deployment, 'test', 'podinfo');

const withSpec =
  (fields: Record<string, unknown>): Modifier<Deployment> =>
  (object) => ({ ...object, spec: { ...object.spec, ...fields } });

const withTemplate =
  (metadata: Loose): Modifier<Deployment> =>
  (object) => ({
    ...object,
    spec: {
      ...object.spec,
      template: { ...object.spec.template, metadata: { ...object.spec.template.metadata, ...metadata } },
    },
  });

const copyOf = (target: KubeObject, more: Partial<typeof context> = {}): Loose =>
  deployment.createPrimary(target, { ...context, ...more });
const promoted = (target: KubeObject, primary: KubeObject, more: Partial<typeof context> = {}): Loose =>
  deployment.promotePrimary(target, primary, { ...context, ...more });

describe('the copy of a Deployment', () => {
  it('has a name, a label and an owner of its own, and selects by that label alone', () => {
    const copy = copyOf(
      aDeployment(
        withSpec({ selector: { matchLabels: { app: 'podinfo', tier: 'web' } } }),
        withTemplate({ labels: { app: 'podinfo', tier: 'web' } }),
      ),
    );
    expect(copy.metadata).toMatchObject({
      name: 'podinfo-primary',
      namespace: 'test',
      labels: { app: 'podinfo-primary' },
      ownerReferences: [OWNER],
    });
    expect(copy.spec.selector).toEqual({ matchLabels: { app: 'podinfo-primary' } });
    expect(copy.spec.template.metadata.labels).toEqual({ app: 'podinfo-primary', tier: 'web' });
  });

  it.each<[string, object, string[], string]>([
    ['the first that it selects by', { name: 'x', app: 'podinfo' }, ['app', 'name'], 'app=podinfo-primary'],
    ['the next where the first is missing', { name: 'x' }, ['app', 'name'], 'name=x-primary'],
    ['what the driver was told', { tier: 'web' }, ['tier'], 'tier=web-primary'],
  ])('is told apart by %s', (_what, matchLabels, selectorLabels, label) => {
    const { matchLabels: own } = copyOf(aDeployment(withSpec({ selector: { matchLabels } })), { selectorLabels }).spec
      .selector;
    expect(Object.entries(own).map(([key, value]) => `${key}=${String(value)}`)).toEqual([label]);
  });

  it('cannot be made where no known label selects the pods', () => {
    expect(copyOf(aDeployment(withSpec({ selector: { matchLabels: { tier: 'web' } } })))).toEqual({
      problem: 'deployment podinfo.test spec.selector.matchLabels must contain one of [app name]',
    });
  });

  it.each<[number, number]>([
    [3, 3],
    [0, 1],
  ])('of %d replicas starts with %d', (replicas, started) => {
    expect(copyOf(aDeployment(withReplicas(replicas))).spec.replicas).toBe(started);
  });

  it('takes what says how pods are replaced, and no more of the spec', () => {
    const given = {
      progressDeadlineSeconds: 60,
      minReadySeconds: 5,
      revisionHistoryLimit: 2,
      strategy: { type: 'Recreate' },
      paused: true,
    };
    const { spec } = copyOf(aDeployment(withSpec(given)));
    expect(spec).toMatchObject({
      progressDeadlineSeconds: 60,
      minReadySeconds: 5,
      revisionHistoryLimit: 2,
      strategy: { type: 'Recreate' },
    });
    expect(spec).not.toHaveProperty('paused');
  });

  const marked = aDeployment(
    withLabels({ 'team.example/a': '1', other: 'x', 'kustomize.toolkit.fluxcd.io/name': 'flux' }),
    withAnnotations({
      note: 'y',
      'helm.toolkit.fluxcd.io/x': '1',
      'deployment.kubernetes.io/revision': '4',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    }),
    withTemplate({
      labels: { app: 'podinfo', 'kustomize.toolkit.fluxcd.io/name': 'flux' },
      annotations: { a: '1', 'kustomize.toolkit.fluxcd.io/b': '2', 'flagger-id': 'of-target' },
    }),
  );

  it.each<[string, string[], object]>([
    ['no label without a prefix', [], { app: 'podinfo-primary' }],
    ['labels of a prefix', ['team.example/'], { 'team.example/a': '1', app: 'podinfo-primary' }],
    ['all labels but those of Flux', ['*'], { 'team.example/a': '1', other: 'x', app: 'podinfo-primary' }],
    ['no label for an empty prefix', [''], { app: 'podinfo-primary' }],
  ])('takes %s', (_what, includePrefixes, labels) => {
    expect(copyOf(marked, { includePrefixes }).metadata.labels).toEqual(labels);
  });

  it('takes annotations but those of servers, kubectl and Flux', () => {
    expect(copyOf(marked).metadata.annotations).toEqual({ note: 'y' });
  });

  it('has the pods of the target without Flux, with the id of its rollout', () => {
    expect(copyOf(marked).spec.template.metadata).toEqual({
      labels: { app: 'podinfo-primary' },
      annotations: { a: '1', 'flagger-id': 'id-1' },
    });
  });

  it('reads copies of the tracked configs alone', () => {
    const volumes = [
      { name: 'a', configMap: { name: 'tracked' } },
      { name: 'b', configMap: { name: 'other' } },
    ];
    const copy = copyOf(aDeployment(withPodSpec({ volumes })), { copiedConfigs: new Set(['configmap/tracked']) });
    expect(copy.spec.template.spec.volumes).toEqual([
      { name: 'a', configMap: { name: 'tracked-primary' } },
      { name: 'b', configMap: { name: 'other' } },
    ]);
  });
});

describe('a promotion', () => {
  const primary = copyOf(aDeployment(withReplicas(5)));

  it('brings the new pods and what replaces them, and leaves the rest of the copy', () => {
    const live: Loose = stored('9')(primary);
    live.spec = { ...live.spec, paused: true, progressDeadlineSeconds: 10 };
    const object = promoted(aDeployment(withReplicas(2), withImage('x:2'), withSpec({ minReadySeconds: 3 })), live, {
      rolloutId: 'id-2',
    });
    expect(object.metadata).toMatchObject({ name: 'podinfo-primary', resourceVersion: '9' });
    expect(object.spec).toMatchObject({
      replicas: 2,
      paused: true,
      minReadySeconds: 3,
      selector: { matchLabels: { app: 'podinfo-primary' } },
    });
    expect(object.spec).not.toHaveProperty('progressDeadlineSeconds');
    expect(object.spec.template.spec.containers[0].image).toBe('x:2');
    expect(object.spec.template.metadata.annotations).toEqual({ 'flagger-id': 'id-2' });
  });

  it.each<[string, number, number, boolean, number]>([
    ["the target's number without a scaler", 5, 2, false, 2],
    ['its own while the target sleeps', 5, 0, false, 5],
    ['its own with a scaler', 5, 2, true, 5],
    ["the target's where its scaler has none", 0, 3, true, 3],
    ['one where nobody has any', 0, 0, true, 1],
  ])('leaves the copy with %s', (_what, ofPrimary, ofTarget, hasScaler, left) => {
    const live = { ...primary, spec: { ...primary.spec, replicas: ofPrimary } };
    expect(promoted(aDeployment(withReplicas(ofTarget)), live, { hasScaler }).spec.replicas).toBe(left);
  });

  it('takes away labels and annotations that are not to be copied, but nothing of the server', () => {
    const live = withAnnotations({ mine: '1', 'deployment.kubernetes.io/revision': '7' })(
      withLabels({ mine: '1' })(primary as KubeObject),
    );
    const { metadata } = promoted(aDeployment(withAnnotations({ 'a/x': '1', b: '2' })), live, {
      includePrefixes: ['a/'],
    });
    expect(metadata.labels).toEqual({ app: 'podinfo-primary' });
    expect(metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '7', 'a/x': '1' });
  });

  it('brings no annotation that a server or kubectl wrote on the target, whatever the prefixes', () => {
    const live = withAnnotations({ 'deployment.kubernetes.io/revision': '7' })(primary as KubeObject);
    const target = aDeployment(
      withAnnotations({
        b: '2',
        'deployment.kubernetes.io/revision': '4',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      }),
    );
    const { metadata } = promoted(target, live, { includePrefixes: ['*'] });
    expect(metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '7', b: '2' });
  });

  it('made twice is made once', () => {
    const target = aDeployment(withImage('x:2'));
    const once = promoted(target, primary, { rolloutId: 'id-2' });
    expect(promoted(target, once, { rolloutId: 'id-2' })).toEqual(once);
  });
});

describe('a copy runs what the target runs', () => {
  const primary = copyOf(aDeployment());
  const same = (target: KubeObject, live: Loose = primary, more: Partial<typeof context> = {}): boolean =>
    deployment.runsSame(target, live, { ...context, ...more });

  it.each<[string, Deployment, boolean]>([
    ['as it was made', aDeployment(), true],
    ['with another number of pods', aDeployment(withReplicas(0)), true],
    ['with a template that some clients stamp', aDeployment(withTemplate({ creationTimestamp: null })), true],
    ['not with another image', aDeployment(withImage('x:2')), false],
    ['not with another annotation', aDeployment(withTemplate({ annotations: { a: '1' } })), false],
    ['not where nothing selects its pods', aDeployment(withSpec({ selector: { matchLabels: {} } })), false],
  ])('%s', (_what, target, isSame) => {
    expect(same(target)).toBe(isSame);
  });

  it('whatever the id of its rollout', () => {
    expect(same(aDeployment(), copyOf(aDeployment(), { rolloutId: 'another' }))).toBe(true);
    expect(deployment.copyIdOf(copyOf(aDeployment(), { rolloutId: 'another' }))).toBe('another');
    expect(deployment.copyIdOf(aDeployment())).toBeUndefined();
  });
});

describe('what tells revisions apart', () => {
  const source = (...more: Modifier<Deployment>[]): unknown => deployment.revisionSource(aDeployment(...more));

  it.each<[string, Modifier<Deployment>, boolean]>([
    ['an image', withImage('x:2'), true],
    ['an annotation of the pods', withTemplate({ annotations: { restarted: 'now' } }), true],
    ['the number of pods', withReplicas(9), false],
    ['a stamp of the template', withTemplate({ creationTimestamp: null }), false],
    ['labels of the Deployment', withLabels({ a: '1' }), false],
    ['how pods are replaced', withSpec({ minReadySeconds: 9 }), false],
  ])('%s', (_what, change, differs) => {
    expect(JSON.stringify(source(change)) !== JSON.stringify(source())).toBe(differs);
  });
});

describe('a target between releases', () => {
  it('sleeps with no replicas; one without a number has one', () => {
    expect(deployment.isParked(aDeployment(withReplicas(0)))).toBe(true);
    expect(deployment.isParked(aDeployment(withSpec({ replicas: undefined })))).toBe(false);
    expect(deployment.replicasOf(aDeployment(withSpec({ replicas: undefined })))).toBe(1);
  });

  it('is put to rest and woken with the version that was read', () => {
    const awake = stored('5')(aDeployment());
    expect(deployment.park(REF, awake)).toEqual({
      do: 'patch',
      ref: REF,
      type: 'merge',
      patch: { metadata: { resourceVersion: '5' }, spec: { replicas: 0 } },
    });
    const asleep = stored('6')(aDeployment(withReplicas(0)));
    expect(deployment.wake(REF, asleep, 4)).toMatchObject({
      patch: { metadata: { resourceVersion: '6' }, spec: { replicas: 4 } },
    });
  });

  it('is left alone where it is so already', () => {
    expect(deployment.park(REF, aDeployment(withReplicas(0)))).toBeUndefined();
    expect(deployment.wake(REF, aDeployment(withReplicas(7)), 1)).toBeUndefined();
  });

  it('names its images in order', () => {
    expect(
      deployment.imageOf(
        aDeployment(
          withPodSpec({
            containers: [
              { name: 'a', image: 'a:1' },
              { name: 'b', image: 'b:2' },
            ],
          }),
        ),
      ),
    ).toBe('a:1,b:2');
    expect(deployment.imageOf(aDeployment(withSpec({ template: undefined })))).toBe('');
  });
});

describe('a primary that is started anew', () => {
  const primary = copyOf(aDeployment(withReplicas(3)), { rolloutId: 'id-1' }) as KubeObject;

  it('has another id on its pods, and nothing else changes', () => {
    const restarted = deployment.restartPrimary?.(primary, 'mark') as KubeObject;
    expect(deployment.copyIdOf(restarted)).toBe('mark');
    expect(JSON.stringify(restarted).replace('"mark"', '"id-1"')).toBe(JSON.stringify(primary));
  });

  it('is started once for one mark', () => {
    const restarted = deployment.restartPrimary?.(primary, 'mark') as KubeObject;
    expect(deployment.restartPrimary?.(restarted, 'mark')).toBe(restarted);
  });
});
