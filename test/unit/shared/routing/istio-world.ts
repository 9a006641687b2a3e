import type { Canary } from '../../../../shared/api/canary.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { aCanary, withAnalysis, withSpec, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import type { Board, Loose } from './board.ts';

export const istio = (...more: Modifier<Canary>[]): Canary =>
  aCanary(withSpec({ provider: 'istio' }), withWeights(), ...more);

export const withMatch = (...match: NonNullable<Canary['spec']['analysis']['match']>): Modifier<Canary> =>
  withAnalysis({ iterations: 3, stepWeight: undefined, maxWeight: undefined, match });

export const affinity = withAnalysis({ sessionAffinity: { cookieName: 'pin' } });
export const COOKIES = { canary: 'pin=abcdefghij' };
export const BROUGHT = { headers: { Cookie: { regex: '.*pin.*abcdefghij.*' } } };

export const spec = (board: Board): Loose => board.object('VirtualService').spec;
export const weights = (rule: Loose): number[] => rule.route.map((one: Loose) => one.weight);

/** A user's own VirtualService of that name. */
export const ofUser = (extra: object = {}): KubeObject => ({
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
