import { describe, expect, it } from 'vitest';
import type { Canary, MatchEntry } from '../../../../shared/api/canary.ts';
import { aCanary, withAnalysis, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

const WEIGHTS = 'zalando.org/backend-weights';
const PREDICATE = 'zalando.org/skipper-predicate';

const skipperOf = (...more: Modifier<Canary>[]): Canary =>
  aCanary(
    withSpec({ provider: 'skipper', ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' } }),
    withWeights(),
    ...more,
  );
const skipper = skipperOf();

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

  it("leaves a path to a port that the Canary does not name to the user's own Service", () => {
    const user = ingress();
    const metrics = { path: '/metrics', backend: { service: { name: 'podinfo', port: { number: 9797 } } } };
    user.spec.rules[0].http.paths.push(metrics);
    const board = new Board(skipper, user);
    board.route(at(30));
    expect(second(board).spec.rules[0].http.paths).toEqual([
      path('podinfo-primary'),
      path('api', '/api'),
      metrics,
      path('podinfo-canary'),
    ]);
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

describe('an A/B test on Skipper', () => {
  const testing = (...match: MatchEntry[]): Modifier<Canary> =>
    withAnalysis({ iterations: 2, stepWeight: undefined, maxWeight: undefined, match });
  const opened = (...match: MatchEntry[]): Board => {
    const board = new Board(skipperOf(testing(...match)), ingress({ annotations: { [PREDICATE]: 'Method("GET")' } }));
    board.route(at(0));
    return board;
  };

  it.each<[string, MatchEntry, string]>([
    ['a header', { headers: { 'x-canary': { exact: 'a "b"\\' } } }, 'Header("x-canary", "a \\"b\\"\\\\")'],
    ['its beginning', { headers: { 'x-canary': { prefix: 'a.' } } }, 'HeaderRegexp("x-canary", "^a\\\\.")'],
    ['its end', { headers: { 'x-canary': { suffix: 'a' } } }, 'HeaderRegexp("x-canary", "a$")'],
    ['an expression', { headers: { 'x-canary': { regex: 'a|b' } } }, 'HeaderRegexp("x-canary", "^(?:a|b)$")'],
    ['a parameter', { queryParams: { v: { exact: '2' } } }, 'QueryParam("v", "^2$")'],
    ['two headers', { headers: { b: { exact: '2' }, a: { exact: '1' } } }, 'Header("a", "1") && Header("b", "2")'],
  ])('goes by %s; all other requests stay with the first Ingress', (_what, entry, wanted) => {
    const board = opened(entry);
    expect(predicate(board)).toBe('Weight(100) && Method("GET")');
    board.route(at(100));
    expect(predicate(board)).toBe(`Weight(100) && ${wanted} && Method("GET")`);
    expect(board.live()).toEqual(at(100));
    expect(board.route(at(100))).toEqual([]);
    board.route(at(0));
    expect(predicate(board)).toBe('False() && Method("GET")');
  });

  it('sends nobody to the canary by conditions that it does not know', () => {
    expect(opened({ sourceLabels: { a: 'b' } }).problem(at(100))).toContain('skipper can express none of its entries');
  });

  it('is weighted within the requests that match', () => {
    const board = new Board(skipperOf(withAnalysis({ match: [{ headers: { a: { exact: '1' } } }] })), ingress());
    board.route(at(30));
    expect(predicate(board)).toBe('Weight(100) && Header("a", "1")');
    expect(board.live()).toEqual(at(30));
  });
});

describe('a preview on Skipper', () => {
  const previewing = (): Board => {
    const annotations = { note: 'keep', [PREDICATE]: 'Method("GET")', [WEIGHTS]: '{"podinfo":1}' };
    const preview = { match: [{ headers: { 'x-tester': { exact: 'me' } } }] };
    return new Board(skipperOf(withAnalysis({ preview })), ingress({ annotations }));
  };
  const third = (board: Board): Loose => board.object('Ingress', 'web-canary-preview');

  it('is a third Ingress that outranks the weighted one, while both revisions have traffic', () => {
    const board = previewing();
    board.route(at(0));
    expect(third(board)).toBeUndefined();
    board.route(at(30));
    expect(third(board).metadata).toMatchObject({ ownerReferences: [{ kind: 'Canary' }] });
    expect(third(board).metadata.annotations).toEqual({
      note: 'keep',
      [PREDICATE]: 'Weight(200) && Header("x-tester", "me") && Method("GET")',
    });
    expect(third(board).spec.rules[0].http.paths).toEqual([path('podinfo-canary'), path('api', '/api')]);
    expect(board.live()).toEqual(at(30));
    expect(board.route(at(30))).toEqual([]);
    board.route(at(100));
    expect(third(board)).toBeUndefined();
  });

  it('goes when nobody asks for it, and with the second one in the end', () => {
    const board = previewing();
    board.route(at(30));
    expect(board.finalise().map(({ do: what, ref }) => `${what} ${ref.name}`)).toEqual([
      'delete web-canary',
      'delete web-canary-preview',
    ]);
    board.route(at(30));
    board.change(skipper).route(at(30));
    expect(third(board)).toBeUndefined();
  });

  it('follows the first one, and leaves an Ingress of that name that is not ours', () => {
    const board = previewing();
    board.route(at(30));
    board.edit('Ingress', ({ spec }) => (spec.rules[0].host = 'new.example.com'));
    board.route(at(30));
    expect(third(board).spec.rules[0].host).toBe('new.example.com');
    delete third(board).metadata.ownerReferences;
    expect(board.route(at(0)).map(({ ref }) => ref.name)).toEqual(['web-canary']);
  });
});
