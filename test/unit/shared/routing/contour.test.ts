import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, contextOf, type Loose } from './board.ts';

const contour = (...more: Modifier<Canary>[]): Canary =>
  aCanary(withSpec({ provider: 'contour' }), withWeights(), ...more);

const withMatch = (...match: NonNullable<Canary['spec']['analysis']['match']>): Modifier<Canary> =>
  withAnalysis({ iterations: 3, stepWeight: undefined, maxWeight: undefined, match });

const affinity = withAnalysis({ sessionAffinity: { cookieName: 'pin', primaryCookieName: 'stay' } });
const COOKIES = { canary: 'pin=abcdefghij', primary: 'stay=klmnopqrst' };

const routesOf = (board: Board): Loose[] => board.object('HTTPProxy').spec.routes;
const weights = (route: Loose): unknown[] => route.services.map((one: Loose) => one.weight);

const routed = (canary: Canary, ...given: Parameters<typeof at>): Board => {
  const board = new Board(canary);
  board.route(at(...given));
  return board;
};

describe('an HTTPProxy', () => {
  it.each([0, 1, 30, 99, 100])('carries a weight of %d and gives it back', (canary) => {
    expect(routed(contour(), canary).live()).toEqual(at(canary));
  });

  it('has the first prefix, the timeouts and the retries of the service', () => {
    const service = {
      match: [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }],
      timeout: '15s',
      retries: { attempts: 2, retryOn: '5xx,reset' },
    };
    expect(routesOf(routed(contour(withService(service)), 30))[0]).toMatchObject({
      conditions: [{ prefix: '/a' }],
      timeoutPolicy: { idle: '5m', response: '15s' },
      retryPolicy: { count: 2, retryOn: ['5xx', 'reset'] },
    });
  });

  it('leaves out what the retries do not say', () => {
    const [route] = routesOf(routed(contour(withService({ retries: { perTryTimeout: '' } })), 0));
    expect(route.retryPolicy).toEqual({ count: 1 });
  });

  it('names the class of ingress that the driver is told, and leaves any other alone', () => {
    const board = routed(contour(), 0);
    expect(board.object('HTTPProxy').spec).not.toHaveProperty('ingressClassName');
    board.context = { ...contextOf(contour()), settings: { ...board.context.settings, ingressClass: 'edge' } };
    board.route(at(0));
    expect(board.object('HTTPProxy').spec.ingressClassName).toBe('edge');
  });

  it.each<[string, Loose, object]>([
    ['no list', 'x', at(0)],
    ['nothing of ours', [{ services: [{ name: 'other' }] }, null], at(0)],
    [
      'no weights, which Contour spreads evenly',
      [{ services: [{ name: 'podinfo-primary' }, { name: 'podinfo-canary' }] }],
      at(50),
    ],
    ['the canary alone', [{ services: [{ name: 'podinfo-canary' }] }], at(100)],
    [
      'weights that do not add up',
      [
        {
          services: [
            { name: 'podinfo-primary', weight: 1 },
            { name: 'podinfo-canary', weight: 3 },
          ],
        },
      ],
      at(75),
    ],
  ])('with %s is read all the same', (_what, routes, live) => {
    const board = routed(contour(), 30);
    board.edit('HTTPProxy', ({ spec }) => (spec.routes = routes));
    expect(board.live()).toEqual(live);
  });
});

describe('an A/B test on Contour', () => {
  it('has a route for each entry, whose headers must all hold, and one for all others', () => {
    const entries = [
      { headers: { b: { exact: '2' }, a: { prefix: '1.' } } },
      { headers: { cookie: { regex: '.*x.*' }, d: { suffix: '4' } } },
      { queryParams: { q: { exact: '5' } } },
    ];
    const board = routed(contour(withMatch(...entries)), 100);
    expect(routesOf(board).map(({ conditions }) => conditions)).toEqual([
      [{ prefix: '/', header: { name: 'a', regex: '1\\..*' } }, { header: { name: 'b', exact: '2' } }],
      [{ prefix: '/', header: { name: 'cookie', regex: '.*x.*' } }, { header: { name: 'd', regex: '.*4' } }],
      [{ prefix: '/', queryParameter: { name: 'q', exact: '5' } }],
      [{ prefix: '/' }],
    ]);
    expect(routesOf(board).map(weights)).toEqual([
      [undefined, 100],
      [undefined, 100],
      [undefined, 100],
      [100, undefined],
    ]);
    expect(board.live()).toEqual(at(100));
  });

  it.each([
    ['nothing', {}],
    ['labels of pods', { sourceLabels: { app: 'a' } }],
    ['a header and labels', { headers: { a: { exact: '1' } }, sourceLabels: { app: 'a' } }],
  ])('by %s alone sends nobody to the canary', (_what, entry) => {
    const board = new Board(contour(withMatch(entry)));
    expect(board.problem(at(100))).toMatch(/^spec.analysis.match: contour can express none/);
    board.route(at(0));
    expect(routesOf(board).map(weights)).toEqual([[100, undefined]]);
    expect(board.live()).toEqual(at(0));
  });

  it('does not become a rollout to everybody when its conditions are taken out in the middle', () => {
    const board = routed(contour(withMatch({ headers: { y: { exact: '1' } } })), 100);
    expect(board.change(contour()).live()).toEqual(at(0));
  });
});

describe('session affinity on Contour', () => {
  it('pins users by the very cookie, to one side where they bring both', () => {
    const board = routed(contour(affinity), 30, { cookies: COOKIES });
    expect(routesOf(board).map(({ conditions }) => conditions)).toEqual([
      [{ prefix: '/', header: { name: 'Cookie', contains: 'pin=abcdefghij' } }],
      [
        { prefix: '/', header: { name: 'Cookie', contains: 'stay=klmnopqrst' } },
        { header: { name: 'Cookie', notcontains: 'pin=abcdefghij' } },
      ],
      [{ prefix: '/' }],
    ]);
    expect(routesOf(board).map(weights)).toEqual([
      [undefined, 100],
      [100, undefined],
      [70, 30],
    ]);
    const cookies = routesOf(board)[2].services.map((one: Loose) => one.responseHeadersPolicy.set);
    expect(cookies).toEqual([
      [{ name: 'Set-Cookie', value: 'stay=klmnopqrst; Max-Age=10' }],
      [{ name: 'Set-Cookie', value: 'pin=abcdefghij; Max-Age=86400' }],
    ]);
    expect(routesOf(board)[0].services[1]).not.toHaveProperty('responseHeadersPolicy');
    expect(board.live()).toEqual(at(30, { cookies: COOKIES }));
  });

  it('takes the cookie back from those who bring it, until the next analysis', () => {
    const board = routed(contour(affinity), 30, { cookies: COOKIES });
    const back = { cookies: { previous: COOKIES.canary } };
    board.route(at(0, back));
    const [expiring, weighted] = routesOf(board);
    expect(expiring).toMatchObject({
      responseHeadersPolicy: { set: [{ name: 'Set-Cookie', value: 'pin=abcdefghij; Max-Age=-1' }] },
    });
    expect([weights(expiring), weights(weighted)]).toEqual([
      [100, undefined],
      [100, undefined],
    ]);
    expect(JSON.stringify(weighted)).not.toContain('Cookie');
    expect(board.live()).toEqual(at(0, back));
    expect(board.route(at(0, back))).toEqual([]);
    board.route(at(25, { cookies: { canary: 'pin=zzzzzzzzzz' } }));
    expect(board.live()).toEqual(at(25, { cookies: { canary: 'pin=zzzzzzzzzz' } }));
  });

  it('leaves response headers of the user in place', () => {
    const board = routed(contour(affinity), 0);
    board.edit(
      'HTTPProxy',
      ({ spec }) => (spec.routes[0].services[1].responseHeadersPolicy = { set: [{ name: 'a', value: '1' }] }),
    );
    board.route(at(30, { cookies: COOKIES }));
    expect(routesOf(board)[2].services[1].responseHeadersPolicy.set).toHaveLength(2);
    board.route(at(0, { cookies: {} }));
    expect(routesOf(board)[0].services[1].responseHeadersPolicy.set).toEqual([{ name: 'a', value: '1' }]);
  });
});

describe('what others write to an HTTPProxy', () => {
  it('stays: routes, services with copies, and fields that we do not know', () => {
    const board = routed(contour(), 30);
    board.edit('HTTPProxy', ({ spec }) => {
      spec.virtualhost = { fqdn: 'a.example' };
      spec.routes[0].enableWebsockets = true;
      spec.routes[0].services[0].slowStartPolicy = { window: '10s' };
      spec.routes[0].services.push({ name: 'shadow', port: 80, mirror: true });
      spec.routes.push({ conditions: [{ prefix: '/api' }], services: [{ name: 'api', port: 80 }] });
    });
    expect(board.route(at(30))).toEqual([]);
    board.route(at(60));
    expect(board.object('HTTPProxy').spec).toMatchObject({
      virtualhost: { fqdn: 'a.example' },
      routes: [
        { enableWebsockets: true, services: [{ weight: 40, slowStartPolicy: {} }, { weight: 60 }, { mirror: true }] },
        { services: [{ name: 'api' }] },
      ],
    });
  });

  it('is no weight of ours where it only gets copies', () => {
    const board = routed(contour(), 30);
    const copies = { name: 'podinfo-canary', port: 80, mirror: true, weight: 5 };
    board.edit('HTTPProxy', ({ spec }) => {
      spec.routes[0].services.unshift(copies);
      spec.routes.push({ conditions: [{ prefix: '/api' }], services: [{ name: 'api', port: 80 }, copies] });
    });
    expect(board.live()).toEqual(at(30));
    board.route(at(60));
    expect(routesOf(board)[0].services).toEqual([
      expect.objectContaining({ name: 'podinfo-primary', weight: 40 }),
      expect.objectContaining({ name: 'podinfo-canary', weight: 60 }),
      copies,
    ]);
    expect(routesOf(board)[1].services).toEqual([{ name: 'api', port: 80 }, copies]);
  });

  it('is drift where it is ours, and is corrected with the weights as they are', () => {
    const board = routed(contour(withService({ timeout: '5s' })), 30);
    const right = structuredClone(routesOf(board));
    board.edit('HTTPProxy', ({ spec }) => {
      spec.routes[0].timeoutPolicy.response = '1h';
      spec.routes[0].directResponsePolicy = { statusCode: 200 };
      spec.routes[0].services[1].port = 81;
    });
    expect(board.route(board.live() as ReturnType<typeof at>)).toHaveLength(1);
    expect(routesOf(board)).toEqual(right);
  });

  it('comes back as it was', () => {
    const ofUser: KubeObject = {
      apiVersion: 'projectcontour.io/v1',
      kind: 'HTTPProxy',
      metadata: { name: 'podinfo', namespace: 'test', annotations: { note: 'mine' } },
      spec: {
        virtualhost: { fqdn: 'a.example' },
        routes: [
          { services: [{ name: 'podinfo', port: 80 }] },
          { conditions: [{ prefix: '/api' }], services: [{ name: 'api', port: 80 }] },
        ],
      },
    };
    const board = new Board(contour(), structuredClone(ofUser));
    expect(board.live()).toEqual(at(0));
    board.route(at(30));
    expect(routesOf(board)).toMatchObject([
      { services: [{ weight: 70 }, { weight: 30 }] },
      { services: [{ name: 'api' }] },
    ]);
    board.route(at(60));
    board.finalise();
    expect(board.object('HTTPProxy')).toEqual(ofUser);
  });

  it('leads to the apex in the end where the reference took it over without a memory', () => {
    const taken = routed(contour(), 30).object('HTTPProxy');
    delete taken.metadata.ownerReferences;
    const board = new Board(contour(), taken);
    board.finalise();
    expect(routesOf(board)).toEqual([{ conditions: [{ prefix: '/' }], services: [{ name: 'podinfo', port: 80 }] }]);
  });
});
