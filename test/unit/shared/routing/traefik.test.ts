import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';

const CANARY = aCanary(
  withSpec({ provider: 'traefik' }),
  withWeights(),
  withService({ apex: { labels: { team: 'a' }, annotations: { note: 'x' } } }),
);

const routed = (weight: number): Board => {
  const board = new Board(CANARY);
  board.route(at(weight));
  return board;
};

const live = (board: Board): Loose => board.object('TraefikService');
const shares = (board: Board): string[] =>
  live(board).spec.weighted.services.map(({ name, weight }: Loose) => `${name} ${weight}`);

const ofUser = (spec: Loose): KubeObject => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'TraefikService',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec,
});

describe('a TraefikService', () => {
  it.each<[number, string[]]>([
    [0, ['podinfo-primary 100']],
    [30, ['podinfo-primary 70', 'podinfo-canary 30']],
    [100, ['podinfo-canary 100']],
  ])('of weight %d names no side without traffic, which would get some', (weight, services) => {
    expect(shares(routed(weight))).toEqual(services);
  });

  it('names Services with namespace and port, and has the metadata of the apex', () => {
    const board = routed(0);
    expect(live(board).spec.weighted.services[0]).toEqual({
      name: 'podinfo-primary',
      namespace: 'test',
      port: 80,
      weight: 100,
    });
    expect(live(board).metadata).toMatchObject({
      labels: { team: 'a', app: 'podinfo' },
      annotations: { note: 'x' },
      ownerReferences: [{ kind: 'Canary' }],
    });
  });

  it.each<[string, Loose, object]>([
    [
      'weights that do not add up',
      [
        { name: 'podinfo-primary', weight: 60 },
        { name: 'podinfo-canary', weight: 60 },
      ],
      at(40),
    ],
    [
      'more than everything',
      [
        { name: 'podinfo-primary', weight: 150 },
        { name: 'podinfo-canary', weight: 1 },
      ],
      at(0),
    ],
    [
      'a weight that is none',
      [
        { name: 'podinfo-primary', weight: 'x' },
        { name: 'podinfo-canary', weight: 1 },
      ],
      at(100),
    ],
    ['the canary alone', [{ name: 'podinfo-canary' }], at(100)],
    ['others alone', [{ name: 'other', weight: 5 }], at(0)],
  ])('with %s is read all the same, and set right', (_what, services, routes) => {
    const board = new Board(CANARY, ofUser({ weighted: { services } }));
    expect(board.live()).toEqual(routes);
    board.route(at(20));
    expect(shares(board)).toEqual(['podinfo-primary 80', 'podinfo-canary 20']);
  });

  it.each<[string, Loose]>([
    ['no services', { weighted: { services: [] } }],
    ['services that are no list', { weighted: { services: 'x' } }],
  ])('with %s is told', (_what, spec) => {
    expect(new Board(CANARY, ofUser(spec)).live()).toEqual({
      problem: 'TraefikService podinfo.test services not found',
    });
  });

  it('of another type is not touched', () => {
    expect(new Board(CANARY, ofUser({ mirroring: { name: 'x' } })).problem(at(0))).toBe(
      'TraefikService podinfo.test is of type mirroring; it must be a weighted one',
    );
  });
});

describe('a TraefikService of a user', () => {
  const before = {
    weighted: {
      sticky: { cookie: {} },
      services: [{ name: 'podinfo', port: 80, weight: 1 }],
    },
  };

  it('is given back as it was', () => {
    const board = new Board(CANARY, ofUser(before));
    board.route(at(0));
    board.route(at(30));
    board.finalise();
    expect(live(board).spec).toEqual(before);
  });

  it('that led to our Services from the start leads to the apex in the end', () => {
    const board = new Board(
      CANARY,
      ofUser({
        weighted: {
          sticky: {},
          services: [{ name: 'podinfo-primary', port: 80, weight: 100 }],
        },
      }),
    );
    board.finalise();
    expect(live(board).spec.weighted).toEqual({
      sticky: {},
      services: [{ name: 'podinfo', namespace: 'test', port: 80, weight: 100 }],
    });
  });

  it('of ours goes with its owner, and one that is gone needs nothing', () => {
    expect(routed(0).finalise()).toEqual([]);
    expect(new Board(CANARY).finalise()).toEqual([]);
  });
});

describe('how a Service is talked to', () => {
  it('is taken over from the apex, and kept for a side that comes back', () => {
    const board = new Board(
      CANARY,
      ofUser({
        weighted: {
          services: [{ name: 'podinfo', kind: 'Service', port: 80, scheme: 'h2c' }],
        },
      }),
    );
    for (const weight of [0, 30, 100, 0]) {
      board.route(at(weight));
      for (const service of live(board).spec.weighted.services) expect(service).toMatchObject({ scheme: 'h2c' });
    }
    expect(live(board).spec.weighted.services).toEqual([
      {
        name: 'podinfo-primary',
        namespace: 'test',
        port: 80,
        scheme: 'h2c',
        weight: 100,
      },
    ]);
  });
});

describe('mirroring', () => {
  const mirroring = (mirrorWeight?: number): Board =>
    new Board(aCanary(withSpec({ provider: 'traefik' }), withWeights(), withAnalysis({ mirror: true, mirrorWeight })));
  const second = (board: Board): Loose => board.object('TraefikService', 'podinfo-primary');

  it.each<[number | undefined, number]>([
    [undefined, 100],
    [25, 25],
  ])('with mirrorWeight %s copies %d percent in a second TraefikService', (weight, percent) => {
    const board = mirroring(weight);
    board.route(at(0));
    expect(second(board)).toBeUndefined();
    const writes = board.route(at(0, { mirrored: true }));
    expect(writes.map(({ ref }) => ref.name)).toEqual(['podinfo-primary', 'podinfo']);
    expect(live(board).spec.weighted.services).toEqual([
      {
        name: 'podinfo-primary',
        kind: 'TraefikService',
        namespace: 'test',
        port: 80,
        weight: 100,
      },
    ]);
    expect(second(board).spec).toEqual({
      mirroring: {
        name: 'podinfo-primary',
        namespace: 'test',
        port: 80,
        mirrors: [{ name: 'podinfo-canary', namespace: 'test', port: 80, percent }],
      },
    });
    expect(second(board).metadata.ownerReferences).toMatchObject([{ kind: 'Canary' }]);
    expect(board.live()).toEqual(at(0, { mirrored: true }));
  });

  it('ends when the canary is given a share, before the second TraefikService forgets it', () => {
    const board = mirroring();
    board.route(at(0, { mirrored: true }));
    const writes = board.route(at(30));
    expect(writes.map(({ ref }) => ref.name)).toEqual(['podinfo', 'podinfo-primary']);
    expect(second(board).spec).toEqual({
      mirroring: { name: 'podinfo-primary', namespace: 'test', port: 80 },
    });
    expect(live(board).spec.weighted.services).toEqual([
      { name: 'podinfo-primary', namespace: 'test', port: 80, weight: 70 },
      { name: 'podinfo-canary', namespace: 'test', port: 80, weight: 30 },
    ]);
    expect(board.live()).toEqual(at(30));
    expect(board.route(at(30))).toEqual([]);
  });

  it('is none while the second TraefikService copies to nobody, and is then set right', () => {
    const board = mirroring();
    board.route(at(0, { mirrored: true }));
    second(board).spec = {};
    expect(board.live()).toEqual(at(0));
    board.route(at(0, { mirrored: true }));
    expect(board.live()).toEqual(at(0, { mirrored: true }));
  });

  it('is refused where the second name is taken, and the rest goes on', () => {
    const taken = {
      ...ofUser({ weighted: {} }),
      metadata: { name: 'podinfo-primary', namespace: 'test' },
    };
    const board = new Board(CANARY, taken);
    expect(board.problem(at(0, { mirrored: true }))).toBe(
      'TraefikService podinfo-primary.test is not ours; mirroring needs one of that name',
    );
    board.route(at(30));
    expect(board.live()).toEqual(at(30));
    expect(second(board)).toBe(board.objects.get([...board.objects.keys()][1] ?? ''));
  });
});
