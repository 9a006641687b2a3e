import { describe, expect, it } from 'vitest';
import type { Canary, CanaryService } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

const istio = (...more: Modifier<Canary>[]): Canary => aCanary(withSpec({ provider: 'istio' }), withWeights(), ...more);

const withMatch = (...match: NonNullable<Canary['spec']['analysis']['match']>): Modifier<Canary> =>
  withAnalysis({ iterations: 3, stepWeight: undefined, maxWeight: undefined, match });

const affinity = withAnalysis({ sessionAffinity: { cookieName: 'pin' } });
const COOKIES = { canary: 'pin=abcdefghij' };
const BROUGHT = { headers: { Cookie: { regex: '.*pin.*abcdefghij.*' } } };

const spec = (board: Board): Loose => board.object('VirtualService').spec;
const weights = (rule: Loose): number[] => rule.route.map((one: Loose) => one.weight);

/** A user's own VirtualService of that name. */
const ofUser = (extra: object = {}): KubeObject => ({
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'VirtualService',
  metadata: { name: 'podinfo', namespace: 'test', labels: { team: 'a' }, annotations: { note: 'mine' }, ...extra },
  spec: {
    hosts: ['app.example.com'],
    gateways: ['public'],
    exportTo: ['.'],
    http: [
      { match: [{ uri: { prefix: '/api' } }], route: [{ destination: { host: 'api' } }] },
      { route: [{ destination: { host: 'podinfo' } }] },
    ],
  },
});

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

describe('an A/B test on Istio', () => {
  const conditions = (board: Board): Loose => spec(board).http[0].match;

  it('needs both a condition of the service and one of the analysis', () => {
    const service = { match: [{ uri: { prefix: '/a' }, headers: { x: { exact: '1' } } }, { uri: { prefix: '/b' } }] };
    const board = new Board(
      istio(
        withService(service),
        withMatch({ headers: { y: { suffix: '.net' } } }, { queryParams: { q: { exact: '1' } } }),
      ),
    );
    board.route(at(100));
    expect(conditions(board)).toEqual([
      { uri: { prefix: '/a' }, headers: { x: { exact: '1' }, y: { regex: '.*\\.net' } } },
      { uri: { prefix: '/b' }, headers: { y: { regex: '.*\\.net' } } },
      { uri: { prefix: '/a' }, headers: { x: { exact: '1' } }, queryParams: { q: { exact: '1' } } },
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

  it('has no cookie rules without a cookie, and none in an A/B test', () => {
    const one = board();
    one.route(at(0, { cookies: {} }));
    expect(spec(one).http).toHaveLength(1);
    one.change(istio(affinity, withMatch({ headers: { y: { exact: '1' } } }))).route(at(100, { cookies: COOKIES }));
    expect(JSON.stringify(spec(one))).not.toMatch(/cookie/i);
  });

  it('mirrors in the weighted rule', () => {
    const one = board(withAnalysis({ mirror: true, mirrorWeight: 40 }));
    const routes = at(0, { mirrored: true, cookies: { previous: COOKIES.canary } });
    one.route(routes);
    expect(spec(one).http[1]).toMatchObject({ mirror: { host: 'podinfo-canary' }, mirrorPercentage: { value: 40 } });
    expect(one.live()).toEqual(routes);
  });
});

describe('drift of a VirtualService', () => {
  it('is corrected with the weights and cookies as they are', () => {
    const board = new Board(istio(affinity, withService({ timeout: '5s' })));
    const routes = at(30, { cookies: COOKIES });
    board.route(routes);
    const right = structuredClone(board.object('VirtualService'));
    board.edit('VirtualService', ({ spec: edited }) => {
      edited.hosts = ['elsewhere'];
      edited.http[1].timeout = '1h';
      edited.http[1].redirect = { uri: '/' };
      edited.http.shift();
    });
    board.route(board.live() as typeof routes);
    expect(board.object('VirtualService')).toEqual(right);
  });

  it('is not what others add: rules for other hosts, fields, labels and annotations', () => {
    const board = new Board(istio());
    board.route(at(30));
    board.edit('VirtualService', ({ metadata, spec: edited }) => {
      metadata.labels = { team: 'a' };
      metadata.annotations['note'] = 'mine';
      edited.exportTo = ['.'];
      edited.http[0].fault = { delay: { fixedDelay: '1s' } };
      edited.http.unshift({ match: [{ uri: { prefix: '/api' } }], route: [{ destination: { host: 'api' } }] });
    });
    expect(board.route(board.live() as ReturnType<typeof at>)).toEqual([]);
    board.route(at(60));
    expect(spec(board)).toMatchObject({
      exportTo: ['.'],
      http: [{ route: [{ destination: { host: 'api' } }] }, { fault: {} }],
    });
    expect(board.object('VirtualService').metadata).toMatchObject({
      labels: { team: 'a' },
      annotations: { note: 'mine' },
    });
  });

  it.each<[string, Loose, unknown]>([
    ['no list of rules', { http: 'x' }, at(0)],
    ['rules that are none', { http: [null, 7, { route: [null] }] }, at(0)],
    ['no spec', undefined, at(0)],
    [
      'a lone destination',
      { http: [{ route: [{ destination: { host: 'podinfo-canary.test.svc.cluster.local' } }] }] },
      at(100),
    ],
    [
      'weights that do not add up',
      {
        http: [
          {
            route: [
              { destination: { host: 'podinfo-primary' }, weight: 10 },
              { destination: { host: 'podinfo-canary' }, weight: 30 },
            ],
          },
        ],
      },
      at(75),
    ],
    [
      'no weight at all',
      {
        http: [{ route: [{ destination: { host: 'podinfo-primary' } }, { destination: { host: 'podinfo-canary' } }] }],
      },
      { problem: 'VirtualService podinfo.test does not contain routes for podinfo-primary and podinfo-canary' },
    ],
  ])('that leaves %s is read all the same', (_what, broken, live) => {
    const board = new Board(istio());
    board.route(at(30));
    board.edit('VirtualService', (object) => (object.spec = broken));
    expect(board.live()).toEqual(live);
  });

  it('of a DestinationRule leaves subsets alone', () => {
    const board = new Board(istio(withService({ trafficPolicy: { tls: { mode: 'DISABLE' } } })));
    board.route(at(0));
    board.edit('DestinationRule', (object) => (object.spec = { host: 'x', subsets: [{ name: 'v1' }] }));
    board.route(at(0));
    expect(board.object('DestinationRule').spec).toEqual({
      host: 'podinfo-canary',
      subsets: [{ name: 'v1' }],
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    });
  });
});

describe("a user's VirtualService", () => {
  it('keeps what does not lead to the apex, and comes back as it was', () => {
    const board = new Board(istio(), ofUser());
    expect(board.live()).toEqual(at(0));
    board.route(at(0));
    expect(spec(board)).toMatchObject({
      hosts: ['app.example.com'],
      gateways: ['public'],
      exportTo: ['.'],
      http: [{ route: [{ destination: { host: 'api' } }] }, { route: [{ weight: 100 }, { weight: 0 }] }],
    });
    expect(board.object('VirtualService').metadata).not.toHaveProperty('ownerReferences');
    board.edit('VirtualService', ({ spec: edited }) => (edited.http[1].timeout = '1h'));
    board.route(at(50));
    board.finalise();
    expect(board.object('VirtualService')).toEqual(ofUser());
    expect(board.finalise()).toEqual([]);
  });

  it("comes back as kubectl last applied it, where kubectl's memory is newer", () => {
    const applied = { spec: { hosts: ['b.example'], http: [{ route: [{ destination: { host: 'podinfo' } }] }] } };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied) };
    const board = new Board(istio(), ofUser({ annotations }));
    board.route(at(30));
    expect(Object.keys(board.object('VirtualService').metadata.annotations)).not.toContain(
      'flagger.kubernetes.io/original-configuration',
    );
    board.finalise();
    expect(board.object('VirtualService')).toMatchObject({ metadata: { annotations }, spec: applied.spec });
  });

  it.each([
    ['nobody knows', {}],
    ['is broken', { 'flagger.kubernetes.io/original-configuration': '{' }],
    [
      'is that of an earlier correction',
      {
        'flagger.kubernetes.io/original-configuration':
          '{"http":[{"route":[{"destination":{"host":"podinfo-canary"}}]}]}',
      },
    ],
  ])('leads to the apex in the end where its first form %s', (_what, annotations) => {
    const taken = ofUser({ annotations });
    const rules = (taken['spec'] as Loose).http;
    rules[1] = {
      mirror: { host: 'podinfo-canary' },
      timeout: '5s',
      route: [
        { destination: { host: 'podinfo-primary' }, weight: 70 },
        { destination: { host: 'podinfo-canary' }, weight: 30 },
      ],
    };
    const board = new Board(istio(), taken);
    expect(board.live()).toMatchObject({ canary: 30 });
    board.finalise();
    expect(spec(board).http).toEqual([rules[0], { timeout: '5s', route: [{ destination: { host: 'podinfo' } }] }]);
  });

  it('is left to the garbage collector where it is none', () => {
    const board = new Board(istio());
    board.route(at(30));
    expect(board.finalise()).toEqual([]);
    expect(new Board(istio()).finalise()).toEqual([]);
  });
});

describe('TCP on Istio', () => {
  const tcp = istio(
    withService({ appProtocol: 'TCP', match: [{ port: 80 }, { uri: { prefix: '/' } }] }),
    affinity,
    withAnalysis({ mirror: true }),
  );

  it('has weights and ports, and no other capability', () => {
    const board = new Board(tcp);
    board.route(at(30, { cookies: COOKIES, mirrored: true }));
    expect(spec(board).http).toBeUndefined();
    expect(spec(board).tcp).toEqual([
      {
        match: [{ port: 80 }, {}],
        route: [
          { destination: { host: 'podinfo-primary' }, weight: 70 },
          { destination: { host: 'podinfo-canary' }, weight: 30 },
        ],
      },
    ]);
    expect(board.live()).toEqual(at(30));
    expect(board.router.limits?.(tcp)).toEqual({
      match: [],
      mirror: 'none',
      mirrorWeight: false,
      sessionAffinity: 'none',
      preview: false,
    });
  });

  it('replaces the rules for HTTP that were there before', () => {
    const board = new Board(istio());
    board.route(at(0));
    board.change(tcp).route(at(0));
    expect(spec(board)).not.toHaveProperty('http');
  });
});
