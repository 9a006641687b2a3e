import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { aCanary, withSpec, withWeights } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';

const apisix = aCanary(
  withSpec({ provider: 'apisix', routeRef: { apiVersion: 'apisix.apache.org/v2', kind: 'ApisixRoute', name: 'web' } }),
  withWeights(),
);

const rule = (name: string, ...services: string[]): Loose => ({
  name,
  match: { hosts: ['app.example.com'], paths: ['/*'], filter_func: 'x' },
  plugins: [{ name: 'prometheus', enable: true, secretRef: 'y' }],
  backends: services.map((serviceName) => ({ serviceName, servicePort: 80, resolveGranularity: 'service' })),
});

const source = (http: Loose[] = [rule('other', 'api'), rule('main', 'podinfo')], metadata: object = {}): Loose => ({
  apiVersion: 'apisix.apache.org/v2',
  kind: 'ApisixRoute',
  metadata: { name: 'web', namespace: 'test', ...metadata },
  spec: { http, stream: [{ name: 'tcp' }] },
});

const started = (...given: Parameters<typeof source>): Board => {
  const board = new Board(apisix, source(...given));
  board.route(at(0));
  return board;
};

const second = (board: Board): Loose => board.object('ApisixRoute', 'web-podinfo-canary');

describe('the second ApisixRoute', () => {
  it('has the one rule that leads to the apex, whole, and is asked first', () => {
    expect(second(started()).spec).toEqual({
      http: [
        {
          ...rule('main'),
          websocket: false,
          priority: 10_000,
          backends: [
            { serviceName: 'podinfo-primary', servicePort: 80, resolveGranularity: 'service', weight: 100 },
            { serviceName: 'podinfo-canary', servicePort: 80, resolveGranularity: 'service', weight: 0 },
          ],
        },
      ],
    });
  });

  it('takes labels and annotations of the first, but not what kubectl remembers', () => {
    const annotations = { note: 'keep', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const { metadata } = second(started(undefined, { labels: { a: '1' }, annotations }));
    expect(metadata).toMatchObject({ labels: { a: '1' } });
    expect(metadata.annotations).toEqual({ note: 'keep' });
  });

  it('is read by the controller that reads the first, whatever class that has', () => {
    const board = started();
    expect(second(board).spec).not.toHaveProperty('ingressClassName');
    board.edit('ApisixRoute', ({ spec }) => (spec.ingressClassName = 'edge'));
    board.route(at(30));
    expect(second(board).spec).toMatchObject({ ingressClassName: 'edge', http: [{ name: 'main' }] });
    expect(second(board).spec).not.toHaveProperty('stream');
    expect(board.route(at(30))).toEqual([]);
  });

  it.each([0, 1, 50, 99, 100])('gives a weight of %d back, and is not written twice', (canary) => {
    const board = started();
    board.route(at(canary));
    expect(board.live()).toEqual(at(canary));
    expect(board.route(at(canary))).toEqual([]);
  });

  it('follows the rule of the first with its weights as they are', () => {
    const board = started();
    board.route(at(30));
    board.edit('ApisixRoute', ({ spec }) => (spec.http[1].match.paths = ['/new']));
    board.route(at(30));
    expect(second(board).spec.http[0].match.paths).toEqual(['/new']);
    expect(board.live()).toEqual(at(30));
  });

  it.each<[string, Loose]>([
    ['no rules', undefined],
    ['weights that are none', [{ backends: [{ serviceName: 'podinfo-canary', weight: 'x' }] }]],
    ['backends that are no list', [{ backends: {} }]],
  ])('with %s is set right', (_what, http) => {
    const board = started();
    board.objects.set('apisix.apache.org/v2/apisixroutes/test/web-podinfo-canary', {
      ...second(board),
      spec: { http },
    });
    expect(board.live()).toBeUndefined();
    board.route(at(30));
    expect(board.live()).toEqual(at(30));
  });
});

describe('requests that the second ApisixRoute singles out', () => {
  type Match = NonNullable<Canary['spec']['analysis']['match']>;
  const matching = (...match: Match): Board =>
    new Board(
      { ...apisix, spec: { ...apisix.spec, analysis: { ...apisix.spec.analysis, match } } },
      source([rule('main', 'podinfo')]),
    );
  const exprs = (board: Board): Loose[] => second(board).spec.http.map((one: Loose) => one.match.exprs);

  it('match one entry each, in full', () => {
    const board = matching(
      { headers: { b: { regex: '2.*' }, a: { exact: '1' } }, queryParams: { q: { exact: '5' } } },
      { headers: { c: { prefix: 'x.' } } },
      { headers: { d: { suffix: '.y' } } },
      { sourceLabels: { e: 'f' } },
    );
    board.route(at(100));
    expect(exprs(board)).toEqual([
      [
        { subject: { scope: 'Header', name: 'a' }, op: 'Equal', value: '1' },
        { subject: { scope: 'Header', name: 'b' }, op: 'RegexMatch', value: '^(?:2.*)$' },
        { subject: { scope: 'Query', name: 'q' }, op: 'Equal', value: '5' },
      ],
      [{ subject: { scope: 'Header', name: 'c' }, op: 'RegexMatch', value: '^x\\.' }],
      [{ subject: { scope: 'Header', name: 'd' }, op: 'RegexMatch', value: '\\.y$' }],
    ]);
    expect(second(board).spec.http.map((one: Loose) => one.name)).toEqual(['main', 'main-2', 'main-3']);
    expect(board.live()).toEqual(at(100));
  });

  it('match what the first one asks for too', () => {
    const theirs = { subject: { scope: 'Header', name: 'host' }, op: 'Equal', value: 'x' };
    const board = matching({ headers: { a: { exact: '1' } } });
    board.edit('ApisixRoute', ({ spec }) => (spec.http[0].match.exprs = [theirs]));
    board.route(at(100));
    expect(exprs(board)[0]).toEqual([theirs, { subject: { scope: 'Header', name: 'a' }, op: 'Equal', value: '1' }]);
  });

  it('are never all because none could be said', () => {
    const board = matching({ sourceLabels: { e: 'f' } });
    expect(board.problem(at(100))).toMatch(/^spec.analysis.match: apisix can express none/);
    board.route(at(0));
    expect(board.live()).toEqual(at(0));
  });
});

describe('what is wrong with the first ApisixRoute is told', () => {
  it.each<[string, Loose[], string]>([
    ['nothing in it', [], "APISIX route web.test's spec.http is empty"],
    ['no backend of ours', [rule('other', 'api')], 'Can not find podinfo backend on apisix route web.test '],
    [
      'two backends',
      [rule('both', 'podinfo', 'api')],
      "APISIX route web.test's http route both only one http backend is supported",
    ],
  ])('%s', (_what, http, problem) => {
    expect(new Board(apisix, source(http)).problem(at(0))).toBe(problem);
  });

  it('its absence', () => {
    expect(new Board(apisix).problem(at(0))).toBe(
      'APISIX route web.test get query error: apisixroutes.apisix.apache.org "web" not found',
    );
    expect(new Board(aCanary(withSpec({ provider: 'apisix' }))).problem(at(0))).toBe('apisix route selector is empty');
  });
});
