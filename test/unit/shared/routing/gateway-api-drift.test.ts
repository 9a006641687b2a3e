import { describe, expect, it } from 'vitest';
import type { Canary, CanaryService } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { withService } from '../../../make/canary.ts';
import { at, Board, type Loose } from './board.ts';
import { affinity, BROUGHT, COOKIES, EVERYTHING, gateway, routed, rules, withMatch } from './gateway-api-world.ts';

describe('what is no drift of an HTTPRoute', () => {
  it('is what the API server adds', () => {
    const service: Partial<CanaryService> = {
      match: [{ method: { exact: 'GET' } }],
      corsPolicy: { allowOrigin: ['*'] },
      mirror: [{ backendRef: { name: 'shadow', port: 1 } }],
    };
    const routes = { cookies: COOKIES };
    const board = routed(gateway(affinity, withService(service)), 30, routes);
    board.edit('HTTPRoute', ({ spec }) => {
      for (const rule of spec.rules) {
        rule.matches = rule.matches.map((one: Loose) => ({ ...EVERYTHING, ...one }));
        for (const filter of rule.filters) {
          if (filter.cors) filter.cors.maxAge = 5;
          if (filter.requestMirror) Object.assign(filter.requestMirror.backendRef, { group: '', kind: 'Service' });
        }
      }
    });
    expect(board.route(at(30, routes))).toEqual([]);
  });

  it.each<[string, (spec: Loose) => unknown]>([
    ['no condition, which means everything', ({ rules: [rule] }) => delete rule.matches],
    ['an empty list of filters', ({ rules: [rule] }) => (rule.filters = [])],
    ['nothing for a field', ({ rules: [rule] }) => (rule.timeouts = null)],
    ['no kind of backend', ({ rules: [rule] }) => delete rule.backendRefs[0].kind],
    ['no kind of parent', ({ parentRefs: [parent] }) => delete parent.kind],
  ])('is %s', (_what, edit) => {
    const board = routed(gateway(), 30);
    board.edit('HTTPRoute', ({ spec }) => edit(spec));
    expect(board.route(at(30))).toEqual([]);
  });

  it('is what others add: rules for other backends, annotations and unknown fields', () => {
    const board = routed(gateway(), 30);
    board.edit('HTTPRoute', ({ metadata, spec }) => {
      metadata.annotations['note'] = 'mine';
      spec.useDefaultGateways = 'None';
      Object.assign(spec.rules[0], { name: 'main', sessionPersistence: { sessionName: 'a' } });
      spec.rules.unshift({
        matches: [{ path: { type: 'PathPrefix', value: '/api' } }],
        backendRefs: [{ name: 'api', port: 80 }],
      });
    });
    expect(board.route(at(30))).toEqual([]);
    board.change(gateway(affinity)).route(at(60, { cookies: COOKIES }));
    expect(rules(board)).toMatchObject([
      { backendRefs: [{ name: 'api' }] },
      { sessionPersistence: {} },
      { name: 'main', sessionPersistence: {} },
    ]);
    expect(rules(board)[1]).not.toHaveProperty('name');
  });

  it.each<[string, Loose]>([
    ['a changed timeout', (rule: Loose) => (rule.timeouts = { request: '1h' })],
    [
      'a further filter',
      (rule: Loose) => (rule.filters = [{ type: 'RequestMirror', requestMirror: { backendRef: { name: 'x' } } }]),
    ],
    ['another port', (rule: Loose) => (rule.backendRefs[0].port = 81)],
  ])('is not %s, whose correction keeps the weights', (_what, edit) => {
    const board = routed(gateway(), 30);
    const right = structuredClone(rules(board));
    board.edit('HTTPRoute', ({ spec }) => edit(spec.rules[0]));
    expect(board.live()).toEqual(at(30));
    expect(board.route(at(30))).toHaveLength(1);
    expect(rules(board)).toEqual(right);
  });
});

describe('a gateway that has not taken the route over', () => {
  const parentRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gw', namespace: 'infra' };
  const text = (details: string): string => `HTTPRoute podinfo.test parent gw is not ready (${details})`;

  it.each<[string, string, number, string | undefined]>([
    ['has accepted it', 'True', 3, undefined],
    ['has seen an older one', 'True', 2, text('status: True, observed generation: 2, current generation: 3')],
    ['refuses it', 'False', 3, text('status: False, observed generation: 3, current generation: 3')],
  ])('is told where it %s', (_what, status, observedGeneration, pending) => {
    const board = routed(gateway(), 30);
    board.edit('HTTPRoute', (object) => {
      object.metadata.generation = 3;
      object.status = { parents: [{ parentRef, conditions: [{ type: 'Accepted', status, observedGeneration }] }] };
    });
    expect(board.live()).toEqual({ ...at(30), ...(pending !== undefined && { pending }) });
  });
});

describe("a user's HTTPRoute", () => {
  const ofUser = (): KubeObject => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'podinfo', namespace: 'test', labels: { team: 'a' } },
    spec: {
      parentRefs: [{ name: 'theirs' }],
      hostnames: ['app.example.com'],
      rules: [
        { matches: [EVERYTHING], backendRefs: [{ name: 'podinfo', port: 80 }] },
        { backendRefs: [{ name: 'api', port: 80 }] },
      ],
    },
  });

  it('keeps what does not lead to the apex, and comes back as it was', () => {
    const board = new Board(gateway(), ofUser());
    expect(board.live()).toEqual(at(0));
    board.route(at(30));
    expect(board.object('HTTPRoute')).toMatchObject({
      metadata: { labels: { team: 'a' } },
      spec: {
        hostnames: ['app.example.com'],
        parentRefs: [{ name: 'gw' }],
        rules: [{ backendRefs: [{ weight: 70 }, { weight: 30 }] }, { backendRefs: [{ name: 'api' }] }],
      },
    });
    board.route(at(60));
    board.finalise();
    expect(board.object('HTTPRoute')).toEqual(ofUser());
  });

  describe('that takes some requests alone', () => {
    const path = { path: { type: 'PathPrefix', value: '/app' } };
    const header = { name: 'y', type: 'Exact', value: '1' };
    const post = { method: 'POST' };
    const web = { backendRefs: [{ name: 'web', port: 80 }] };
    const taken = (): KubeObject => {
      const object = ofUser();
      (object['spec'] as Loose).rules = [{ matches: [path, post], backendRefs: [{ name: 'podinfo', port: 80 }] }, web];
      return object;
    };
    const both = (headers?: object[]): object[] =>
      [path, { ...EVERYTHING, ...post }].map((one) => ({ ...one, ...(headers && { headers }) }));

    it.each<[string, Canary, object[][]]>([
      ['weights', gateway(), [both()]],
      ['a cookie', gateway(affinity), [both([BROUGHT]), both()]],
      ['an A/B test', gateway(withMatch({ headers: { y: { exact: '1' } } })), [both([header]), both()]],
      [
        'conditions of its own',
        gateway(withService({ match: [{ uri: { prefix: '/x' } }] })),
        [[{ path: { type: 'PathPrefix', value: '/x' } }]],
      ],
    ])('leaves all others to whom they went, with %s', (_what, canary, matches) => {
      const board = new Board(canary, taken());
      const routes = at(30, { cookies: COOKIES });
      board.route(at(0));
      board.route(routes);
      expect(board.route(routes)).toEqual([]);
      expect(
        rules(board)
          .slice(0, -1)
          .map((rule) => rule.matches),
      ).toEqual(matches);
      expect(rules(board).at(-1)).toEqual(web);
      board.finalise();
      expect(board.object('HTTPRoute')).toEqual(taken());
    });

    it('goes on to take them all where the reference wrote it so', () => {
      const board = new Board(gateway(), taken());
      board.route(at(30));
      board.edit('HTTPRoute', ({ spec }) => (spec.rules[0].matches = [EVERYTHING]));
      expect(board.route(at(30))).toEqual([]);
    });
  });

  it('leads to the apex in the end where the reference took it over without a memory', () => {
    const taken = routed(gateway(), 30).object('HTTPRoute');
    delete taken.metadata.ownerReferences;
    const board = new Board(gateway(), taken);
    board.finalise();
    expect(rules(board)).toEqual([
      { matches: [EVERYTHING], backendRefs: [{ group: '', kind: 'Service', name: 'podinfo', port: 80 }] },
    ]);
  });
});
