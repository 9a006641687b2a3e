import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { aCanary, withAnalysis, withSpec, withWeights } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';

const CANARY = aCanary(withSpec({ provider: 'traefik' }), withWeights());

const live = (board: Board): Loose => board.object('TraefikService');

const ofUser = (spec: Loose): KubeObject => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'TraefikService',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec,
});

describe('session affinity on Traefik', () => {
  const pinned = (affinity: object = {}, ...found: KubeObject[]): Board =>
    new Board(
      aCanary(
        withSpec({ provider: 'traefik' }),
        withWeights(),
        withAnalysis({ sessionAffinity: { cookieName: 'pin', ...affinity } }),
      ),
      ...found,
    );
  const keys = (board: Board): string[] =>
    live(board).spec.weighted.services.map(({ name, port }: Loose) => `${name}-${port}`);

  it('is the cookie that the Canary asks for, also while the primary is alone', () => {
    const board = pinned({
      maxAge: 60,
      domain: 'example.com',
      path: '/app',
      sameSite: 'Strict',
      httpOnly: true,
      secure: true,
    });
    for (const weight of [0, 30, 0]) {
      board.route(at(weight));
      expect(live(board).spec.weighted.sticky).toEqual({
        cookie: {
          name: 'pin',
          maxAge: 60,
          domain: 'example.com',
          path: '/app',
          sameSite: 'strict',
          httpOnly: true,
          secure: true,
        },
      });
    }
  });

  it('lasts a day unless told, and asks for nothing else', () => {
    const board = pinned();
    board.route(at(0));
    expect(live(board).spec.weighted.sticky).toEqual({
      cookie: { name: 'pin', maxAge: 86_400 },
    });
  });

  it('keeps the canary under one key through a rollout and under the other in the next, asking the primary again', () => {
    const board = pinned();
    const seen = [0, 10, 20, 100, 0, 0, 10, 50, 0, 10].map((weight) => {
      board.route(at(weight));
      expect(board.route(at(weight))).toEqual([]);
      return keys(board).join(' ');
    });
    expect(seen).toEqual([
      'podinfo-primary-80',
      'podinfo-primary-http podinfo-canary-80',
      'podinfo-primary-80 podinfo-canary-80',
      'podinfo-canary-80',
      'podinfo-primary-http',
      'podinfo-primary-http',
      'podinfo-primary-80 podinfo-canary-http',
      'podinfo-primary-http podinfo-canary-http',
      'podinfo-primary-80',
      'podinfo-primary-http podinfo-canary-80',
    ]);
  });

  it('remembers its keys through a mirrored step', () => {
    const board = pinned();
    for (const weight of [0, 10, 0]) board.route(at(weight));
    board.route(at(0, { mirrored: true }));
    expect(keys(board)).toEqual(['podinfo-primary-http']);
    board.route(at(10));
    expect(keys(board)).toEqual(['podinfo-primary-80', 'podinfo-canary-http']);
  });

  it('goes when it is no longer asked for, and leaves the cookie of a user who never asked for ours', () => {
    const board = pinned();
    board.route(at(30));
    board.change(CANARY).route(at(30));
    expect(live(board).spec.weighted.sticky).toBeUndefined();
    expect(keys(board)).toEqual(['podinfo-primary-80', 'podinfo-canary-80']);
    board.edit('TraefikService', ({ spec }) => (spec.weighted.sticky = { cookie: { name: 'mine' } }));
    board.route(at(40));
    expect(live(board).spec.weighted.sticky).toEqual({
      cookie: { name: 'mine' },
    });
  });

  it("gives a user's own cookie back with the rest", () => {
    const before = {
      weighted: {
        sticky: { cookie: { name: 'x' } },
        services: [{ name: 'podinfo', port: 80 }],
      },
    };
    const board = pinned({}, ofUser(before));
    board.route(at(30));
    expect(live(board).spec.weighted.sticky.cookie.name).toBe('pin');
    board.finalise();
    expect(live(board).spec).toEqual(before);
    expect(live(board).metadata.annotations).toBeUndefined();
  });

  it('is nothing for copies of a Service, whose ports have names of their own', () => {
    const { router, context } = pinned();
    expect(router.limits?.(context.canary)).toEqual({});
    const target = {
      apiVersion: 'v1',
      kind: 'Service' as const,
      name: 'podinfo',
    };
    expect(router.limits?.(aCanary(withSpec({ targetRef: target })))).toEqual({
      sessionAffinity: 'none',
    });
  });
});
