/** What holds for every provider whose object holds rules of others beside ours. */
import { describe, expect, it } from 'vitest';
import type { Canary, CanarySpec } from '../../../../shared/api/canary.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

interface Case {
  provider: NonNullable<CanarySpec['provider']>;
  kind: string;
  list: string;
  /** A user's rule for another backend. */
  api: object;
  /** A user's rule for the apex, and what of it is not ours to write. */
  own: object;
  kept: object;
}

const UPSTREAM = { upstream: { name: 'api', namespace: 'test' } };
const BACKEND = {
  matches: [{ path: { type: 'PathPrefix', value: '/api' } }],
  backendRefs: [{ name: 'api', port: 80 }],
};

const TO_APEX = { backendRefs: [{ name: 'podinfo', port: 80 }], timeouts: { request: '1s' } };
const FAULT = { fault: { delay: { fixedDelay: '1s' } } };
const RETRY = { name: 'main', retry: { attempts: 2 } };
const AUTH = { enableWebsockets: true, authPolicy: { context: { a: 'b' } } };
const OPTIONS = { options: { prefixRewrite: '/' } };
const KUBE = { kube: { ref: { name: 'podinfo', namespace: 'test' }, port: 80 } };

const CASES: readonly Case[] = [
  {
    provider: 'istio',
    kind: 'VirtualService',
    list: 'http',
    api: { route: [{ destination: { host: 'api' } }] },
    own: { ...FAULT, redirect: {}, route: [{ destination: { host: 'podinfo.test' } }] },
    kept: FAULT,
  },
  {
    provider: 'gatewayapi:v1',
    kind: 'HTTPRoute',
    list: 'rules',
    api: BACKEND,
    own: { ...RETRY, ...TO_APEX },
    kept: RETRY,
  },
  {
    provider: 'gatewayapi:v1beta1',
    kind: 'HTTPRoute',
    list: 'rules',
    api: BACKEND,
    own: { ...RETRY, ...TO_APEX },
    // It writes no timeouts.
    kept: { ...RETRY, timeouts: TO_APEX.timeouts },
  },
  {
    provider: 'contour',
    kind: 'HTTPProxy',
    list: 'routes',
    api: { services: [{ name: 'api', port: 80 }] },
    own: { ...AUTH, services: [{ name: 'podinfo', port: 80, protocol: 'h2c', weight: 7 }] },
    kept: {
      ...AUTH,
      services: [
        { protocol: 'h2c', weight: 70 },
        { protocol: 'h2c', weight: 30 },
      ],
    },
  },
  {
    provider: 'gloo',
    kind: 'RouteTable',
    list: 'routes',
    api: { routeAction: { single: UPSTREAM } },
    own: { ...OPTIONS, routeAction: { single: KUBE } },
    kept: OPTIONS,
  },
];

const affinity = withAnalysis({ sessionAffinity: { cookieName: 'pin', primaryCookieName: 'stay' } });
const singled = (entry: object): Modifier<Canary> => withAnalysis({ match: [entry] });
const HEADER = { headers: { 'x-group': { exact: 'a' } } };

describe.each(CASES)('$provider', ({ provider, kind, list, api, own, kept }) => {
  const canaryOf = (...more: Modifier<Canary>[]): Canary =>
    aCanary(withSpec({ provider }), withService({ gatewayRefs: [{ name: 'gw' }] }), withWeights(), ...more);
  const rules = (board: Board): Loose[] => board.object(kind).spec[list];
  const opened = (...more: Modifier<Canary>[]) => {
    const board = new Board(canaryOf(...more));
    const hasCookies = board.router.capabilities.sessionAffinity !== 'none';
    const cookies = { canary: 'pin=abcdefghij', primary: 'stay=klmnopqrst' };
    return { board, routes: at(30, hasCookies ? { cookies } : {}) };
  };

  it('leaves one plain rule to the apex where nobody remembers what was there, and those of others', () => {
    const { board, routes } = opened(affinity, withAnalysis({ mirror: true }));
    board.route({ ...routes, mirrored: true });
    board.edit(kind, ({ metadata, spec }) => {
      delete metadata.ownerReferences;
      spec[list].unshift(api);
    });
    board.finalise();
    expect(rules(board)).toHaveLength(2);
    expect(rules(board)[0]).toEqual(api);
    const text = JSON.stringify(rules(board)[1]);
    expect(text).toContain('"podinfo"');
    expect(text).not.toMatch(/podinfo-(primary|canary)|upstream-|cookie|mirror/i);
    expect(board.object(kind).metadata.annotations).toBeUndefined();
  });

  const adopting = (...found: object[]): Board => {
    const { board } = opened();
    board.route(at(0));
    board.edit(kind, ({ metadata, spec }) => {
      delete metadata.ownerReferences;
      spec[list] = found;
    });
    return board;
  };

  it("keeps what a user's rule to the apex says that is not ours to say", () => {
    const board = adopting(own);
    for (const weight of [0, 60, 30]) {
      board.route(at(weight));
      expect(board.route(at(weight))).toEqual([]);
    }
    expect(rules(board)).toHaveLength(1);
    expect(rules(board)[0]).toMatchObject(kept);
    expect(rules(board)[0]).not.toHaveProperty('redirect');
    board.finalise();
    expect(rules(board)).toEqual([own]);
  });

  it("takes the place of the last of a user's rules to the apex, so that it stands before no rule but those behind it", () => {
    const board = adopting(own, api, own, { ...api, last: true });
    for (const weight of [0, 30]) {
      board.route(at(weight));
      expect([rules(board)[0], rules(board)[2]]).toEqual([api, { ...api, last: true }]);
      expect(rules(board)).toHaveLength(3);
    }
  });

  it('tells the weights from the rules of session cookies, when conditions come in the middle', () => {
    const { board, routes } = opened(affinity);
    board.route(routes);
    board.change(canaryOf(affinity, singled(HEADER)));
    expect(board.live()).toEqual(routes);
    board.route(routes);
    expect(board.live()).toEqual(routes);
  });

  it.each([1, 50])('sends not even %d percent by a condition that it cannot say', (weight) => {
    const board = new Board(canaryOf(singled({})));
    expect(board.problem(at(weight))).toMatch(/^spec.analysis.match: /);
  });

  it.each<[string, object]>([
    ['of another Canary', { kind: 'Canary', name: 'other' }],
    ['of another kind', { kind: 'Other', name: 'podinfo' }],
    ['without control', { kind: 'Canary', name: 'podinfo', controller: false }],
  ])("takes an object %s for a user's", (_what, owner) => {
    const { board, routes } = opened();
    board.route(at(0));
    const ownerReferences = [{ apiVersion: 'a/v1', uid: 'x', controller: true, ...owner }];
    board.edit(kind, (object) => {
      object.metadata.ownerReferences = ownerReferences;
      object.spec[list] = [api];
    });
    board.route(routes);
    expect(board.object(kind).metadata).toMatchObject({
      ownerReferences,
      annotations: { 'flagger.kubernetes.io/original-configuration': expect.stringContaining('api') },
    });
    board.finalise();
    expect(rules(board)).toEqual([api]);
  });

  it('gives nothing back from a memory that is empty', () => {
    const { board, routes } = opened();
    board.route(routes);
    board.edit(kind, ({ metadata }) => {
      delete metadata.ownerReferences;
      metadata.annotations = { 'flagger.kubernetes.io/original-configuration': '{}' };
    });
    board.finalise();
    expect(rules(board)).toHaveLength(1);
  });

  it('previews on the canary alone', () => {
    const { board } = opened(withAnalysis({ preview: { match: [HEADER] } }));
    board.route(at(30));
    const [preview] = rules(board);
    const entries: Loose[] =
      preview.route ?? preview.backendRefs ?? preview.services ?? preview.routeAction.multi.destinations;
    expect(entries.map(({ weight }) => weight ?? 0)).toEqual([0, 100]);
    expect(JSON.stringify(entries[1])).toMatch(/podinfo-canary/);
  });
});
