/** Envoy behind Contour: HTTPProxy, and the Gateway API on the same listener. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { runCommand } from '../../apiserver/control-plane/handle.ts';
import { freePorts } from '../../apiserver/control-plane/ports.ts';
import type { Reading } from '../count/weights.ts';
import { envoyRoutes, envoyUnknownClusters } from './envoy-routes.ts';
import { gatewayObjects, httpRouteRoad } from './http-route.ts';
import { objectOf, type Plane, type PlaneSite, type Road } from './plane.ts';

const NAMESPACE = 'projectcontour';
const GATEWAY = { name: 'contour', namespace: NAMESPACE };
/** Contour adds 8000 to a Gateway's port and has Envoy listen there. */
const [GATEWAY_PORT, ENVOY_PORT] = [80, 8080];
const LOOPBACK = '127.0.0.1';

interface HttpProxyRoute {
  readonly services?: readonly { readonly name: string; readonly weight?: number; readonly mirror?: boolean }[];
}

/** Contour reads a missing weight as none, unless all are missing. */
const weightIn = (route: HttpProxyRoute | undefined): number =>
  route?.services?.find(({ name, mirror }) => name.endsWith('-canary') && mirror !== true)?.weight ?? 0;

/** The last route is the one for everybody. */
const readProxy = (object: KubeObject): Reading | undefined => {
  const routes = (object['spec'] as { routes?: readonly HttpProxyRoute[] }).routes ?? [];
  const route = routes.at(-1);
  if (route === undefined) return undefined;
  const mirrored = route.services?.some(({ mirror }) => mirror === true) ?? false;
  return { canary: weightIn(route), matched: routes.length > 1 ? weightIn(routes[0]) : 0, mirrored };
};

const HTTP_PROXY: Kind = {
  apiVersion: 'projectcontour.io/v1',
  kind: 'HTTPProxy',
  plural: 'httpproxies',
  namespaced: true,
};

export const httpProxyRoad: Road = {
  provider: 'contour',
  cookies: 'two',
  reading: { kind: HTTP_PROXY, read: readProxy },
  entry: (namespace, host) => {
    const includes = [{ name: 'podinfo', namespace, conditions: [{ prefix: '/' }] }];
    return [objectOf(HTTP_PROXY, namespace, { virtualhost: { fqdn: host }, includes }, 'root')];
  },
  own: (namespace) => [objectOf(HTTP_PROXY, namespace, { routes: [{ services: [{ name: 'podinfo', port: 80 }] }] })],
  service: () => ({}),
};

export const contourGatewayRoad: Road = httpRouteRoad(GATEWAY);

interface Ports {
  readonly xds: number;
  readonly metrics: number;
  readonly health: number;
  readonly debug: number;
}

const contourArgs = (kubeconfig: string, config: string, ports: Ports): string[] => [
  'serve',
  '--insecure',
  '--disable-leader-election',
  // Kinds of the experimental channel, which is not installed.
  ...['tlsroutes', 'tcproutes', 'backendtlspolicies'].map((feature) => `--disable-feature=${feature}`),
  `--kubeconfig=${kubeconfig}`,
  `--config-path=${config}`,
  `--xds-address=${LOOPBACK}`,
  `--xds-port=${ports.xds}`,
  `--envoy-service-http-address=${LOOPBACK}`,
  `--http-address=${LOOPBACK}`,
  `--http-port=${ports.metrics}`,
  `--health-address=${LOOPBACK}`,
  `--health-port=${ports.health}`,
  `--debug-http-address=${LOOPBACK}`,
  `--debug-http-port=${ports.debug}`,
];

const isHealthy = async (port: number): Promise<boolean> =>
  (await fetch(`http://${LOOPBACK}:${port}/healthz`, { signal: AbortSignal.timeout(1_000) })).ok;

/** Starts both programs; Envoy listens as soon as there is a route. */
export const startContour = async ({ cluster, start, waitFor }: PlaneSite): Promise<Plane> => {
  const [xds = 0, metrics = 0, health = 0, debug = 0] = await freePorts(4);
  const { contour, envoy } = cluster.programs.paths;
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await cluster.apply(...gatewayObjects(GATEWAY, 'projectcontour.io/gateway-controller', GATEWAY_PORT));
  const config = join(cluster.folder, 'contour.yaml');
  writeFileSync(config, stringify({ gateway: { gatewayRef: GATEWAY } }));
  const bootstrap = join(cluster.folder, 'envoy.json');
  const admin = join(cluster.folder, 'envoy-admin.sock');
  const where = ['--admin-address', admin, '--xds-address', LOOPBACK, '--xds-port', String(xds)];
  const made = await runCommand(contour, ['bootstrap', ...where, bootstrap]);
  if (made.code !== 0) throw new Error(`contour bootstrap: ${made.stderr}`);
  const args = contourArgs(cluster.kubeconfig, config, { xds, metrics, health, debug });
  start({ name: 'contour', file: contour, args, env: { CONTOUR_NAMESPACE: NAMESPACE } });
  const envoyArgs = ['-c', bootstrap, '--service-cluster', 'e2e', '--service-node', 'e2e', '--log-level', 'warn'];
  start({ name: 'envoy', file: envoy, args: [...envoyArgs, '--concurrency', '1'] });
  await waitFor('Contour to be healthy', () => isHealthy(health));
  // Contour tells of routes and of clusters in streams of their own: for some milliseconds a route may be ahead.
  return {
    origin: `http://${LOOPBACK}:${ENVOY_PORT}`,
    followMs: 1_000,
    doing: envoyRoutes(admin),
    random: true,
    unknownYet: { failure: 'status 503: ', count: envoyUnknownClusters(admin) },
  };
};
