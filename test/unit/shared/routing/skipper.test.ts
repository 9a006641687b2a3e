import { describe, expect, it } from 'vitest';
import { aCanary, withSpec, withWeights } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';

const WEIGHTS = 'zalando.org/backend-weights';
const PREDICATE = 'zalando.org/skipper-predicate';

const skipper = aCanary(
  withSpec({ provider: 'skipper', ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' } }),
  withWeights(),
);

const path = (name: string, at = '/') => ({
  path: at,
  pathType: 'Prefix',
  backend: { service: { name, port: { number: 80 } } },
});

const ingress = (metadata: object = {}): Loose => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'test', ...metadata },
  spec: {
    ingressClassName: 'skipper',
    tls: [{ hosts: ['app.example.com'] }],
    rules: [
      { host: 'app.example.com', http: { paths: [path('podinfo'), path('api', '/api')] } },
      { host: 'no.example.com' },
    ],
  },
});

const started = (metadata: object = {}): Board => {
  const board = new Board(skipper, ingress(metadata));
  board.route(at(0));
  return board;
};

const second = (board: Board): Loose => board.object('Ingress', 'web-canary');
const predicate = (board: Board): string => second(board).metadata.annotations[PREDICATE];

describe('the second Ingress', () => {
  it('has both revisions behind each path to the apex, the others in front', () => {
    const { spec } = second(started());
    expect(spec).toMatchObject({ ingressClassName: 'skipper', tls: [{ hosts: ['app.example.com'] }] });
    expect(spec.rules[0].http.paths).toEqual([path('podinfo-primary'), path('api', '/api'), path('podinfo-canary')]);
    expect(spec.rules[1]).toEqual({ host: 'no.example.com' });
  });

  it('is made from one without annotations, and takes neither finalizers nor what kubectl remembers', () => {
    expect(Object.keys(second(started()).metadata.annotations).sort()).toEqual([WEIGHTS, PREDICATE]);
    const annotations = { note: 'keep', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const { metadata } = second(started({ annotations, finalizers: ['x'], labels: { a: '1' } }));
    expect(metadata).toMatchObject({ labels: { a: '1' }, annotations: { note: 'keep' } });
    expect(metadata).not.toHaveProperty('finalizers');
    expect(Object.keys(metadata.annotations)).not.toContain('kubectl.kubernetes.io/last-applied-configuration');
  });

  it.each([0, 1, 50, 99, 100])('gives a weight of %d back, and is not written twice', (canary) => {
    const board = started();
    board.route(at(canary));
    expect(board.live()).toEqual(at(canary));
    expect(board.route(at(canary))).toEqual([]);
  });

  it('outranks the first one until the canary has lost its traffic', () => {
    const board = started();
    expect(predicate(board)).toBe('Weight(100)');
    board.route(at(30));
    expect(predicate(board)).toBe('Weight(100)');
    board.route(at(0));
    expect(predicate(board)).toBe('False()');
    board.route(at(30));
    expect(predicate(board)).toBe('Weight(100)');
  });

  it('keeps the predicates of the user behind its own', () => {
    const text = 'Method("GET") && Weight(100) && Path("/a && b") && False()';
    const board = started({ annotations: { [PREDICATE]: text } });
    expect(predicate(board)).toBe('Weight(100) && Method("GET") && Path("/a && b")');
    board.route(at(30));
    board.route(at(0));
    expect(predicate(board)).toBe('False() && Method("GET") && Path("/a && b")');
  });

  it('follows the first one with its weights as they are', () => {
    const board = started();
    board.route(at(30));
    board.edit('Ingress', ({ spec }) => (spec.rules[0].host = 'new.example.com'));
    board.route(at(30));
    expect(second(board).spec.rules[0].host).toBe('new.example.com');
    expect(board.live()).toEqual(at(30));
  });

  it.each(['', '{', '[]', '{"podinfo-canary":"x"}', '{"podinfo-canary":120}'])(
    'with weights "%s" is set right',
    (text) => {
      const board = started();
      board.objects.get('networking.k8s.io/v1/ingresses/test/web-canary')!.metadata.annotations![WEIGHTS] = text;
      expect(board.live()).toBeUndefined();
      board.route(at(0));
      expect(board.live()).toEqual(at(0));
    },
  );

  it('goes at the end, and its absence holds nothing up', () => {
    const board = started();
    expect(board.finalise().map((write) => [write.do, write.ref.name])).toEqual([['delete', 'web-canary']]);
    expect(board.finalise()).toEqual([]);
  });
});

describe('what is missing is told', () => {
  it('without an Ingress', () => {
    expect(new Board(skipper).problem(at(0))).toBe(
      'ingress web.test get query error: ingresses.networking.k8s.io "web" not found',
    );
    expect(new Board(aCanary(withSpec({ provider: 'skipper' }))).problem(at(0))).toBe('ingress selector is empty');
  });

  it('without a path to the apex', () => {
    const other = ingress();
    other.spec.rules = [{ http: null }, { http: { paths: [path('api')] } }];
    expect(new Board(skipper, other).problem(at(0))).toBe('backend podinfo not found in ingress web');
  });
});
