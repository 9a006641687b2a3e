import { describe, expect, it } from 'vitest';
import { readCounters, readDump } from '../../e2e/planes/envoy-routes.ts';

const HOST = 'shop.example.com';

const weighted = (primary: number, canary: number, more: object = {}): object => ({
  route: {
    weighted_clusters: {
      clusters: [
        { name: 'shop/podinfo-canary/80/da39a3ee5e', weight: canary },
        { name: 'shop/podinfo-primary/80/da39a3ee5e', weight: primary },
      ],
    },
    ...more,
  },
});

const dump = (...routes: object[]): string =>
  JSON.stringify({
    configs: [
      { version_info: '1' },
      {
        route_config: {
          virtual_hosts: [
            { domains: ['other.example.com'], routes: [weighted(0, 100)] },
            { domains: [HOST], routes },
          ],
        },
      },
    ],
  });

describe('what Envoy does with a host', () => {
  it.each([
    ['weights', [weighted(70, 30)], { canary: 30, matched: 0, mirrored: false }],
    ['weights of another sum', [weighted(3, 1)], { canary: 25, matched: 0, mirrored: false }],
    [
      'one rule for some and one for all',
      [weighted(0, 100), weighted(100, 0)],
      { canary: 0, matched: 100, mirrored: false },
    ],
    ['copies', [weighted(100, 0, { request_mirror_policies: [{}] })], { canary: 0, matched: 0, mirrored: true }],
    ['one cluster', [{ route: { cluster: 'shop/podinfo/80/da39a3ee5e' } }], { canary: 0, matched: 0, mirrored: false }],
    ['no cluster, but an answer', [{ direct_response: { status: 503 } }], { canary: 0, matched: 0, mirrored: false }],
  ])('is read from its routes: %s', (_, routes, reading) => {
    expect(readDump(dump(...routes), HOST)).toEqual(reading);
  });

  it('is unknown where it has no route', () => {
    expect(readDump(dump(), HOST)).toBeUndefined();
    expect(readDump(dump(weighted(100, 0)), 'absent.example.com')).toBeUndefined();
    expect(readDump('{}', HOST)).toBeUndefined();
  });
});

describe('what Envoy counts', () => {
  it('is the sum over its listeners', () => {
    expect(readCounters('http.ingress_http.no_cluster: 3\nhttp.http-80.no_cluster: 12\n')).toBe(15);
  });

  it('is nothing before there is a listener', () => {
    expect(readCounters('')).toBe(0);
  });
});
