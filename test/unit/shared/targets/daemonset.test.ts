import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../../shared/api/kube.ts';
import { daemonSet } from '../../../../shared/targets/daemonset.ts';
import { contextFor, OWNER, question } from './contexts.ts';

type Loose = ReturnType<typeof JSON.parse>;

const PARKING = 'flagger.app/scale-to-zero';

const set = (more: { spec?: object; pod?: object; status?: object; metadata?: object } = {}): Loose => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'podinfo', namespace: 'test', generation: 2, resourceVersion: '7', ...more.metadata },
  spec: {
    minReadySeconds: 3,
    selector: { matchLabels: { app: 'podinfo' } },
    template: {
      metadata: { labels: { app: 'podinfo' } },
      spec: { containers: [{ name: 'a', image: 'x:1' }], ...more.pod },
    },
    ...more.spec,
  },
  status: {
    observedGeneration: 2,
    desiredNumberScheduled: 3,
    updatedNumberScheduled: 3,
    numberAvailable: 3,
    ...more.status,
  },
});

const CONTEXT = contextFor(KINDS.daemonSet);
const REF = refTo(KINDS.daemonSet, 'test', 'podinfo');
const primaryOf = (target: KubeObject): Loose => daemonSet.createPrimary(target, CONTEXT);

describe('the primary of a DaemonSet', () => {
  it('is a copy with pods of its own', () => {
    const annotations = { note: 'keep', 'deprecated.daemonset.template.generation': '4' };
    const primary = primaryOf(
      set({ metadata: { annotations }, spec: { updateStrategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 2 } }),
    );
    expect(primary.metadata).toEqual({
      name: 'podinfo-primary',
      namespace: 'test',
      labels: { app: 'podinfo-primary' },
      annotations: { note: 'keep' },
      ownerReferences: [OWNER],
    });
    expect(primary.spec).toMatchObject({
      minReadySeconds: 3,
      revisionHistoryLimit: 2,
      updateStrategy: { type: 'RollingUpdate' },
      selector: { matchLabels: { app: 'podinfo-primary' } },
    });
    expect(primary.spec).not.toHaveProperty('replicas');
  });

  it('is never parked, though it is made of a parked one', () => {
    const parked = set({ pod: { nodeSelector: { [PARKING]: 'true', disk: 'ssd' } } });
    expect(primaryOf(parked).spec.template.spec.nodeSelector).toEqual({ disk: 'ssd' });
    expect(primaryOf(set({ pod: { nodeSelector: { [PARKING]: 'true' } } })).spec.template.spec).not.toHaveProperty(
      'nodeSelector',
    );
    expect(daemonSet.runsSame(parked, primaryOf(parked), CONTEXT)).toBe(true);
  });

  it('takes the template at promotion, and keeps what its controller wrote', () => {
    const primary = { ...primaryOf(set()), status: { numberReady: 3 } };
    primary.metadata.annotations['deprecated.daemonset.template.generation'] = '1';
    const target = set({ pod: { containers: [{ name: 'a', image: 'x:2' }] } });
    expect(daemonSet.runsSame(target, primary, CONTEXT)).toBe(false);
    const promoted: Loose = daemonSet.promotePrimary(target, primary, { ...CONTEXT, rolloutId: 'id-2' });
    expect(promoted.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' });
    expect(promoted.status).toEqual({ numberReady: 3 });
    expect(daemonSet.imageOf(promoted)).toBe('x:2');
    expect(daemonSet.copyIdOf(promoted)).toBe('id-2');
    expect(daemonSet.runsSame(target, promoted, CONTEXT)).toBe(true);
  });

  it('is not made of one whose pods are replaced by hand', () => {
    expect(primaryOf(set({ spec: { updateStrategy: { type: 'OnDelete' } } }))).toEqual({
      problem: 'daemonset podinfo.test must have RollingUpdate strategy but have OnDelete',
    });
    expect(primaryOf(set({ spec: { selector: { matchLabels: { other: 'x' } } } }))).toEqual({
      problem: 'daemonset podinfo.test spec.selector.matchLabels must contain one of [app name]',
    });
  });
});

describe('parking a DaemonSet', () => {
  it('is no new revision', () => {
    const parked = set({ pod: { nodeSelector: { [PARKING]: 'true' } } });
    expect(daemonSet.revisionSource(parked)).toEqual(daemonSet.revisionSource(set()));
    expect(daemonSet.revisionSource(set({ pod: { nodeSelector: { disk: 'ssd' } } }))).not.toEqual(
      daemonSet.revisionSource(set()),
    );
  });

  it('lets it select nodes that do not exist, and no others again', () => {
    const nodeSelector = (write: Loose): unknown => write?.patch.spec.template.spec.nodeSelector;
    expect(nodeSelector(daemonSet.park(REF, set()))).toEqual({ [PARKING]: 'true' });
    const parked = set({ pod: { nodeSelector: { [PARKING]: 'true' } } });
    expect(daemonSet.isParked(parked)).toBe(true);
    expect(daemonSet.park(REF, parked)).toBeUndefined();
    expect(nodeSelector(daemonSet.wake(REF, parked, 1))).toBeNull();
    const both = set({ pod: { nodeSelector: { [PARKING]: 'true', disk: 'ssd' } } });
    expect(nodeSelector(daemonSet.wake(REF, both, 1))).toEqual({ [PARKING]: null });
    expect(daemonSet.wake(REF, set(), 1)).toBeUndefined();
  });

  it('is written for the version that was read', () => {
    expect(daemonSet.park(REF, set())).toMatchObject({ patch: { metadata: { resourceVersion: '7' } } });
  });
});

describe('a DaemonSet is ready', () => {
  const readiness = (status: object, more = {}) => daemonSet.readiness(set({ status }), question(more));
  const told = (status: object, more = {}): unknown => {
    const answer = readiness(status, more);
    return answer.ready ? 'ready' : answer.message;
  };

  it.each<[object, object, string]>([
    [{}, {}, 'ready'],
    [{ desiredNumberScheduled: 0, updatedNumberScheduled: 0, numberAvailable: 0 }, {}, 'ready'],
    [{ numberAvailable: 2 }, { thresholdPercent: 50 }, 'ready'],
    [
      { observedGeneration: 1 },
      {},
      'waiting for rollout to finish: observed daemonset generation less than desired generation',
    ],
    [{ updatedNumberScheduled: 1 }, {}, 'waiting for rollout to finish: 1 out of 3 new pods have been updated'],
    [
      { numberAvailable: 1 },
      { thresholdPercent: 50 },
      'waiting for rollout to finish: 1 of 2 (readyThreshold 50%) updated pods are available',
    ],
    [{ numberAvailable: 0 }, { now: 70_000 }, 'exceeded its progressDeadlineSeconds: 60'],
  ])('with status %j and %j: %s', (status, more, expected) => {
    expect(told(status, more)).toBe(expected);
  });

  it('or late, counted from the beginning of the wait', () => {
    expect(readiness({ numberAvailable: 0 })).toMatchObject({
      deadlineExceeded: false,
      deadlineAt: 70_000,
      isServing: false,
    });
    expect(readiness({ numberAvailable: 1 }, { now: 70_000 })).toMatchObject({
      deadlineExceeded: true,
      isServing: true,
    });
    expect(readiness({ numberAvailable: 0 }, { since: undefined, now: 1e9 })).toMatchObject({
      deadlineExceeded: false,
    });
  });
});
