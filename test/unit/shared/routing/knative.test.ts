import { describe, expect, it } from 'vitest';
import { aCanary, withSpec, withWeights } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';

const PRIMARY = 'flagger.app/primary-revision';
const canary = aCanary(
  withSpec({
    provider: 'knative',
    targetRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' },
  }),
  withWeights(),
);

const service = (traffic: Loose, annotations?: object): Loose => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test', ...(annotations && { annotations }) },
  spec: {
    template: { spec: { containers: [{ image: 'x:1', env: [{ name: 'A', value: '1' }] }], timeoutSeconds: 5 } },
    traffic,
  },
  status: { latestCreatedRevisionName: 'podinfo-00002' },
});

const taken = (weight: number, revision = 'podinfo-00001'): Board => {
  const board = new Board(canary, service([], { [PRIMARY]: revision }));
  board.route(at(weight));
  return board;
};

describe('the traffic of a Knative Service', () => {
  it('goes to the latest revision and to the one that is the primary', () => {
    expect(taken(30).object('Service').spec.traffic).toEqual([
      { latestRevision: true, percent: 30 },
      { revisionName: 'podinfo-00001', percent: 70 },
    ]);
  });

  it.each([0, 1, 50, 99, 100])('gives a weight of %d back, and is not written twice', (weight) => {
    const board = taken(weight);
    expect(board.live()).toEqual(at(weight));
    expect(board.route(at(weight))).toEqual([]);
  });

  it('keeps its weights while a promotion names another primary', () => {
    const board = taken(50);
    board.edit('Service', ({ metadata }) => (metadata.annotations[PRIMARY] = 'podinfo-00002'));
    expect(board.live()).toEqual(at(50));
    expect(board.route(at(50))).toEqual([]);
    board.route(at(20));
    expect(board.object('Service').spec.traffic).toEqual([
      { latestRevision: true, percent: 20 },
      { revisionName: 'podinfo-00002', percent: 80 },
    ]);
  });

  it('leads to no other revision than the primary while the canary has nothing', () => {
    const board = taken(0);
    board.edit('Service', ({ spec }) => (spec.traffic[1].revisionName = 'podinfo-00000'));
    board.route(at(0));
    expect(board.object('Service').spec.traffic[1]).toEqual({ revisionName: 'podinfo-00001', percent: 100 });
  });

  it.each<[string, Loose]>([
    ['everything to the latest revision', [{ latestRevision: true, percent: 100 }]],
    ['nothing', undefined],
    ['what no list is', 'x'],
    ['a share that is none', [{ latestRevision: true }, { revisionName: 'podinfo-00001', percent: 100 }]],
  ])('that somebody set to %s is set right', (_what, traffic) => {
    const board = taken(30);
    board.edit('Service', ({ spec }) => (spec.traffic = traffic));
    expect(board.live()).toBeUndefined();
    board.route(at(0));
    expect(board.live()).toEqual(at(0));
  });

  it('keeps tags of the user, which have no share', () => {
    const tagged = { tag: 'old', revisionName: 'podinfo-00000', percent: 0 };
    const board = new Board(
      canary,
      service([{ latestRevision: true, percent: 100 }, tagged], { [PRIMARY]: 'podinfo-00001' }),
    );
    board.route(at(30));
    expect(board.object('Service').spec.traffic[2]).toEqual(tagged);
    expect(board.live()).toEqual(at(30));
  });

  it('is all that changes, apart from fields that Knative always writes', () => {
    expect(taken(0).object('Service').spec.template).toEqual({
      metadata: {},
      spec: {
        containers: [{ name: '', resources: {}, image: 'x:1', env: [{ name: 'A', value: '1' }] }],
        timeoutSeconds: 5,
      },
    });
  });
});

describe('a Knative Service that nobody has divided yet', () => {
  const prepared = (object: Loose): Board => {
    const board = new Board(canary, object);
    const rendered = board.router.prepare?.(board.context, board.objects);
    if (rendered && 'problem' in rendered) throw new Error(rendered.problem);
    const [write] = rendered?.writes ?? [];
    if (write?.do === 'replace') board.objects.set([...board.objects.keys()][0] as string, write.object);
    return board;
  };

  it('takes its latest revision as the primary, once', () => {
    const { metadata, spec } = prepared(service([])).object('Service');
    expect(metadata.annotations).toEqual({ [PRIMARY]: 'podinfo-00002' });
    expect(spec.traffic).toEqual([
      { latestRevision: true, percent: 0 },
      { revisionName: 'podinfo-00002', percent: 100 },
    ]);
    const named = service([], { [PRIMARY]: 'podinfo-00001' });
    expect(prepared(named).object('Service')).toEqual(named);
  });

  it('waits for its first revision', () => {
    const fresh = { ...service([]), status: {} };
    expect(() => prepared(fresh)).toThrow('Knative Service podinfo.test has no revision yet');
  });

  it.each<[string, Loose, Loose]>([
    [
      'what it said',
      [{ revisionName: 'podinfo-00001', percent: 100 }],
      [{ revisionName: 'podinfo-00001', percent: 100 }],
    ],
    ['what Knative does by itself', [{ latestRevision: true, percent: 100 }], [{ latestRevision: true, percent: 100 }]],
    ['what Knative does by itself', [], [{ latestRevision: true, percent: 100 }]],
  ])('comes back to %s', (_what, before, after) => {
    const board = prepared(service(before, { note: 'keep' }));
    board.route(at(30));
    board.finalise();
    expect(board.object('Service').metadata.annotations).toEqual({ note: 'keep' });
    expect(board.object('Service').spec.traffic).toEqual(after);
    expect(board.finalise()).toEqual([]);
  });
});
