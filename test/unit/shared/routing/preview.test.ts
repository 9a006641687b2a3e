import { describe, expect, it } from 'vitest';
import type { Canary, CanarySpec } from '../../../../shared/api/canary.ts';
import { ROUTERS } from '../../../../shared/routing/index.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

type Provider = NonNullable<CanarySpec['provider']>;

const PROVIDERS = ROUTERS.filter(({ capabilities }) => capabilities.preview).flatMap(({ providers }) => providers) as Provider[];

const previewing = (provider: Provider, ...more: Modifier<Canary>[]): Canary =>
  aCanary(
    withSpec({ provider }),
    withService({ gatewayRefs: [{ name: 'gw' }] }),
    withWeights(),
    withAnalysis({ preview: { match: [{ headers: { 'x-tester': { exact: 'me' } } }] } }),
    ...more,
  );

const affinity = withAnalysis({ sessionAffinity: { cookieName: 'pin' } });

/** Every rule of the object that carries the routes, as text. */
const rulesOf = (board: Board): string[] => {
  const [ref] = board.router.refs(board.context);
  const { spec } = board.object(ref?.kind.kind ?? '');
  return [...(spec.http ?? spec.rules ?? spec.routes)].map((rule: Loose) => JSON.stringify(rule));
};

describe.each(PROVIDERS)('a preview on %s', (provider) => {
  it('is the first rule while both versions have traffic, and does not change what the weights are', () => {
    const board = new Board(previewing(provider));
    for (const weight of [1, 30, 99]) {
      board.route(at(weight));
      expect(rulesOf(board)[0]).toContain('x-tester');
      expect(rulesOf(board).filter((rule) => rule.includes('x-tester'))).toHaveLength(1);
      expect(board.live()).toEqual(at(weight));
      expect(board.route(at(weight))).toEqual([]);
    }
  });

  it.each([0, 100])('is no rule at %d percent', (weight) => {
    const board = new Board(previewing(provider));
    board.route(at(30));
    board.route(at(weight));
    expect(rulesOf(board).join()).not.toContain('x-tester');
    expect(board.live()).toEqual(at(weight));
  });

  it('stands before matched requests and session cookies, and is told from both', () => {
    const match = [{ headers: { 'x-group': { exact: 'a' } } }];
    const board = new Board(previewing(provider, affinity, withAnalysis({ match })));
    const cookies = board.router.capabilities.sessionAffinity === 'none' ? {} : { cookies: { canary: 'pin=abcdefghij' } };
    board.route(at(30, cookies));
    expect(rulesOf(board)[0]).toContain('x-tester');
    expect(board.live()).toEqual(at(30, cookies));
  });

  it('goes when it is no longer asked for, and the weights stay', () => {
    const board = new Board(previewing(provider));
    board.route(at(30));
    board.change(previewing(provider, withAnalysis({ preview: undefined })));
    board.route(board.live() as ReturnType<typeof at>);
    expect(rulesOf(board)).toHaveLength(1);
    expect(board.live()).toEqual(at(30));
  });
});
