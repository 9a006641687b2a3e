import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { aCanary, withService, withSpec, withWeights } from '../../../make/canary.ts';
import { type Modifier, withAnnotations } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

const kuma = (...more: Modifier<Canary>[]): Canary => aCanary(withSpec({ provider: 'kuma' }), withWeights(), ...more);

const routed = (canary: number, ...more: Modifier<Canary>[]): Board => {
  const board = new Board(kuma(...more));
  board.route(at(canary));
  return board;
};

const tag = (name: string) => ({ 'kuma.io/service': name });

const ofUser = (): Loose => ({
  apiVersion: 'kuma.io/v1alpha1',
  kind: 'TrafficRoute',
  metadata: { name: 'podinfo', annotations: { note: 'keep' } },
  mesh: 'blue',
  spec: {
    sources: [{ match: tag('front_test_svc_80') }],
    destinations: [{ match: tag('podinfo_test_svc_80') }],
    conf: { loadBalancer: { roundRobin: {} }, destination: tag('podinfo_test_svc_80') },
  },
});

describe('a TrafficRoute', () => {
  it('belongs to a mesh and to no namespace, so it has no owner', () => {
    const route = routed(
      30,
      withAnnotations({ 'kuma.io/mesh': 'blue' }),
      withService({ apex: { labels: { a: '1' } } }),
    ).object('TrafficRoute');
    expect(route).toMatchObject({ mesh: 'blue', metadata: { name: 'podinfo', labels: { a: '1' } } });
    expect(route.metadata).not.toHaveProperty('namespace');
    expect(route.metadata).not.toHaveProperty('ownerReferences');
    expect(routed(0).object('TrafficRoute').mesh).toBe('default');
  });

  it('splits by the tags that Kuma gives to the Services', () => {
    expect(routed(30).object('TrafficRoute').spec).toEqual({
      sources: [{ match: tag('*') }],
      destinations: [{ match: tag('podinfo_test_svc_80') }],
      conf: {
        split: [
          { weight: 70, destination: tag('podinfo-primary_test_svc_80') },
          { weight: 30, destination: tag('podinfo-canary_test_svc_80') },
        ],
      },
    });
  });

  it.each([0, 1, 50, 99, 100])('gives a weight of %d back, and is not written twice', (canary) => {
    const board = routed(canary);
    expect(board.live()).toEqual(at(canary));
    expect(board.route(at(canary))).toEqual([]);
  });

  it('of the same name in another namespace is never taken', () => {
    const other = { ...ofUser(), spec: { destinations: [{ match: tag('podinfo_prod_svc_80') }] } };
    const board = new Board(kuma(), other);
    expect(board.problem(at(30))).toBe(
      'TrafficRoute podinfo already routes podinfo of namespace prod; give spec.service.name a name of its own',
    );
    expect(board.finalise()).toEqual([]);
  });

  it('of a user keeps what is not ours, and comes back as it was', () => {
    const board = new Board(kuma(), ofUser());
    expect(board.live()).toBeUndefined();
    board.route(at(30));
    board.route(at(60));
    expect(board.object('TrafficRoute')).toMatchObject({
      mesh: 'blue',
      spec: { conf: { loadBalancer: { roundRobin: {} } } },
    });
    expect(board.live()).toEqual(at(60));
    board.finalise();
    expect(board.object('TrafficRoute')).toEqual(ofUser());
  });

  it('of ours goes with the Canary, since nobody else would take it away', () => {
    expect(
      routed(0)
        .finalise()
        .map((write) => [write.do, write.ref.name]),
    ).toEqual([['delete', 'podinfo']]);
  });
});
