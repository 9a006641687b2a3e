import { describe, expect, it } from 'vitest';
import type { CanaryService } from '../../../../shared/api/canary.ts';
import { withAnalysis, withService, withSpec } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';
import {
  affinity,
  BROUGHT,
  COOKIES,
  EVERYTHING,
  gateway,
  routed,
  rules,
  weights,
  withMatch,
} from './gateway-api-world.ts';

describe('an HTTPRoute', () => {
  it('needs a gateway', () => {
    const board = new Board(gateway(withService({ gatewayRefs: [] })));
    expect(board.problem(at(0))).toBe('GatewayRefs must be specified when using Gateway API as a provider.');
  });

  it.each([
    ['gatewayapi:v1', 'gateway.networking.k8s.io/v1', true],
    ['gatewayapi:v1beta1', 'gateway.networking.k8s.io/v1beta1', false],
  ] as const)('of %s has the policies of %s', (provider, apiVersion, hasPolicies) => {
    const service: Partial<CanaryService> = {
      timeout: '10s',
      backendTimeout: '5s',
      corsPolicy: {
        allowOrigin: ['https://a'],
        allowOrigins: [{ exact: 'https://b' }, { regex: '.*' }],
        maxAge: '1h',
        allowCredentials: false,
      },
    };
    const board = routed(
      gateway(withSpec({ provider }), withService({ ...service, gatewayRefs: [{ name: 'gw' }] })),
      30,
    );
    expect(board.object('HTTPRoute').apiVersion).toBe(apiVersion);
    const [rule] = rules(board);
    expect(rule.timeouts).toEqual(hasPolicies ? { request: '10s', backendRequest: '5s' } : undefined);
    const cors = [{ type: 'CORS', cors: { allowOrigins: ['https://a', 'https://b'], maxAge: 3600 } }];
    expect(rule.filters).toEqual(hasPolicies ? cors : undefined);
  });

  it.each<[CanaryService['corsPolicy'], object]>([
    [
      { allowOrigin: ['*'], allowCredentials: true, maxAge: '1d' },
      { allowOrigins: ['*'], allowCredentials: true },
    ],
    [{ allowOrigin: ['*'], maxAge: '0s' }, { allowOrigins: ['*'] }],
    [
      { allowMethods: ['GET'], allowHeaders: [], maxAge: '1500ms' },
      { allowMethods: ['GET'], maxAge: 1 },
    ],
  ])('writes %j as far as it can be said', (corsPolicy, cors) => {
    const service = { corsPolicy } as Partial<CanaryService>;
    expect(rules(routed(gateway(withService(service)), 0))[0].filters).toEqual([{ type: 'CORS', cors }]);
  });

  it('loses its hosts with the Canary, and rewrites nothing where nothing is said', () => {
    const board = routed(gateway(withService({ hosts: ['a.example'], rewrite: { type: 'x' } })), 0);
    expect(board.object('HTTPRoute').spec.hostnames).toEqual(['a.example']);
    expect(rules(board)[0]).not.toHaveProperty('filters');
    board.change(gateway(withService({ rewrite: { authority: 'b.example' } }))).route(at(0));
    expect(board.object('HTTPRoute').spec).not.toHaveProperty('hostnames');
    expect(rules(board)[0].filters).toEqual([{ type: 'URLRewrite', urlRewrite: { hostname: 'b.example' } }]);
  });

  it('has the filters of the service in one order, headers by name', () => {
    const service: Partial<CanaryService> = {
      headers: { request: { add: { b: '2', a: '1' }, remove: ['x'] }, response: { set: { c: '3' } } },
      rewrite: { uri: '/new', authority: 'b.example' },
      mirror: [{ backendRef: { name: 'shadow', port: 80 } }],
    };
    expect(rules(routed(gateway(withService(service)), 30))[0].filters).toEqual([
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: {
          add: [
            { name: 'a', value: '1' },
            { name: 'b', value: '2' },
          ],
          remove: ['x'],
        },
      },
      { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'c', value: '3' }] } },
      {
        type: 'URLRewrite',
        urlRewrite: { hostname: 'b.example', path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } },
      },
      { type: 'RequestMirror', requestMirror: { backendRef: { name: 'shadow', port: 80 } } },
    ]);
  });

  it.each<[string, NonNullable<CanaryService['match']>, unknown]>([
    ['everything by default', [], [EVERYTHING]],
    [
      'a regular expression before the rest',
      [{ uri: { regex: '/a.*', prefix: '/b' } }],
      [{ path: { type: 'RegularExpression', value: '/a.*' } }],
    ],
    ['a path where none is given', [{ method: { exact: 'GET' } }], [{ ...EVERYTHING, method: 'GET' }]],
    [
      'headers by name',
      [{ headers: { b: { regex: 'x' }, a: { exact: 'y' } } }],
      [
        {
          ...EVERYTHING,
          headers: [
            { name: 'a', type: 'Exact', value: 'y' },
            { name: 'b', type: 'RegularExpression', value: 'x' },
          ],
        },
      ],
    ],
    ['everything for an entry that says nothing', [{ sourceLabels: { a: 'b' } }], [EVERYTHING]],
  ])('matches %s', (_what, match, matches) => {
    expect(rules(routed(gateway(withService({ match })), 0))[0].matches).toEqual(matches);
  });

  it.each<[NonNullable<CanaryService['match']>[number], string]>([
    [{ uri: {} }, 'path'],
    [{ method: { prefix: 'G' } }, 'header'],
    [{ headers: { a: { prefix: 'b' } } }, 'header'],
    [{ queryParams: { a: { prefix: 'b' } } }, 'query'],
  ])('refuses %j', (match, part) => {
    const problem = new Board(gateway(withService({ match: [match] }))).problem(at(0));
    expect(problem).toContain(
      `Invalid request matching selectors: Gateway API doesn't support the specified ${part} matching selector`,
    );
  });

  it('replaces a prefix in a rule of its own for each condition, as the API demands', () => {
    const service: Partial<CanaryService> = {
      match: [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }],
      rewrite: { uri: '/', type: 'ReplacePrefixMatch' },
    };
    const board = routed(gateway(affinity, withService(service)), 30, { cookies: COOKIES });
    expect(rules(board).map(({ matches }) => matches.length)).toEqual([1, 1, 1, 1]);
    expect(board.live()).toEqual(at(30, { cookies: COOKIES }));
  });
});

describe('an A/B test of the Gateway API', () => {
  it('needs both a condition of the service and one of the analysis', () => {
    const match = [{ uri: { prefix: '/a' }, headers: { X: { exact: '1' }, z: { exact: '2' } } }];
    const board = routed(
      gateway(
        withService({ match }),
        withMatch({ headers: { x: { regex: '3' } } }, { queryParams: { q: { exact: '4' } } }),
      ),
      100,
    );
    const path = { type: 'PathPrefix', value: '/a' };
    const z = { name: 'z', type: 'Exact', value: '2' };
    expect(rules(board)[0].matches).toEqual([
      { path, headers: [z, { name: 'x', type: 'RegularExpression', value: '3' }] },
      {
        path,
        headers: [{ name: 'X', type: 'Exact', value: '1' }, z],
        queryParams: [{ name: 'q', type: 'Exact', value: '4' }],
      },
    ]);
    expect(rules(board)[1]).toMatchObject({
      matches: [{ path }],
      backendRefs: [{ name: 'podinfo-primary', weight: 100 }],
    });
    expect(board.live()).toEqual(at(100));
  });

  it.each([
    ['a prefix', { headers: { x: { prefix: '1' } } }],
    ['a suffix', { headers: { x: { suffix: '1' } } }],
    ['labels of pods', { sourceLabels: { app: 'a' } }],
    ['a part that it can say and one that it cannot', { headers: { x: { exact: '1' } }, sourceLabels: { app: 'a' } }],
    ['nothing', {}],
  ])('by %s alone sends nobody to the canary', (_what, entry) => {
    const board = new Board(gateway(withMatch(entry)));
    expect(board.problem(at(100))).toMatch(/^spec.analysis.match: gatewayapi:v1 can express none/);
    board.route(at(0));
    expect(rules(board).map(weights)).toEqual([[100]]);
    expect(board.live()).toEqual(at(0));
  });

  it('does not become a rollout to everybody when its conditions are taken out in the middle', () => {
    const board = routed(gateway(withMatch({ headers: { y: { exact: '1' } } })), 100);
    expect(board.change(gateway()).live()).toEqual(at(0));
  });

  it('is possible with weights, for those alone whom it singles out, pinned or not', () => {
    const board = routed(gateway(affinity, withAnalysis({ match: [{ headers: { y: { exact: '1' } } }] })), 30, {
      cookies: COOKIES,
    });
    const y = { name: 'y', type: 'Exact', value: '1' };
    expect(rules(board).map((rule) => [rule.matches[0].headers, weights(rule)])).toEqual([
      [
        [y, BROUGHT],
        [0, 100],
      ],
      [[y], [70, 30]],
      [undefined, [100]],
    ]);
    expect(board.live()).toEqual(at(30, { cookies: COOKIES }));
  });
});

describe('session affinity of the Gateway API', () => {
  it('pins users to both sides', () => {
    const sessionAffinity = { cookieName: 'pin', primaryCookieName: 'stay', httpOnly: true };
    const routes = { cookies: { ...COOKIES, primary: 'stay=klmnopqrst' } };
    const board = routed(gateway(withAnalysis({ sessionAffinity })), 30, routes);
    const [canary, primary, weighted] = rules(board);
    expect([canary.matches, weights(canary)]).toEqual([[{ headers: [BROUGHT] }], [0, 100]]);
    expect([primary.matches[0].headers[0].value, weights(primary)]).toEqual(['.*stay.*klmnopqrst.*', [100, 0]]);
    expect(weighted.backendRefs.map((one: Loose) => one.filters[0].responseHeaderModifier.add[0].value)).toEqual([
      'stay=klmnopqrst; Max-Age=10; HttpOnly',
      'pin=abcdefghij; Max-Age=86400; HttpOnly',
    ]);
    expect(board.live()).toEqual(at(30, routes));
  });

  it('takes the cookie back in the one filter of response headers that the API admits', () => {
    const response = { add: { b: '2', 'Set-Cookie': 'own=1' }, set: { c: '3' } };
    const board = routed(gateway(affinity, withService({ headers: { response } })), 0, {
      cookies: { previous: COOKIES.canary },
    });
    const [expiring, weighted] = rules(board);
    const set = [{ name: 'c', value: '3' }];
    expect(expiring.filters).toEqual([
      {
        type: 'ResponseHeaderModifier',
        responseHeaderModifier: {
          add: [
            { name: 'b', value: '2' },
            { name: 'Set-Cookie', value: 'pin=abcdefghij; Max-Age=-1' },
          ],
          set,
        },
      },
    ]);
    expect(weighted.filters[0].responseHeaderModifier.add).toHaveLength(2);
    expect(board.live()).toEqual(at(0, { cookies: { previous: COOKIES.canary } }));
  });
});

describe('mirroring of the Gateway API', () => {
  it.each([
    ['of a step', {}],
    ["beside a user's own to the canary", { mirror: [{ backendRef: { name: 'podinfo-canary', port: 80 } }] }],
  ])('%s is seen once it is there', (_what, service) => {
    const board = routed(gateway(withAnalysis({ mirror: true }), withService(service)), 0);
    expect(board.live()).toEqual(at(0));
    board.route(at(0, { mirrored: true }));
    expect(board.live()).toEqual(at(0, { mirrored: true }));
    board.route(at(25));
    expect(board.live()).toEqual(at(25));
  });
});
