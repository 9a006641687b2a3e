/** Traefik: TraefikService, and the Gateway API on the same entry point. */
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { freePorts } from '../../apiserver/control-plane/ports.ts';
import type { Reading } from '../count/weights.ts';
import { gatewayObjects, httpRouteRoad } from './http-route.ts';
import { objectOf, type Plane, type PlaneSite, type Road } from './plane.ts';

const NAMESPACE = 'traefik';
const GATEWAY = { name: 'traefik', namespace: NAMESPACE };
const WEB_PORT = 8000;

interface WeightedService {
  readonly name: string;
  readonly kind?: string;
  readonly weight?: number;
}

/** Traefik reads a missing weight as 1; a side without traffic is not there at all. Copies are made behind a service of ours. */
const readService = (object: KubeObject): Reading | undefined => {
  const { weighted } = object['spec'] as { weighted?: { services?: readonly WeightedService[] } };
  if (weighted?.services === undefined) return undefined;
  const canary = weighted.services.find(({ name }) => name.endsWith('-canary'));
  const mirrored = weighted.services.some(({ kind }) => kind === 'TraefikService');
  return { canary: canary === undefined ? 0 : (canary.weight ?? 1), matched: 0, mirrored };
};

const SERVICE: Kind = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'TraefikService',
  plural: 'traefikservices',
  namespaced: true,
};

export const traefikServiceRoad: Road = {
  provider: 'traefik',
  cookies: 'one',
  reading: { kind: SERVICE, read: readService },
  entry: (namespace, host) => {
    const services = [{ name: 'podinfo', kind: SERVICE.kind, port: 80 }];
    const routes = [{ kind: 'Rule', match: `Host(\`${host}\`)`, services }];
    return [objectOf({ ...SERVICE, kind: 'IngressRoute' }, namespace, { entryPoints: ['web'], routes })];
  },
  own: (namespace) => [
    objectOf(SERVICE, namespace, { weighted: { services: [{ name: 'podinfo', port: 80, weight: 100 }] } }),
  ],
  service: () => ({}),
};

export const traefikGatewayRoad: Road = httpRouteRoad(GATEWAY);

/** Starts Traefik; resolves when its entry point takes connections. */
export const startTraefik = async ({ cluster, start, waitFor }: PlaneSite): Promise<Plane> => {
  const [ping = 0] = await freePorts(1);
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await cluster.apply(...gatewayObjects(GATEWAY, 'traefik.io/gateway-controller', WEB_PORT));
  const args = [
    `--entrypoints.web.address=127.0.0.1:${WEB_PORT}`,
    `--entrypoints.ping.address=127.0.0.1:${ping}`,
    '--ping.entrypoint=ping',
    '--providers.kubernetescrd=true',
    '--providers.kubernetesgateway=true',
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    '--log.level=INFO',
  ];
  start({ name: 'traefik', file: cluster.programs.paths.traefik, args, env: { KUBECONFIG: cluster.kubeconfig } });
  const answers = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${ping}/ping`)).ok;
  await waitFor('Traefik to take requests', () => answers().catch(() => false));
  // It gathers changes for two seconds before it takes them in.
  return { origin: `http://127.0.0.1:${WEB_PORT}`, followMs: 3_000, random: false };
};
