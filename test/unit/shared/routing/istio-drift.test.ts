import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { WEIGHTS_ONLY } from '../../../../shared/routing/router.ts';
import { withAnalysis, withService } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';
import { affinity, BROUGHT, COOKIES, istio, ofUser, spec, withMatch } from './istio-world.ts';

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

describe('the traffic policy of a DestinationRule', () => {
  const policy = { tls: { mode: 'SIMPLE' } } as const;
  const rule = (board: Board) => board.object('DestinationRule', 'podinfo-primary').spec;

  it('goes with that of the Canary', () => {
    const board = new Board(istio(withService({ trafficPolicy: policy })));
    board.route(at(0));
    expect(rule(board)).toEqual({ host: 'podinfo-primary', trafficPolicy: policy });
    board.change(istio()).route(at(0));
    expect(rule(board)).toEqual({ host: 'podinfo-primary' });
  });

  it('stays in one that was there before, where the Canary says nothing of it', () => {
    const board = new Board(istio(), {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'DestinationRule',
      metadata: { name: 'podinfo-primary', namespace: 'test' },
      spec: { host: 'elsewhere', trafficPolicy: policy },
    });
    board.route(at(0));
    expect(rule(board)).toEqual({ host: 'podinfo-primary', trafficPolicy: policy });
    board.change(istio(withService({ trafficPolicy: { tls: { mode: 'DISABLE' } } }))).route(at(0));
    expect(rule(board).trafficPolicy).toEqual({ tls: { mode: 'DISABLE' } });
    board.finalise();
    expect(rule(board)).toEqual({ host: 'elsewhere', trafficPolicy: policy });
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

  describe('that takes some requests alone', () => {
    const path = { uri: { prefix: '/app' } };
    const header = { headers: { y: { exact: '1' } } };
    const web = { route: [{ destination: { host: 'web' } }] };
    const taken = (): KubeObject => {
      const object = ofUser();
      (object['spec'] as Loose).http = [{ match: [path], route: [{ destination: { host: 'podinfo' } }] }, web];
      return object;
    };

    it.each<[string, Canary, Loose[]]>([
      ['weights', istio(), [[path]]],
      ['a cookie', istio(affinity), [[{ ...path, ...BROUGHT }], [path]]],
      ['an A/B test', istio(withMatch(header)), [[{ ...path, ...header }], [path]]],
      ['a preview', istio(withAnalysis({ preview: { match: [header] } })), [[{ ...path, ...header }], [path]]],
      [
        'conditions of its own',
        istio(withService({ match: [{ uri: { exact: '/x' } }] })),
        [[{ uri: { exact: '/x' } }]],
      ],
    ])('leaves all others to whom they went, with %s', (_what, canary, matches) => {
      const board = new Board(canary, taken());
      const routes = at(30, { cookies: COOKIES });
      board.route(at(0));
      board.route(routes);
      expect(board.route(routes)).toEqual([]);
      expect(
        spec(board)
          .http.slice(0, -1)
          .map(({ match }: Loose) => match),
      ).toEqual(matches);
      expect(spec(board).http.at(-1)).toEqual(web);
      board.finalise();
      expect(board.object('VirtualService')).toEqual(taken());
    });

    it('goes on to take them all where the reference wrote it so', () => {
      const board = new Board(istio(), taken());
      board.route(at(30));
      board.edit('VirtualService', ({ spec: edited }) => delete edited.http[0].match);
      expect(board.route(at(30))).toEqual([]);
    });
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

  it.each(['disabled', 'enabled'])('keeps what its user told Flux: %s', (reconcile) => {
    const flux = { 'kustomize.toolkit.fluxcd.io/reconcile': reconcile };
    const applied = { metadata: { annotations: flux }, spec: ofUser()['spec'] };
    const annotations = { ...flux, 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied) };
    const board = new Board(istio(), ofUser({ annotations }));
    board.route(at(30));
    expect(board.object('VirtualService').metadata.annotations['kustomize.toolkit.fluxcd.io/reconcile']).toBe(
      'disabled',
    );
    board.finalise();
    expect(board.object('VirtualService')).toEqual(ofUser({ annotations }));
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
      ...WEIGHTS_ONLY,
      preview: false,
      reads: ['hosts', 'gateways', 'delegation', 'match', 'trafficPolicy'],
    });
  });

  it('names no condition where the service has none, and leaves rules of others for HTTP alone', () => {
    const board = new Board(istio(withService({ appProtocol: 'tcp' })), ofUser());
    board.route(at(0));
    expect(spec(board).tcp[0]).not.toHaveProperty('match');
    expect(spec(board).http[0]).toMatchObject({ route: [{ destination: { host: 'api' } }] });
  });

  it('replaces the rules for HTTP that were there before', () => {
    const board = new Board(istio());
    board.route(at(0));
    board.change(tcp).route(at(0));
    expect(spec(board)).not.toHaveProperty('http');
  });
});
