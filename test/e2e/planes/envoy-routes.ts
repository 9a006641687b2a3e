/** What Envoy does with a host's requests right now, and what it could not do, by its own word. */
import { request } from 'node:http';
import type { Reading } from '../count/weights.ts';

interface Cluster {
  readonly name: string;
  readonly weight?: number;
}

/** As Envoy holds it: one cluster, or several with weights. */
interface Route {
  readonly route?: {
    readonly cluster?: string;
    readonly weighted_clusters?: { readonly clusters: readonly Cluster[] };
    readonly request_mirror_policies?: readonly object[];
  };
}

interface Dump {
  readonly configs?: readonly {
    readonly route_config?: {
      readonly virtual_hosts?: readonly { readonly domains: readonly string[]; readonly routes?: readonly Route[] }[];
    };
  }[];
}

const PATIENCE_MS = 5_000;

/** Asks the administrative interface, which listens on a socket in the file system. */
const ask = (socketPath: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request({ socketPath, path, timeout: PATIENCE_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text)).on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error('Envoy does not answer')));
    call.on('error', reject);
    call.end();
  });

const isCanary = (name: string): boolean => name.split('/')[1]?.endsWith('-canary') ?? false;

/** Percent that goes to the canary. */
const weightIn = ({ route = {} }: Route): number => {
  const clusters = route.weighted_clusters?.clusters ?? [{ name: route.cluster ?? '', weight: 1 }];
  const sum = (some: readonly Cluster[]): number => some.reduce((total, { weight = 0 }) => total + weight, 0);
  const all = sum(clusters);
  return all === 0 ? 0 : (100 * sum(clusters.filter(({ name }) => isCanary(name)))) / all;
};

/** As weights are read from a provider's object: the last route is the one for everybody. */
export const readDump = (text: string, host: string): Reading | undefined => {
  const { configs = [] } = JSON.parse(text) as Dump;
  const hosts = configs.flatMap(({ route_config }) => route_config?.virtual_hosts ?? []);
  const routes = hosts.find(({ domains }) => domains.includes(host))?.routes ?? [];
  const [first, last] = [routes[0], routes.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const mirrored = (last.route?.request_mirror_policies ?? []).length > 0;
  return { canary: weightIn(last), matched: routes.length > 1 ? weightIn(first) : 0, mirrored };
};

/** `socketPath` is where Envoy's administrative interface listens. */
export const envoyRoutes =
  (socketPath: string) =>
  async (host: string): Promise<Reading | undefined> =>
    readDump(await ask(socketPath, '/config_dump?resource=dynamic_route_configs'), host);

/** Adds up every counter of a text of lines such as `http.ingress_http.no_cluster: 3`. */
export const readCounters = (text: string): number =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);

/** How many requests met a route to a cluster that Envoy had not been told of, or no longer, since it was started. */
export const envoyUnknownClusters = (socketPath: string) => async (): Promise<number> =>
  readCounters(await ask(socketPath, '/stats?filter=%5C.no_cluster%24'));
