import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../../../shared/api/kube.ts';
import { knativeService } from '../../../../shared/targets/knative-service.ts';
import { contextFor, question } from './contexts.ts';

type Loose = ReturnType<typeof JSON.parse>;

const PRIMARY = 'flagger.app/primary-revision';

const service = (more: { primary?: string; latest?: string; traffic?: object[] } = {}): Loose => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: {
    name: 'podinfo',
    namespace: 'test',
    ...(more.primary && { annotations: { note: 'keep', [PRIMARY]: more.primary } }),
  },
  spec: { template: { spec: { containers: [{ image: 'x:2' }] } } },
  status: { latestCreatedRevisionName: more.latest ?? 'r2', traffic: more.traffic },
});

const revision = (name: string, condition?: object): [Kind, KubeObject] => [
  KINDS.knativeRevision,
  {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: { name, namespace: 'test' },
    status: { conditions: condition ? [condition] : [] },
  },
];

const READY = { type: 'Ready', status: 'True' };
const ROUTED = [
  { latestRevision: true, revisionName: 'r2', percent: 0 },
  { latestRevision: false, revisionName: 'r1', percent: 100 },
];
const BOTH = [revision('r1', READY), revision('r2', READY)];

describe('a Knative Service', () => {
  it('keeps its primary itself, once one was chosen', () => {
    expect(knativeService.holdsPrimary?.(service())).toBe(false);
    expect(knativeService.holdsPrimary?.(service({ primary: 'r1' }))).toBe(true);
    expect(knativeService.createPrimary(service(), contextFor(KINDS.knativeService))).toHaveProperty('problem');
  });

  it('is told by its revisions, each read once', () => {
    const names = (target: Loose) => knativeService.relatedRefs?.(target).map((ref) => ref.name);
    expect(names(service({ primary: 'r1' }))).toEqual(['r2', 'r1']);
    expect(names(service({ primary: 'r2' }))).toEqual(['r2']);
    expect(names({ ...service(), status: undefined })).toEqual([]);
  });

  it('is promoted by naming its latest revision', () => {
    const target = service({ primary: 'r1' });
    const context = contextFor(KINDS.knativeService);
    expect(knativeService.runsSame(target, target, context)).toBe(false);
    const promoted = knativeService.promotePrimary(target, target, context);
    expect(promoted).toEqual({
      ...target,
      metadata: { ...target.metadata, annotations: { note: 'keep', [PRIMARY]: 'r2' } },
    });
    expect(knativeService.runsSame(promoted, promoted, context)).toBe(true);
  });

  it('is a new revision with each new name, by which queries know it too', () => {
    expect(knativeService.revisionSource(service({ latest: 'r3' }))).toBe('r3');
    expect(knativeService.routeNameOf?.(service())).toBe('r2');
    expect(knativeService.imageOf(service())).toBe('x:2');
  });
});

describe('a revision is ready', () => {
  const told = (
    target: Loose,
    others: readonly [Kind, KubeObject][],
    side: 'target' | 'primary' = 'target',
  ): string => {
    const answer = knativeService.readiness(target, question({ side }, others));
    return answer.ready ? 'ready' : answer.message;
  };

  it('when Knative says so and its route knows it', () => {
    const target = service({ primary: 'r1', traffic: ROUTED });
    expect(told(target, BOTH)).toBe('ready');
    expect(told(target, BOTH, 'primary')).toBe('ready');
  });

  it.each<[string, Loose, readonly [Kind, KubeObject][], 'target' | 'primary', string]>([
    [
      'exists',
      service({ primary: 'r1', traffic: ROUTED }),
      [revision('r1', READY)],
      'target',
      'revision r2 does not exist yet',
    ],
    [
      'has started',
      service({ primary: 'r1', traffic: ROUTED }),
      [revision('r2')],
      'target',
      'revision r2 is not ready: waiting for its pods',
    ],
    [
      'can start',
      service({ primary: 'r1', traffic: ROUTED }),
      [revision('r2', { type: 'Ready', status: 'False', reason: 'Missing', message: 'no such image' })],
      'target',
      'revision r2 is not ready: no such image',
    ],
    [
      'is the latest of the route',
      service({ primary: 'r1', latest: 'r2', traffic: [{ latestRevision: true, revisionName: 'r1' }] }),
      BOTH,
      'target',
      'revision r2 has no route yet',
    ],
    ['is in the route', service({ primary: 'r1' }), BOTH, 'primary', 'revision r1 has no route yet'],
  ])('only when it %s', (_what, target, others, side, expected) => {
    expect(told(target, others, side)).toBe(expected);
  });

  it('in time', () => {
    const answer = (now: number) => knativeService.readiness(service({ primary: 'r1' }), question({ now }, BOTH));
    expect(answer(69_999)).toMatchObject({ deadlineExceeded: false, deadlineAt: 70_000 });
    expect(answer(70_000)).toMatchObject({ deadlineExceeded: true });
  });
});
