import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { controllerRevisions, replicaSets } from '../../../../shared/targets/past.ts';
import { podSpecOf, templateOf } from '../../../../shared/targets/pod-spec.ts';
import { aDeployment, withImage, withReplicas } from '../../../make/deployment.ts';
import { stored } from '../../../make/modify.ts';
import type { Loose } from '../routing/board.ts';

const TARGET: KubeObject = stored('3')(aDeployment(withReplicas(4), withImage('x:2')));
const owned = (uid = TARGET.metadata.uid, controller = true) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo', uid: uid ?? '', controller }],
});

const replicaSet = (metadata: object = owned()): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'podinfo-abc', namespace: 'test', ...metadata },
  spec: {
    replicas: 0,
    template: {
      metadata: { labels: { app: 'podinfo', 'pod-template-hash': 'abc' } },
      spec: { containers: [{ name: 'podinfod', image: 'x:1' }] },
    },
  },
});

describe('a former revision of a Deployment', () => {
  it('is looked for by what selects its pods', () => {
    expect(replicaSets.selectorOf(TARGET)).toBe('app=podinfo');
    expect(replicaSets.selectorOf({ ...TARGET, spec: { selector: { matchLabels: { app: 'a', tier: 'b' } } } })).toBe(
      'app=a,tier=b',
    );
    expect(replicaSets.selectorOf({ ...TARGET, spec: {} })).toBe('');
  });

  it('brings the pods of then, without the mark of its ReplicaSet, and nothing else', () => {
    const former = replicaSets.asIn(TARGET, replicaSet()) as Loose;
    expect(templateOf(former)).toEqual({
      metadata: { labels: { app: 'podinfo' } },
      spec: { containers: [{ name: 'podinfod', image: 'x:1' }] },
    });
    expect(former.metadata).toEqual(TARGET.metadata);
    expect(former.spec.replicas).toBe(4);
  });

  it.each<[string, object]>([
    ['of another Deployment', owned('other')],
    ['that it only shares', owned(TARGET.metadata.uid, false)],
    ['of nobody', {}],
  ])('is no ReplicaSet %s', (_what, metadata) => {
    expect(replicaSets.asIn(TARGET, replicaSet(metadata))).toBeUndefined();
  });
});

describe('a former revision of a DaemonSet', () => {
  const codec = controllerRevisions((template) => ({
    ...template,
    spec: { ...template.spec, nodeSelector: { parked: 'true' } },
  }));
  const kept = (data: unknown, metadata: object = owned()): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: 'x', ...metadata },
    data,
  });
  const template = {
    $patch: 'replace',
    metadata: { labels: { app: 'podinfo' } },
    spec: { containers: [{ name: 'a', image: 'x:1' }] },
  };

  it('is the patch without its word to the server, shaped as the target is now', () => {
    const former = codec.asIn(TARGET, kept({ spec: { template } })) as KubeObject;
    expect(templateOf(former)).not.toHaveProperty('$patch');
    expect(podSpecOf(former)).toMatchObject({ nodeSelector: { parked: 'true' }, containers: [{ image: 'x:1' }] });
  });

  it.each<[string, KubeObject]>([
    ['of another one', kept({ spec: { template } }, owned('other'))],
    ['without a template', kept({ spec: {} })],
    ['without anything', kept(undefined)],
  ])('is none %s', (_what, revision) => {
    expect(codec.asIn(TARGET, revision)).toBeUndefined();
  });
});
