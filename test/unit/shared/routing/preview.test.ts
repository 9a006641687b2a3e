import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { ROUTERS } from '../../../../shared/routing/index.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

/** Those that write a list of rules; what an Ingress can say of one request is tested with its provider. */
const PROVIDERS = ROUTERS.filter(({ capabilities }) => capabilities.preview && capabilities.entries === undefined).map(
  ({ provider }) => provider,
);

const previewing = (provider: string, ...more: Modifier<Canary>[]): Canary =>
  aCanary(
    withSpec({ provider, routeRef: { apiVersion: 'apisix.apache.org/v2', kind: 'ApisixRoute', name: 'source' } }),
    withService({ gatewayRefs: [{ name: 'gw' }], meshName: 'global' }),
    withWeights(),
    withAnalysis({ preview: { match: [{ headers: { 'x-tester': { exact: 'me' } } }] } }),
    ...more,
  );

const affinity = withAnalysis({ sessionAffinity: { cookieName: 'pin' } });

/** What one provider routes by is copied from a user's own. */
const SOURCE: KubeObject = {
  apiVersion: 'apisix.apache.org/v2',
  kind: 'ApisixRoute',
  metadata: { name: 'source', namespace: 'test' },
  spec: { http: [{ name: 'main', match: { paths: ['/*'] }, backends: [{ serviceName: 'podinfo', servicePort: 80 }] }] },
};

const boardOf = (canary: Canary): Board => new Board(canary, SOURCE);

/** The objects that carry routes for the apex. */
const CARRIERS = ['podinfo', 'podinfo.test', 'source-podinfo-canary'];

/** Every rule of the object that carries the routes, as text. */
const rulesOf = (board: Board): string[] => {
  const refs = board.router.refs(board.context).filter(({ name }) => CARRIERS.includes(name));
  const specs: Loose[] = refs.map(({ kind, name }) => board.object(kind.kind, name)?.spec);
  const rules = specs.map((spec) => spec?.http ?? spec?.rules ?? spec?.routes).find(Array.isArray);
  return [...(rules ?? [])].map((rule: Loose) => JSON.stringify(rule));
};

describe.each(PROVIDERS)('a preview on %s', (provider) => {
  it('is the first rule while both versions have traffic, and does not change what the weights are', () => {
    const board = boardOf(previewing(provider));
    for (const weight of [1, 30, 99]) {
      board.route(at(weight));
      expect(rulesOf(board)[0]).toContain('x-tester');
      expect(rulesOf(board).filter((rule) => rule.includes('x-tester'))).toHaveLength(1);
      expect(board.live()).toEqual(at(weight));
      expect(board.route(at(weight))).toEqual([]);
    }
  });

  it.each([0, 100])('is no rule at %d percent', (weight) => {
    const board = boardOf(previewing(provider));
    board.route(at(30));
    board.route(at(weight));
    expect(rulesOf(board).join()).not.toContain('x-tester');
    expect(board.live()).toEqual(at(weight));
  });

  it('stands before matched requests and session cookies, and is told from both', () => {
    const match = [{ headers: { 'x-group': { exact: 'a' } } }];
    const board = boardOf(previewing(provider, affinity, withAnalysis({ match })));
    const cookies =
      board.router.capabilities.sessionAffinity === 'none' ? {} : { cookies: { canary: 'pin=abcdefghij' } };
    board.route(at(30, cookies));
    expect(rulesOf(board)[0]).toContain('x-tester');
    expect(board.live()).toEqual(at(30, cookies));
  });

  it('goes when it is no longer asked for, and the weights stay', () => {
    const board = boardOf(previewing(provider));
    board.route(at(30));
    board.change(previewing(provider, withAnalysis({ preview: undefined })));
    board.route(board.live() as ReturnType<typeof at>);
    expect(rulesOf(board)).toHaveLength(1);
    expect(board.live()).toEqual(at(30));
  });
});
