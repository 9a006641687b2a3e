import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import { type Modifier, withAnnotations } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

const V1 = withSpec({ provider: 'appmesh' });
const V2 = withSpec({ provider: 'appmesh:v1beta2' });
const mesh = (...more: Modifier<Canary>[]): Canary =>
  aCanary(withWeights(), withService({ meshName: 'global' }), ...more);

const routed = (canary: Canary, weight: number): Board => {
  const board = new Board(canary);
  board.route(at(weight));
  return board;
};

const matching = withAnalysis({
  iterations: 3,
  stepWeight: undefined,
  maxWeight: undefined,
  match: [
    { headers: { b: { suffix: '2' }, a: { exact: '1' } } },
    { sourceLabels: { x: 'y' } },
    { headers: { c: { prefix: '3' } } },
  ],
});

const full = withService({
  backends: ['backend.test', 'arn:aws:x'],
  hosts: ['a.example.com', 'b.example.com'],
  timeout: '1m',
  retries: { attempts: 3, perTryTimeout: '1s', retryOn: 'gateway-error,5xx' },
  match: [{ uri: { prefix: '/a' } }],
  portName: 'grpc-web',
  apex: { annotations: { note: 'x' } },
});

const GATEWAY = {
  'gateway.appmesh.k8s.aws/expose': 'true',
  'gateway.appmesh.k8s.aws/domain': 'a.example.com,b.example.com,',
  'gateway.appmesh.k8s.aws/timeout': '1m',
  'gateway.appmesh.k8s.aws/retries': '3',
};

describe.each([
  ['v1beta1', V1],
  ['v1beta2', V2],
])('App Mesh %s', (_version, version) => {
  it.each([0, 1, 50, 99, 100])('gives a weight of %d back, and writes nothing twice', (canary) => {
    const board = routed(mesh(version), canary);
    expect(board.live()).toEqual(at(canary));
    expect(board.route(at(canary))).toEqual([]);
  });

  it('says nothing of objects that somebody emptied, and sets them right', () => {
    const board = routed(mesh(version), 30);
    for (const kind of ['VirtualService', 'VirtualRouter']) {
      if (board.router.refs(board.context).some((ref) => ref.kind.kind === kind))
        board.edit(kind, (object) => (object.spec = { routes: 'x' }));
    }
    expect(board.live()).toBeUndefined();
    board.route(at(0));
    expect(board.live()).toEqual(at(0));
  });

  it('knows the virtual nodes before the pods that need them, and no more', () => {
    const board = new Board(mesh(version));
    const prepared = board.router.prepare?.(board.context, board.objects);
    const kinds = prepared && 'writes' in prepared ? prepared.writes.map((write) => write.ref.kind.kind) : [];
    expect(new Set(kinds)).toEqual(new Set(['VirtualNode']));
  });

  it('keeps fields that are not ours', () => {
    const board = routed(mesh(version), 0);
    board.edit('VirtualNode', ({ spec }) => {
      spec.awsName = 'x';
      spec.listeners[0].healthCheck = { path: '/' };
      spec.listeners[0].portMapping.protocol = 'tcp';
    });
    board.route(at(0));
    const { spec } = board.object('VirtualNode');
    expect(spec).toMatchObject({
      awsName: 'x',
      listeners: [{ healthCheck: { path: '/' }, portMapping: { protocol: 'http' } }],
    });
  });

  it('sends nobody to the canary by entries that it cannot express', () => {
    const labels = withAnalysis({ match: [{ sourceLabels: { x: 'y' } }] });
    expect(new Board(mesh(version, labels)).problem(at(30))).toMatch(/^spec.analysis.match: App Mesh can express none/);
    expect(routed(mesh(version, labels), 0).live()).toEqual(at(0));
  });
});

describe('App Mesh v1beta1', () => {
  it('is told the mesh, the hosts behind the nodes and the logs', () => {
    const board = routed(mesh(V1, full, withAnnotations({ 'appmesh.flagger.app/accesslog': 'enabled' })), 30);
    const node = (name: string): Loose => board.object('VirtualNode', name).spec;
    expect(node('podinfo')).toMatchObject({
      meshName: 'global',
      serviceDiscovery: { dns: { hostName: 'podinfo-primary.test' } },
    });
    expect(node('podinfo-canary')).toEqual({
      meshName: 'global',
      listeners: [{ portMapping: { port: 80, protocol: 'grpc' } }],
      serviceDiscovery: { dns: { hostName: 'podinfo-canary.test' } },
      backends: [
        { virtualService: { virtualServiceName: 'backend.test' } },
        { virtualService: { virtualServiceName: 'arn:aws:x' } },
      ],
      logging: { accessLog: { file: { path: '/dev/stdout' } } },
    });
    expect(board.object('VirtualNode', 'podinfo').metadata.annotations).toMatchObject({
      note: 'x',
      'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
    });
  });

  it('weighs both nodes behind the apex, and shows the canary alone behind its own name', () => {
    const board = routed(mesh(V1, full), 30);
    const apex = board.object('VirtualService', 'podinfo.test');
    expect(apex.metadata.annotations).toEqual(GATEWAY);
    expect(apex.spec.virtualRouter).toEqual({
      name: 'podinfo',
      listeners: [{ portMapping: { port: 80, protocol: 'grpc' } }],
    });
    expect(apex.spec.routes).toEqual([
      {
        name: 'podinfo',
        http: {
          match: { prefix: '/a' },
          retryPolicy: { maxRetries: 3, perRetryTimeoutMillis: 1000, httpRetryEvents: ['gateway-error', '5xx'] },
          action: {
            weightedTargets: [
              { virtualNodeName: 'podinfo-canary', weight: 30 },
              { virtualNodeName: 'podinfo-primary', weight: 70 },
            ],
          },
        },
      },
    ]);
    const canary = board.object('VirtualService', 'podinfo-canary.test');
    expect(canary.metadata).not.toHaveProperty('annotations');
    expect(canary.spec.routes[0].http.action.weightedTargets.map((one: Loose) => one.weight)).toEqual([100, 0]);
  });

  it('has a route for each entry, and one for all others', () => {
    const board = routed(mesh(V1, matching), 100);
    expect(board.object('VirtualService').spec.routes).toMatchObject([
      {
        name: 'podinfo-a',
        priority: 10,
        http: {
          match: {
            prefix: '/',
            headers: [
              { name: 'a', match: { exact: '1' } },
              { name: 'b', match: { suffix: '2' } },
            ],
          },
        },
      },
      { name: 'podinfo-a2', priority: 11, http: { match: { headers: [{ name: 'c', match: { prefix: '3' } }] } } },
      {
        name: 'podinfo-b',
        priority: 20,
        http: { action: { weightedTargets: [{ virtualNodeName: 'podinfo-primary', weight: 100 }] } },
      },
    ]);
    expect(board.live()).toEqual(at(100));
  });

  it('needs the name of the mesh', () => {
    const board = new Board(aCanary(V1, withWeights()));
    expect(board.problem(at(0))).toBe('mesh name cannot be empty');
    expect(board.router.prepare?.(board.context, board.objects)).toEqual({ problem: 'mesh name cannot be empty' });
  });
});

describe('App Mesh v1beta2', () => {
  it('tells pods by their label, and writes durations in milliseconds', () => {
    const board = routed(mesh(V2, full), 30);
    expect(board.object('VirtualNode', 'podinfo-primary').spec).toEqual({
      podSelector: { matchLabels: { app: 'podinfo-primary' } },
      listeners: [
        {
          portMapping: { port: 9898, protocol: 'grpc' },
          timeout: { http: { perRequest: { unit: 'ms', value: 60_000 } } },
        },
      ],
      serviceDiscovery: { dns: { hostname: 'podinfo-primary.test.svc.cluster.local.' } },
      backends: [
        { virtualService: { virtualServiceRef: { name: 'backend.test' } } },
        { virtualService: { virtualServiceARN: 'arn:aws:x' } },
      ],
    });
    expect(board.object('VirtualNode', 'podinfo-canary').spec.podSelector).toEqual({ matchLabels: { app: 'podinfo' } });
    expect(board.object('VirtualRouter', 'podinfo').spec.routes[0].httpRoute).toMatchObject({
      match: { prefix: '/a' },
      timeout: { perRequest: { unit: 'ms', value: 60_000 } },
      retryPolicy: {
        maxRetries: 3,
        perRetryTimeout: { unit: 'ms', value: 1000 },
        httpRetryEvents: ['gateway-error', '5xx'],
      },
    });
    expect(board.object('VirtualService', 'podinfo').metadata.annotations).toEqual(GATEWAY);
  });

  it.each(['http', 0])('listens on the port of the Service where the target port is %j', (targetPort) => {
    const board = routed(mesh(V2, withService({ targetPort })), 0);
    expect(board.object('VirtualRouter', 'podinfo').spec.listeners).toEqual([
      { portMapping: { port: 80, protocol: 'http' } },
    ]);
  });

  it('takes away what the Canary does not ask for any more', () => {
    const board = routed(mesh(V2, full), 30);
    board.change(mesh(V2));
    board.route(at(30));
    expect(board.object('VirtualNode', 'podinfo-primary').spec).not.toHaveProperty('backends');
    expect(board.object('VirtualRouter', 'podinfo').spec.routes[0].httpRoute).toEqual({
      match: { prefix: '/' },
      action: {
        weightedTargets: [
          { virtualNodeRef: { name: 'podinfo-canary' }, weight: 30 },
          { virtualNodeRef: { name: 'podinfo-primary' }, weight: 70 },
        ],
      },
    });
  });

  it('asks the route for all others last, however many entries there are', () => {
    const match = Array.from({ length: 12 }, (_, index) => ({ headers: { [`h${index}`]: { exact: '1' } } }));
    const { routes } = routed(mesh(V2, matching, withAnalysis({ match })), 100).object('VirtualRouter').spec;
    const priorities = routes.map(({ priority }: Loose) => priority);
    expect(priorities.at(-1)).toBeGreaterThan(Math.max(...priorities.slice(0, -1)));
  });

  it.each(['podinfo', 'podinfo-canary'])('makes the virtual service %s anew that somebody deleted', (name) => {
    const board = routed(mesh(V2), 30);
    board.objects.delete(`appmesh.k8s.aws/v1beta2/virtualservices/test/${name}`);
    const writes = board.route(at(30)).map((write) => [write.do, write.ref.kind.kind, write.ref.name]);
    expect(writes).toEqual([['create', 'VirtualService', name]]);
  });

  it('tells pods by the value that the target selects, whatever the target is called', () => {
    const board = new Board(mesh(V2));
    board.context = { ...board.context, selectorLabel: 'name', selectorValue: 'front' };
    board.route(at(0));
    const pods = ['podinfo-primary', 'podinfo-canary'].map(
      (name) => board.object('VirtualNode', name).spec.podSelector,
    );
    expect(pods).toEqual([{ matchLabels: { name: 'front-primary' } }, { matchLabels: { name: 'front' } }]);
  });

  it('gives a user back the router that was there before', () => {
    const ofUser: Loose = {
      apiVersion: 'appmesh.k8s.aws/v1beta2',
      kind: 'VirtualRouter',
      metadata: { name: 'podinfo', namespace: 'test' },
      spec: {
        routes: [
          {
            name: 'mine',
            httpRoute: {
              match: { prefix: '/x' },
              action: { weightedTargets: [{ virtualNodeRef: { name: 'mine' }, weight: 1 }] },
            },
          },
        ],
      },
    };
    const board = new Board(mesh(V2), structuredClone(ofUser));
    expect(board.live()).toBeUndefined();
    board.route(at(30));
    board.route(at(60));
    expect(board.live()).toEqual(at(60));
    board.finalise();
    expect(board.object('VirtualRouter', 'podinfo')).toEqual(ofUser);
  });
});
