import { describe, expect, it } from 'vitest';
import type { Canary, MatchEntry } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, Board, type Loose } from './board.ts';

const nginx = (...more: Modifier<Canary>[]): Canary =>
  aCanary(
    withSpec({ provider: 'nginx', ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' } }),
    withWeights(),
    ...more,
  );

const testing = (...match: MatchEntry[]): Modifier<Canary> =>
  withAnalysis({ iterations: 2, stepWeight: undefined, maxWeight: undefined, match });

const path = (name: string): Loose => ({
  path: `/${name}`,
  pathType: 'Prefix',
  backend: { service: { name, port: { number: 80 } } },
});

const source = (more: Loose = {}): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'web',
    namespace: 'test',
    labels: { team: 'a' },
    annotations: { note: 'keep', 'kubectl.kubernetes.io/last-applied-configuration': '{}', ...more.annotations },
  },
  spec: more.spec ?? {
    ingressClassName: 'nginx',
    tls: [{ hosts: ['a'] }],
    rules: [{ host: 'a', http: { paths: [path('podinfo'), path('api')] } }, { host: 'b' }],
  },
});

const KEY = 'nginx.ingress.kubernetes.io/canary';
const second = (board: Board): Loose => board.object('Ingress', 'web-canary');
const marks = (board: Board): object =>
  Object.fromEntries(Object.entries(second(board).metadata.annotations).filter(([key]) => key.startsWith(KEY)));
const routed = (weight: number, ...more: Modifier<Canary>[]): Board => {
  const board = new Board(nginx(...more), source());
  board.route(at(weight));
  return board;
};

describe('the second Ingress', () => {
  it("is the user's with the canary behind the same paths", () => {
    expect(second(routed(0)).spec).toEqual({
      ingressClassName: 'nginx',
      tls: [{ hosts: ['a'] }],
      rules: [
        {
          host: 'a',
          http: {
            paths: [
              { ...path('podinfo'), backend: { service: { name: 'podinfo-canary', port: { number: 80 } } } },
              path('api'),
            ],
          },
        },
        { host: 'b' },
      ],
    });
  });

  it('has its labels and annotations, and those that make it a canary', () => {
    const { metadata } = second(routed(30));
    expect(metadata).toMatchObject({ labels: { team: 'a' }, ownerReferences: [{ kind: 'Canary' }] });
    expect(metadata.annotations).toEqual({
      note: 'keep',
      [KEY]: 'true',
      [`${KEY}-weight`]: '30',
      'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
      'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
    });
  });

  it("does not inherit marks of the user's own experiments", () => {
    const board = new Board(nginx(), source({ annotations: { [`${KEY}-by-header`]: 'x' } }));
    board.route(at(0));
    expect(marks(board)).toEqual({ [KEY]: 'true', [`${KEY}-weight`]: '0' });
  });

  it('uses the prefix that the driver is told', () => {
    const board = new Board(nginx(), source());
    board.context = { ...board.context, settings: { ...board.context.settings, ingressAnnotationsPrefix: 'custom' } };
    board.route(at(20));
    expect(second(board).metadata.annotations).toMatchObject({ 'custom/canary': 'true', 'custom/canary-weight': '20' });
    expect(board.live()).toEqual(at(20));
  });

  it("follows the paths of the user's with its weight as it is", () => {
    const board = routed(40);
    board.objects.set(
      'networking.k8s.io/v1/ingresses/test/web',
      source({ spec: { rules: [{ host: 'new', http: { paths: [path('podinfo')] } }] } }),
    );
    board.route(at(40));
    expect(second(board).spec.rules[0].host).toBe('new');
    expect(second(board).spec).not.toHaveProperty('tls');
    expect(board.live()).toEqual(at(40));
  });
});

describe('several ports', () => {
  const to = (...ports: object[]): KubeObject =>
    source({
      spec: {
        rules: [{ http: { paths: ports.map((port) => ({ backend: { service: { name: 'podinfo', port } } })) } }],
      },
    });
  const behind = (board: Board): string[] =>
    second(board).spec.rules[0].http.paths.map(({ backend }: Loose) => backend.service.name);

  it("are all taken over; those that the Canary does not name stay the user's own", () => {
    const board = new Board(
      nginx(withService({ portName: 'web', ports: [{ name: 'grpc', port: 9999 }] })),
      to({ number: 80 }, { name: 'web' }, { number: 9999 }, { name: 'grpc' }, { number: 9797 }, { name: 'metrics' }),
    );
    board.route(at(30));
    const ours = Array<string>(4).fill('podinfo-canary');
    expect(behind(board)).toEqual([...ours, 'podinfo', 'podinfo']);
  });

  it.each<[string, Modifier<Canary>]>([
    ['of containers', withService({ portDiscovery: true })],
    ["of a user's Service", withSpec({ targetRef: { apiVersion: 'v1', kind: 'Service', name: 'podinfo' } })],
  ])('%s are not known here, and taken over', (_what, more) => {
    const board = new Board(nginx(more), to({ number: 9797 }));
    board.route(at(30));
    expect(behind(board)).toEqual(['podinfo-canary']);
  });

  it('none of which the Canary names are told', () => {
    expect(new Board(nginx(), to({ number: 9797 })).problem(at(0))).toBe(
      'ingress web leads to ports of podinfo that spec.service names nowhere; add them to spec.service.ports',
    );
  });
});

describe('an A/B test on NGINX', () => {
  it.each<[string, MatchEntry[], object]>([
    [
      'a header of one value',
      [{ headers: { 'x-canary': { exact: 'insider' } } }],
      { '-by-header': 'x-canary', '-by-header-value': 'insider' },
    ],
    [
      'a header of one form',
      [{ headers: { 'x-canary': { regex: '^in' } } }],
      { '-by-header': 'x-canary', '-by-header-pattern': '^in' },
    ],
    ['a cookie by its name', [{ headers: { cookie: { exact: 'canary' } } }], { '-by-cookie': 'canary' }],
    [
      'both, from entries of their own',
      [{ headers: { a: { exact: '1' } } }, { headers: { Cookie: { exact: 'canary' } } }],
      { '-by-header': 'a', '-by-header-value': '1', '-by-cookie': 'canary' },
    ],
    [
      'the entry that it can say, and none that asks for more',
      [{ headers: { a: { exact: '1' } } }, { headers: { b: { exact: '2' }, c: { exact: '3' } } }],
      { '-by-header': 'a', '-by-header-value': '1' },
    ],
  ])('goes by %s, with no weight', (_what, match, wanted) => {
    const board = routed(100, testing(...match));
    expect(marks(board)).toEqual({
      [KEY]: 'true',
      [`${KEY}-weight`]: '0',
      ...Object.fromEntries(Object.entries(wanted).map(([key, value]) => [`${KEY}${key}`, value])),
    });
    expect(board.live()).toEqual(at(100));
  });

  it.each<[string, MatchEntry]>([
    ['two headers that must both hold', { headers: { a: { exact: '1' }, b: { exact: '2' } } }],
    ['a header and a cookie that must both hold', { headers: { a: { exact: '1' }, cookie: { exact: 'x' } } }],
    ['a form that it lacks', { headers: { a: { prefix: '1' } } }],
    ['a header and labels', { headers: { a: { exact: '1' } }, sourceLabels: { app: 'x' } }],
  ])('by %s alone sends nobody to the canary', (_what, entry) => {
    const board = routed(0, testing(entry));
    expect(board.problem(at(100))).toMatch(/^spec.analysis.match: nginx can express none/);
    expect(marks(board)).toEqual({ [KEY]: 'true', [`${KEY}-weight`]: '0' });
  });

  it('goes by nothing before it begins and after it ended', () => {
    const board = routed(100, testing({ headers: { a: { exact: '1' } } }));
    board.route(at(0));
    expect(marks(board)).toEqual({ [KEY]: 'true', [`${KEY}-weight`]: '0' });
    expect(board.live()).toEqual(at(0));
  });
});

describe('what stands in the way is told', () => {
  it.each<[string, Board, string]>([
    ['no name of an Ingress', new Board(aCanary(withSpec({ provider: 'nginx' }))), 'ingress selector is empty'],
    ['no Ingress', new Board(nginx()), 'ingress web.test get query error: ingresses.networking.k8s.io "web" not found'],
    [
      'no path to the apex',
      new Board(nginx(), source({ spec: { rules: [{ http: { paths: [path('api'), null] } }, { http: null }, null] } })),
      'backend podinfo not found in ingress web',
    ],
    ['no rules', new Board(nginx(), source({ spec: {} })), 'backend podinfo not found in ingress web'],
  ])('%s', (_what, board, problem) => {
    expect(board.problem(at(30))).toBe(problem);
  });

  it.each(['much', '-1', '101', '1.5', ''])('a weight of "%s" that somebody wrote', (weight) => {
    const board = routed(30);
    board.edit('Ingress', () => undefined);
    board.objects.set('networking.k8s.io/v1/ingresses/test/web-canary', {
      ...second(board),
      metadata: { ...second(board).metadata, annotations: { [`${KEY}-weight`]: weight } },
    });
    expect(board.live()).toEqual({
      problem: `ingress web-canary.test has canary weight "${weight}"; use a whole number up to 100`,
    });
  });

  it('and traffic can be taken back all the same', () => {
    const board = routed(30);
    board.objects.set('networking.k8s.io/v1/ingresses/test/web', undefined);
    expect(board.problem(at(50))).toContain('not found');
    board.route(at(0));
    expect(board.live()).toEqual(at(0));
  });
});

describe('a preview on NGINX', () => {
  const previewing = (...match: MatchEntry[]): Modifier<Canary> => withAnalysis({ preview: { match } });

  it('stands beside the weight, which stays what it is', () => {
    const board = routed(
      30,
      previewing({ headers: { 'x-tester': { exact: 'me' } } }, { headers: { cookie: { exact: 'try' } } }),
    );
    expect(marks(board)).toEqual({
      [KEY]: 'true',
      [`${KEY}-weight`]: '30',
      [`${KEY}-by-header`]: 'x-tester',
      [`${KEY}-by-header-value`]: 'me',
      [`${KEY}-by-cookie`]: 'try',
    });
    expect(board.live()).toEqual(at(30));
    expect(board.route(at(30))).toEqual([]);
  });

  it.each([0, 100])('is nothing at %d percent', (weight) => {
    const board = routed(30, previewing({ headers: { 'x-tester': { exact: 'me' } } }));
    board.route(at(weight));
    expect(marks(board)).toEqual({ [KEY]: 'true', [`${KEY}-weight`]: String(weight) });
  });

  it('says a value that no annotation may hold as an expression', () => {
    const board = routed(30, previewing({ headers: { 'x-tester': { exact: 'a b*\u00e9' } } }));
    expect(marks(board)).toMatchObject({
      [`${KEY}-by-header`]: 'x-tester',
      [`${KEY}-by-header-pattern`]: '^a\\x20b\\x2a\\xc3\\xa9$',
    });
    expect(marks(board)).not.toHaveProperty([`${KEY}-by-header-value`]);
  });
});

describe('session affinity on NGINX', () => {
  const AT = 'nginx.ingress.kubernetes.io';
  const pinning = (affinity: object = {}): Modifier<Canary> =>
    withAnalysis({ sessionAffinity: { cookieName: 'pin', ...affinity } });
  const cookies = (board: Board): object =>
    Object.fromEntries(
      Object.entries(second(board).metadata.annotations).filter(([key]) => /\/(affinity|session-cookie)/.test(key)),
    );
  const port = (board: Board): object => second(board).spec.rules[0].http.paths[0].backend.service.port;

  it('is a cookie of the canary alone while it has traffic', () => {
    const board = routed(0, pinning());
    expect(cookies(board)).toEqual({});
    board.route(at(30));
    expect(cookies(board)).toEqual({
      [`${AT}/affinity`]: 'cookie',
      [`${AT}/affinity-mode`]: 'persistent',
      [`${AT}/affinity-canary-behavior`]: 'legacy',
      [`${AT}/session-cookie-name`]: 'pin',
      [`${AT}/session-cookie-max-age`]: '86400',
      [`${AT}/session-cookie-path`]: '/',
    });
    expect(board.live()).toEqual(at(30));
    expect(board.route(at(30))).toEqual([]);
    board.route(at(0));
    expect(cookies(board)).toEqual({});
  });

  it('has the attributes that the Canary asks for', () => {
    const attributes = { maxAge: 60, domain: 'example.com', path: '/app', sameSite: 'Lax', secure: true };
    expect(cookies(routed(30, pinning(attributes)))).toMatchObject({
      [`${AT}/session-cookie-max-age`]: '60',
      [`${AT}/session-cookie-domain`]: 'example.com',
      [`${AT}/session-cookie-path`]: '/app',
      [`${AT}/session-cookie-samesite`]: 'Lax',
      [`${AT}/session-cookie-secure`]: 'true',
    });
  });

  it("gives way to the user's own when the canary has no traffic, or nobody asks any more", () => {
    const own = { [`${AT}/affinity`]: 'cookie', [`${AT}/session-cookie-name`]: 'route' };
    const board = new Board(nginx(pinning()), source({ annotations: own }));
    board.route(at(0));
    expect(cookies(board)).toEqual(own);
    board.route(at(30));
    expect(cookies(board)).toMatchObject({ [`${AT}/session-cookie-name`]: 'pin' });
    board.change(nginx()).route(at(30));
    expect(cookies(board)).toEqual(own);
  });

  it('writes the port in its other form when a rollout begins, and so until the next', () => {
    const board = new Board(nginx(pinning()), source());
    const seen = [0, 10, 30, 0, 0, 20, 100, 0, 10].map((weight) => {
      board.route(at(weight));
      expect(board.route(at(weight))).toEqual([]);
      return JSON.stringify(port(board));
    });
    const [number, name] = ['{"number":80}', '{"name":"http"}'];
    expect(seen).toEqual([number, name, name, name, name, number, number, number, name]);
  });

  it('knows further ports by both of their forms', () => {
    const paths = [{ number: 80 }, { name: 'extra' }].map((one) => ({
      path: '/',
      backend: { service: { name: 'podinfo', port: one } },
    }));
    const board = new Board(
      nginx(pinning(), withService({ ports: [{ name: 'extra', port: 8081 }] })),
      source({ spec: { rules: [{ http: { paths } }] } }),
    );
    board.route(at(0));
    board.route(at(10));
    expect(second(board).spec.rules[0].http.paths.map((one: Loose) => one.backend.service)).toEqual([
      { name: 'podinfo-canary', port: { name: 'http' } },
      { name: 'podinfo-canary', port: { number: 8081 } },
    ]);
  });

  it("asks nothing of a user's own Ingress, which stays as it is", () => {
    const board = routed(30, pinning());
    expect(board.object('Ingress', 'web')).toEqual(source());
  });
});
