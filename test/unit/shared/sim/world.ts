/** A simulated server with controllers in virtual time, and a few objects for it. */
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type Kind, type KubeObject, refTo } from '../../../../shared/api/kube.ts';
import { createVirtualClock, type VirtualClock } from '../../../../shared/sim/clock.ts';
import { type ControllersOptions, startControllers } from '../../../../shared/sim/controllers/index.ts';
import { createSimServer, type SimServer, type SimServerOptions } from '../../../../shared/sim/server.ts';

export const PODS: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
export const REPLICA_SETS: Kind = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
};
export const NODES: Kind = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };

// Tests look into objects by path; a wrong path shows as undefined.
// oxlint-disable-next-line typescript/no-explicit-any
export type Seen = any;

export interface World {
  readonly clock: VirtualClock;
  readonly server: SimServer;
  create(kind: Kind, object: object): Promise<Seen>;
  get(kind: Kind, name: string): Promise<Seen>;
  patch(kind: Kind, name: string, body: object): Promise<Seen>;
  remove(kind: Kind, name: string, propagation?: 'Foreground' | 'Orphan'): Promise<void>;
  names(kind: Kind): Promise<string[]>;
  list(kind: Kind): Promise<Seen[]>;
}

const NAMESPACE = 'test';

/** Opens a world; with `controllers` they run from the start. */
export const openWorld = (
  controllers?: Partial<ControllersOptions>,
  options: Partial<SimServerOptions> = {},
): World => {
  const clock = createVirtualClock();
  const server = createSimServer({ clock, ...options });
  if (controllers !== undefined) startControllers(server, { clock, ...controllers });
  const { kube } = server;
  const ref = (kind: Kind, name: string) => refTo(kind, NAMESPACE, name);
  const list = async (kind: Kind): Promise<KubeObject[]> =>
    (await kube.list(kind, kind.namespaced ? { namespace: NAMESPACE } : {})).items;
  return {
    clock,
    server,
    create: (kind, object) => {
      const { metadata, ...rest } = object as { metadata: object };
      const place = kind.namespaced ? { namespace: NAMESPACE } : {};
      return kube.create(kind, {
        apiVersion: kind.apiVersion,
        kind: kind.kind,
        ...rest,
        metadata: { ...place, ...metadata },
      } as KubeObject);
    },
    get: (kind, name) => kube.get(ref(kind, name)),
    patch: (kind, name, body) => kube.patch(ref(kind, name), body),
    remove: (kind, name, propagation) => kube.remove(ref(kind, name), propagation === undefined ? {} : { propagation }),
    names: async (kind) => (await list(kind)).map(({ metadata }) => metadata.name),
    list,
  };
};

interface Wanted {
  readonly replicas?: number;
  readonly image?: string;
  readonly annotations?: object;
  readonly spec?: object;
}

export const aDeployment = (
  name: string,
  { replicas = 2, image = 'app:1', annotations = {}, spec = {} }: Wanted = {},
): object => ({
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: aTemplate(name, image, annotations), ...spec },
});

export const aTemplate = (name: string, image: string, annotations: object = {}): object => ({
  metadata: { labels: { app: name }, annotations },
  spec: { containers: [{ name: 'main', image }] },
});

/** `Progressing=True/NewReplicaSetAvailable`, for each condition. */
export const conditionsOf = (object: Seen): string[] =>
  (object.status?.conditions ?? []).map((one: Seen) => `${one.type}=${one.status}/${one.reason}`);

export { KINDS };
