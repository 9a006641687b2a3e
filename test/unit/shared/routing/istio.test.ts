import { describe, expect, it } from 'vitest';
import type { Canary, CanaryService } from '../../../../shared/api/canary.ts';
import { withAnalysis, withService } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';
import { affinity, BROUGHT, COOKIES, istio, spec, weights, withMatch } from './istio-world.ts';

describe('the front of a VirtualService', () => {
  it.each<[string, Partial<CanaryService>, object]>([
    ['the apex and the mesh without any', {}, { hosts: ['podinfo'], gateways: ['mesh'] }],
    ['hosts with the apex added', { hosts: ['a.example'] }, { hosts: ['a.example', 'podinfo'], gateways: ['mesh'] }],
    ['all hosts as they are', { hosts: ['*'] }, { hosts: ['*'], gateways: ['mesh'] }],
    ['the apex once', { hosts: ['podinfo', 'b'] }, { hosts: ['podinfo', 'b'], gateways: ['mesh'] }],
    ['gateways as they are', { gateways: ['ingress/public'] }, { hosts: ['podinfo'], gateways: ['ingress/public'] }],
  ])('has %s', (_what, service, front) => {
    const board = new Board(istio(withService(service)));
    board.route(at(0));
    expect(spec(board)).toMatchObject(front);
  });

  it('is empty where another one delegates to it, and refuses to be both', () => {
    const board = new Board(istio(withService({ delegation: true })));
    board.route(at(0));
    expect(spec(board)).toMatchObject({ hosts: [] });
    expect(spec(board)).not.toHaveProperty('gateways');
    board.change(istio(withService({ delegation: true, gateways: ['a'] })));
    expect(board.problem(at(0))).toBe(
      'VirtualService podinfo.test cannot have hosts and gateways when delegation enabled',
    );
  });

  it.each<[boolean, Partial<CanaryService>]>([
    [false, {}],
    [false, { portDiscovery: true }],
    [false, { portDiscovery: true, gateways: ['mesh', 'a'] }],
    [true, { portDiscovery: true, gateways: ['a'] }],
    [true, { portDiscovery: true, delegation: true }],
  ])('names the port (%s) with %j', (isNamed, service) => {
    const board = new Board(istio(withService(service)));
    board.route(at(0));
    expect(spec(board).http[0].route[0].destination).toEqual({
      host: 'podinfo-primary',
      ...(isNamed && { port: { number: 80 } }),
    });
  });
});

describe('the policies of the service', () => {
  it('are what the Canary says, with the attempts written out', () => {
    const board = new Board(
      istio(withService({ timeout: '', retries: { retryOn: '5xx' }, rewrite: { uri: '/', type: 'x' } })),
    );
    board.route(at(0));
    const { route: _, ...rest } = spec(board).http[0];
    expect(rest).toEqual({ retries: { attempts: 0, retryOn: '5xx' }, rewrite: { uri: '/' } });
  });
});

describe('an A/B test on Istio', () => {
  const conditions = (board: Board): Loose => spec(board).http[0].match;

  it('needs both a condition of the service and one of the analysis', () => {
    const p = { p: { exact: '2' } };
    const service = {
      match: [{ uri: { prefix: '/a' }, headers: { x: { exact: '1' } }, queryParams: p }, { uri: { prefix: '/b' } }],
    };
    const board = new Board(
      istio(
        withService(service),
        withMatch({ headers: { y: { suffix: '.net' } } }, { queryParams: { q: { exact: '1' } } }),
      ),
    );
    board.route(at(100));
    expect(conditions(board)).toEqual([
      { uri: { prefix: '/a' }, headers: { x: { exact: '1' }, y: { regex: '.*\\.net' } }, queryParams: p },
      { uri: { prefix: '/b' }, headers: { y: { regex: '.*\\.net' } } },
      { uri: { prefix: '/a' }, headers: { x: { exact: '1' } }, queryParams: { ...p, q: { exact: '1' } } },
      { uri: { prefix: '/b' }, queryParams: { q: { exact: '1' } } },
    ]);
    expect(spec(board).http[1]).toEqual({
      match: service.match,
      route: [{ destination: { host: 'podinfo-primary' }, weight: 0 }],
    });
  });

  it('leaves out an entry without a condition, and never routes everybody', () => {
    const board = new Board(istio(withMatch({}, { headers: { y: { exact: '1' } } })));
    board.route(at(100));
    expect(conditions(board)).toEqual([{ headers: { y: { exact: '1' } } }]);
    board.change(istio(withMatch({})));
    expect(board.problem(at(100))).toMatch(/^spec.analysis.match: istio can express none/);
    board.route(at(0));
    expect(spec(board).http).toEqual([{ route: [{ destination: { host: 'podinfo-primary' }, weight: 100 }] }]);
    expect(board.live()).toMatchObject(at(0));
  });

  it('does not become a rollout to everybody when its conditions are taken out in the middle', () => {
    const board = new Board(istio(withMatch({ headers: { y: { exact: '1' } } })));
    board.route(at(100));
    expect(board.live()).toMatchObject(at(100));
    expect(board.change(istio()).live()).toMatchObject(at(0));
  });
});

describe('session affinity on Istio', () => {
  const board = (...more: Modifier<Canary>[]) => new Board(istio(affinity, ...more));

  it('pins users to both sides, with a rule for each before the weighted one', () => {
    const sessionAffinity = {
      cookieName: 'pin',
      primaryCookieName: 'stay',
      domain: 'a.example',
      httpOnly: true,
      partitioned: true,
      path: '/',
      sameSite: 'Lax',
      secure: true,
      maxAge: 60,
    } as const;
    const both = board(withAnalysis({ sessionAffinity }));
    both.route(at(30, { cookies: { ...COOKIES, primary: 'stay=klmnopqrst' } }));
    const [canary, primary, weighted] = spec(both).http;
    expect([canary.match, weights(canary)]).toEqual([[BROUGHT], [0, 100]]);
    expect([primary.match, weights(primary)]).toEqual([
      [{ headers: { Cookie: { regex: '.*stay.*klmnopqrst.*' } } }],
      [100, 0],
    ]);
    const rest = '; Domain=a.example; HttpOnly; Partitioned; Path=/; SameSite=Lax; Secure';
    expect(weighted.route.map((one: Loose) => one.headers.response.add['Set-Cookie'])).toEqual([
      `stay=klmnopqrst; Max-Age=10${rest}`,
      `pin=abcdefghij; Max-Age=60${rest}`,
    ]);
    expect(both.live()).toEqual(at(30, { cookies: { ...COOKIES, primary: 'stay=klmnopqrst' } }));
  });

  it('takes the cookie back from those who bring it alone, and keeps the headers of the user', () => {
    const headers = { request: { set: { a: '1' } }, response: { add: { b: '2' } } };
    const one = board(withService({ headers }));
    one.route(at(0, { cookies: { previous: COOKIES.canary } }));
    const [expiring, weighted] = spec(one).http;
    expect(expiring.headers).toEqual({
      ...headers,
      response: { add: { b: '2', 'Set-Cookie': 'pin=abcdefghij; Max-Age=-1' } },
    });
    expect(weighted.headers).toEqual(headers);
    expect(one.live()).toEqual(at(0, { cookies: { previous: COOKIES.canary } }));
    expect(one.route(at(0, { cookies: { previous: COOKIES.canary } }))).toEqual([]);
  });

  it('finds a cookie by its name, whatever an expression would take that for', () => {
    const one = new Board(istio(withAnalysis({ sessionAffinity: { cookieName: '$a*b+c|d^' } })));
    one.route(at(30, { cookies: { canary: '$a*b+c|d^=abcdefghij' } }));
    const pattern = new RegExp(`^(?:${spec(one).http[0].match[0].headers.Cookie.regex})$`);
    expect(pattern.test('x=1; $a*b+c|d^=abcdefghij')).toBe(true);
    expect(pattern.test('x=1; d=abcdefghij')).toBe(false);
    expect(pattern.test('x=1')).toBe(false);
  });

  it('has no cookie rules without a cookie, and none in an A/B test', () => {
    const one = board();
    one.route(at(0, { cookies: {} }));
    expect(spec(one).http).toHaveLength(1);
    one.change(istio(affinity, withMatch({ headers: { y: { exact: '1' } } }))).route(at(100, { cookies: COOKIES }));
    expect(JSON.stringify(spec(one))).not.toMatch(/cookie/i);
  });

  it.each([undefined, 0])('leaves it to the mesh how much to mirror where the weight is %s', (mirrorWeight) => {
    const one = new Board(istio(withAnalysis({ mirror: true, mirrorWeight })));
    one.route(at(0, { mirrored: true }));
    expect(spec(one).http[0]).toMatchObject({ mirror: { host: 'podinfo-canary' } });
    expect(spec(one).http[0]).not.toHaveProperty('mirrorPercentage');
  });

  it('mirrors in the weighted rule', () => {
    const one = board(withAnalysis({ mirror: true, mirrorWeight: 40 }));
    const routes = at(0, { mirrored: true, cookies: { previous: COOKIES.canary } });
    one.route(routes);
    expect(spec(one).http[1]).toMatchObject({ mirror: { host: 'podinfo-canary' }, mirrorPercentage: { value: 40 } });
    expect(one.live()).toEqual(routes);
  });
});
