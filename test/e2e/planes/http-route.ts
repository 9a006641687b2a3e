/** Gateway API, the same for every data plane that speaks it. */
import type { KubeObject } from '../../../shared/api/kube.ts';
import type { Reading, RouteReading } from '../count/weights.ts';
import { hostOf, objectOf, type Road } from './plane.ts';

interface BackendRef {
  readonly name: string;
  readonly weight?: number;
}

interface Rule {
  readonly backendRefs?: readonly BackendRef[];
  readonly filters?: readonly { readonly type: string }[];
}

const weightIn = (rule: Rule | undefined): number =>
  rule?.backendRefs?.find(({ name }) => name.endsWith('-canary'))?.weight ?? 0;

/** The last rule is the one for everybody. */
const readRoute = (object: KubeObject): Reading | undefined => {
  const rules = (object['spec'] as { rules?: readonly Rule[] }).rules ?? [];
  const rule = rules.at(-1);
  if (rule === undefined) return undefined;
  const mirrored = rule.filters?.some(({ type }) => type === 'RequestMirror') ?? false;
  return { canary: weightIn(rule), matched: rules.length > 1 ? weightIn(rules[0]) : 0, mirrored };
};

const reading: RouteReading = {
  kind: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', plural: 'httproutes', namespaced: true },
  read: readRoute,
};

export interface GatewayName {
  readonly name: string;
  readonly namespace: string;
}

/** The class and the one Gateway, open for routes of every namespace. */
export const gatewayObjects = (gateway: GatewayName, controllerName: string, port: number): object[] => [
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: gateway.name },
    spec: { controllerName },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: gateway,
    spec: {
      gatewayClassName: gateway.name,
      listeners: [{ name: 'http', protocol: 'HTTP', port, allowedRoutes: { namespaces: { from: 'All' } } }],
    },
  },
];

export const httpRouteRoad = (gateway: GatewayName): Road => ({
  provider: 'gatewayapi:v1',
  cookies: 'two',
  reading,
  entry: () => [],
  own: (namespace) => [
    objectOf(reading.kind, namespace, {
      parentRefs: [gateway],
      hostnames: [hostOf(namespace)],
      rules: [{ backendRefs: [{ name: 'podinfo', port: 80 }] }],
    }),
  ],
  service: (host) => ({ hosts: [host], gatewayRefs: [gateway] }),
});
