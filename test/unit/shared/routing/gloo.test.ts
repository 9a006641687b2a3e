import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, contextOf, type Loose } from './board.ts';

const gloo = (...more: Modifier<Canary>[]): Canary => aCanary(withSpec({ provider: 'gloo' }), withWeights(), ...more);

const withMatch = (...match: NonNullable<Canary['spec']['analysis']['match']>): Modifier<Canary> =>
  withAnalysis({ iterations: 3, stepWeight: undefined, maxWeight: undefined, match });

const model = withSpec({
  upstreamRef: { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'model', namespace: 'infra' },
});

const MODEL: KubeObject = {
  apiVersion: 'gloo.solo.io/v1',
  kind: 'Upstream',
  metadata: { name: 'model', namespace: 'infra' },
  spec: { kube: { serviceName: 'model' }, loadBalancerConfig: { roundRobin: {} }, useHttp2: true, failover: {} },
};

const PRIMARY = 'test-podinfo-primaryupstream-80';
const CANARY = 'test-podinfo-canaryupstream-80';

const routesOf = (board: Board): Loose[] => board.object('RouteTable').spec.routes;
const weights = (route: Loose): unknown[] => route.routeAction.multi.destinations.map((one: Loose) => one.weight);

const routed = (canary: Canary, ...given: Parameters<typeof at>): Board => {
  const board = new Board(canary);
  board.route(at(...given));
  return board;
};

describe('a RouteTable', () => {
  it.each([0, 1, 30, 99, 100])('carries a weight of %d and gives it back', (canary) => {
    expect(routed(gloo(), canary).live()).toEqual(at(canary));
  });

  it.each<[string, Loose]>([
    ['no list', 'x'],
    ['nothing of ours', [{ routeAction: { single: { upstream: { name: 'other' } } } }, null]],
    ['destinations that are none', [{ routeAction: { multi: { destinations: 'x' } } }]],
    [
      'names that only look like ours',
      [
        {
          routeAction: { multi: { destinations: [{ destination: { upstream: { name: `${CANARY}x` } }, weight: 9 }] } },
        },
      ],
    ],
  ])('with %s sends nothing to the canary', (_what, routes) => {
    const board = routed(gloo(), 30);
    board.edit('RouteTable', ({ spec }) => (spec.routes = routes));
    expect(board.live()).toEqual(at(0));
  });

  it('has a matcher for each entry of an A/B test, and a route for all others', () => {
    const entries = [
      { headers: { b: { regex: '2.*' }, a: { exact: '1' } } },
      { headers: { c: { prefix: 'x.' } } },
      { queryParams: { q: { exact: '5' } } },
    ];
    const board = routed(gloo(withMatch(...entries)), 100);
    expect(routesOf(board)[0].matchers).toEqual([
      {
        headers: [
          { name: 'a', value: '1' },
          { name: 'b', value: '2.*', regex: true },
        ],
      },
      { headers: [{ name: 'c', value: 'x\\..*', regex: true }] },
      { queryParameters: [{ name: 'q', value: '5' }] },
    ]);
    expect(routesOf(board)[1]).not.toHaveProperty('matchers');
    expect(routesOf(board).map(weights)).toEqual([
      [undefined, 100],
      [100, undefined],
    ]);
    expect(board.live()).toEqual(at(100));
    expect(board.change(gloo()).live()).toEqual(at(0));
  });

  it.each<[string, object, boolean]>([
    ['the apex', { ref: { name: 'podinfo' }, port: 80 }, true],
    ['the apex by its namespace', { ref: { name: 'podinfo', namespace: 'test' }, port: 80 }, true],
    ['one of that name elsewhere', { ref: { name: 'podinfo', namespace: 'other' }, port: 80 }, false],
  ])("takes a user's route to %s for its own: %s", (_what, kube, isOurs) => {
    const board = routed(gloo(), 0);
    const route = {
      routeAction: {
        multi: { destinations: [{ destination: { upstream: { name: 'x' } } }, { destination: { kube } }] },
      },
    };
    board.edit('RouteTable', ({ spec }) => spec.routes.unshift(route));
    board.route(at(30));
    expect(routesOf(board)).toHaveLength(isOurs ? 1 : 2);
    expect(routesOf(board).at(-1)).toMatchObject({ inheritablePathMatchers: true });
  });

  it('sends nobody to the canary by an entry that it cannot express', () => {
    const board = new Board(gloo(withMatch({ sourceLabels: { a: 'b' } })));
    expect(board.problem(at(100))).toMatch(/^spec.analysis.match: gloo can express none/);
    board.route(at(0));
    expect(routesOf(board).map(weights)).toEqual([[100, undefined]]);
  });

  it('keeps the routes and fields of others, and comes back as it was', () => {
    const ofUser: KubeObject = {
      apiVersion: 'gateway.solo.io/v1',
      kind: 'RouteTable',
      metadata: { name: 'podinfo', namespace: 'test', labels: { team: 'a' } },
      spec: {
        weight: 5,
        routes: [
          { matchers: [{ prefix: '/api' }], routeAction: { single: { upstream: { name: 'api' } } } },
          { routeAction: { single: { upstream: { name: 'test-podinfo-80', namespace: 'gloo-system' } } } },
        ],
      },
    };
    const board = new Board(gloo(), structuredClone(ofUser));
    expect(board.live()).toEqual(at(0));
    board.route(at(30));
    board.route(at(60));
    expect(board.object('RouteTable')).toMatchObject({ metadata: { labels: { team: 'a' } }, spec: { weight: 5 } });
    expect(routesOf(board)[0]).toEqual((ofUser['spec'] as Loose).routes[0]);
    expect(weights(routesOf(board)[1])).toEqual([40, 60]);
    board.finalise();
    expect(board.object('RouteTable')).toEqual(ofUser);
  });

  it('leads to the apex in the end where the reference took it over without a memory', () => {
    const taken = routed(gloo(), 30).object('RouteTable');
    delete taken.metadata.ownerReferences;
    const board = new Board(gloo(), taken);
    board.finalise();
    expect(routesOf(board)[0].routeAction).toEqual({
      single: { kube: { ref: { name: 'podinfo', namespace: 'test' }, port: 80 } },
    });
  });
});

describe('the Upstreams', () => {
  it('select the pods of their side, and keep what others add', () => {
    const board = routed(gloo(), 0);
    expect(board.object('Upstream', PRIMARY).spec.kube).toEqual({
      serviceName: 'podinfo-primary',
      serviceNamespace: 'test',
      servicePort: 80,
      selector: { app: 'podinfo-primary' },
    });
    expect(board.object('Upstream', CANARY).spec.kube.selector).toEqual({ app: 'podinfo' });
    board.edit('Upstream', ({ spec }) => {
      spec.kube.serviceSpec = { rest: {} };
      spec.outlierDetection = {};
      spec.kube.servicePort = 81;
    });
    board.route(at(0));
    expect(board.object('Upstream', PRIMARY).spec).toMatchObject({
      outlierDetection: {},
      kube: { serviceSpec: { rest: {} }, servicePort: 80 },
    });
  });

  it('take their settings from the one that the Canary names, and lose what it loses', () => {
    const board = new Board(gloo(model), MODEL);
    board.route(at(0));
    expect(board.object('Upstream', CANARY).spec).toMatchObject({
      loadBalancerConfig: { roundRobin: {} },
      useHttp2: true,
    });
    expect(board.object('Upstream', CANARY).spec).not.toHaveProperty('failover');
    board.objects.set('gloo.solo.io/v1/upstreams/infra/model', {
      ...MODEL,
      spec: { loadBalancerConfig: { leastRequest: {} } },
    });
    board.route(at(0));
    expect(board.object('Upstream', CANARY).spec.loadBalancerConfig).toEqual({ leastRequest: {} });
    expect(board.object('Upstream', CANARY).spec).not.toHaveProperty('useHttp2');
  });

  it("find it in the Canary's own namespace where none is said", () => {
    const near = gloo(withSpec({ upstreamRef: { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'model' } }));
    const board = new Board(near, MODEL);
    expect(board.router.refs(board.context).map(({ namespace }) => namespace)).toEqual(Array(4).fill('test'));
    board.context = { ...board.context, settings: { ...board.context.settings, noCrossNamespaceRefs: true } };
    board.route(at(0));
    expect(board.object('Upstream', PRIMARY).spec).toMatchObject({ useHttp2: true });
  });

  it('are not made without it, and do not hold traffic back once they are there', () => {
    const board = new Board(gloo(model));
    expect(board.problem(at(0))).toContain('config upstream model.infra get query error');
    const half = routed(gloo(), 30).change(gloo(model));
    half.objects.set(`gloo.solo.io/v1/upstreams/test/${CANARY}`, undefined);
    expect(half.problem(at(0))).toContain('config upstream model.infra get query error');
    const made = routed(gloo(), 30).change(gloo(model));
    made.route(at(0));
    expect(made.live()).toEqual(at(0));
  });

  it('are never made from another namespace where the driver forbids it', () => {
    const board = new Board(gloo(model), MODEL);
    board.context = { ...contextOf(gloo(model)), settings: { ...board.context.settings, noCrossNamespaceRefs: true } };
    expect(board.problem(at(0))).toBe("can't access gloo upstream model.infra, cross-namespace references are blocked");
  });

  it('of a former port go once nothing leads to them any more', () => {
    const board = routed(gloo(), 30);
    board.change(gloo(withService({ port: 8080 })));
    const writes = board.route(board.live() as ReturnType<typeof at>);
    expect(writes.map((write) => [write.do, write.ref.name])).toEqual([
      ['create', 'test-podinfo-primaryupstream-8080'],
      ['create', 'test-podinfo-canaryupstream-8080'],
      ['replace', 'podinfo'],
      ['delete', PRIMARY],
      ['delete', CANARY],
    ]);
    expect(board.live()).toEqual(at(30));
  });
});
