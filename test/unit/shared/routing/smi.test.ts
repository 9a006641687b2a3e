import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { aCanary, withService, withSpec, withWeights } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';

const splitting = (provider: string, service: object = {}) =>
  aCanary(withSpec({ provider }), withWeights(), withService(service));

const routed = (provider: string, canary: number): Board => {
  const board = new Board(splitting(provider));
  board.route(at(canary));
  return board;
};

const OF_USER: KubeObject = {
  apiVersion: 'split.smi-spec.io/v1alpha2',
  kind: 'TrafficSplit',
  metadata: { name: 'podinfo', namespace: 'test', labels: { team: 'a' } },
  spec: {
    service: 'podinfo.test',
    backends: [{ service: 'podinfo', weight: 1 }],
    matches: [{ kind: 'HTTPRouteGroup', name: 'x' }],
  },
};

describe('a TrafficSplit', () => {
  it.each([
    ['linkerd', 'v1alpha1', '30', '70'],
    ['smi:v1alpha1', 'v1alpha1', '30', '70'],
    ['smi:v1alpha2', 'v1alpha2', 30, 70],
    ['osm', 'v1alpha2', 30, 70],
    ['smi:v1alpha3', 'v1alpha3', 30, 70],
  ])('of %s is written as %s counts', (provider, version, canary, primary) => {
    expect(routed(provider, 30).object('TrafficSplit')).toMatchObject({
      apiVersion: `split.smi-spec.io/${version}`,
      spec: {
        service: 'podinfo',
        backends: [
          { service: 'podinfo-canary', weight: canary },
          { service: 'podinfo-primary', weight: primary },
        ],
      },
    });
  });

  it.each(['linkerd', 'osm'])('of %s gives every weight back', (provider) => {
    for (const canary of [0, 1, 50, 99, 100]) expect(routed(provider, canary).live()).toEqual(at(canary));
  });

  it('stands for the first host where there is one', () => {
    const board = new Board(splitting('osm', { hosts: ['a.example.com', 'b.example.com'] }));
    board.route(at(0));
    expect(board.object('TrafficSplit').spec.service).toBe('a.example.com');
  });

  it('is not written again while nothing differs', () => {
    const board = routed('linkerd', 30);
    expect(board.route(at(30))).toEqual([]);
  });

  it.each<[string, Loose]>([
    ['backends that are no list', 'x'],
    ['no canary', [{ service: 'podinfo-primary', weight: 100 }]],
    ['a weight that is no number', [{ service: 'podinfo-canary', weight: 'many' }]],
    ['a weight above all', [{ service: 'podinfo-canary', weight: 101 }]],
  ])('with %s says nothing, and is set right', (_what, backends) => {
    const board = routed('osm', 30);
    board.edit('TrafficSplit', ({ spec }) => (spec.backends = backends));
    expect(board.live()).toBeUndefined();
    board.route(at(0));
    expect(board.live()).toEqual(at(0));
  });

  it('of a user keeps what is not ours, and comes back as it was', () => {
    const board = new Board(splitting('osm'), structuredClone(OF_USER));
    expect(board.live()).toBeUndefined();
    board.route(at(30));
    board.route(at(60));
    expect(board.object('TrafficSplit')).toMatchObject({
      metadata: { labels: { team: 'a' } },
      spec: { matches: [{ name: 'x' }] },
    });
    board.finalise();
    expect(board.object('TrafficSplit')).toEqual(OF_USER);
  });

  it('that nobody remembers leads to the apex in the end; our own is left to its owner', () => {
    const board = routed('linkerd', 30);
    expect(board.finalise()).toEqual([]);
    board.edit('TrafficSplit', ({ metadata }) => delete metadata.ownerReferences);
    board.finalise();
    expect(board.object('TrafficSplit').spec.backends).toEqual([{ service: 'podinfo', weight: '100' }]);
  });
});
