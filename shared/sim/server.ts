/** One simulated API server: its state, its verbs, and ways to reach it. */
import { createHash } from 'node:crypto';
import type { Kind, KubeObject } from '../api/kube.ts';
import type { Clock, Kube } from '../engine/ports.ts';
import { type AdmissionOptions, createAdmission } from './admission.ts';
import { BUILTIN } from './builtin/index.ts';
import { type Context, nobody } from './context.ts';
import { serveCustomResources } from './crd.ts';
import { type ApiRequest, type ApiResponse, handleRequest } from './handle.ts';
import { type Listening, type ListenOptions, listen } from './http.ts';
import { createRegistry, type KindOptions, type Registry, type UserInfo } from './kinds.ts';
import { createSimKube } from './kube.ts';
import { Rest } from './rest.ts';
import { Store } from './store.ts';

export interface SimServerOptions {
  readonly clock: Clock;
  /** How many changes a watch can go back; older versions are refused with 410. */
  readonly historyLimit?: number;
  /** Kinds beyond the built-in ones, served without a schema unless they bring one. */
  readonly kinds?: readonly (Kind | KindOptions)[];
  /** True (the default): a namespace comes into being with its first object. False: 404, as on a real server. */
  readonly createNamespaces?: boolean;
  /** Who writes when nobody says. */
  readonly user?: UserInfo;
  /** Makes uids and generated names differ between servers. */
  readonly seed?: string;
  readonly admission?: AdmissionOptions;
}

export interface SimServer {
  readonly clock: Clock;
  readonly store: Store;
  readonly registry: Registry;
  readonly rest: Rest;
  /** The Kube port on this server, without sockets. */
  readonly kube: Kube;
  readonly user: UserInfo;
  /** Serves a further kind from now on. */
  register(kind: Kind | KindOptions): void;
  /** Answers one request as HTTP would, except watches. */
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** Starts a listener on 127.0.0.1; `close` ends it with all its watches. */
  listen(options?: ListenOptions): Promise<Listening>;
  /** Ends every open watch, as a restarting server would. */
  cutWatches(): void;
  onCut(listener: () => void): () => void;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';

/** Names that look random and are the same in each run. */
const createNames = (seed: string): Pick<Context, 'nextUid' | 'nextSuffix'> => {
  let count = 0;
  const digest = (): Buffer =>
    createHash('sha256')
      .update(`${seed}/${(count += 1)}`)
      .digest();
  return {
    nextUid() {
      const hex = digest().toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
    nextSuffix: () => [...digest().subarray(0, 5)].map((byte) => SUFFIX[byte % SUFFIX.length]).join(''),
  };
};

const createHelp = (clock: Clock): Context['help'] => {
  let addresses = 0;
  let ports = 30_000;
  return () => ({
    now: new Date(clock.now()).toISOString(),
    nextClusterIP() {
      addresses += 1;
      return `10.96.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`;
    },
    nextNodePort: () => (ports += 1),
  });
};

/** A server with the built-in kinds and the namespaces that every cluster has. */
export const createSimServer = (options: SimServerOptions): SimServer => {
  const { clock } = options;
  const store = new Store(options.historyLimit ?? 2000);
  const registry = createRegistry();
  for (const kind of [...BUILTIN, ...(options.kinds ?? [])]) registry.register(kind);
  const context: Context = {
    store,
    registry,
    clock,
    admission: createAdmission({ store, registry }, options.admission),
    ...createNames(options.seed ?? 'sim'),
    help: createHelp(clock),
    createNamespaces: options.createNamespaces ?? true,
  };
  const cuts = new Set<() => void>();
  const server: Omit<SimServer, 'kube'> = {
    clock,
    store,
    registry,
    rest: new Rest(context),
    user: options.user ?? nobody,
    register: (kind) => void registry.register(kind),
    handle: (request) => handleRequest(context, server.rest, request),
    listen: (how = {}) => listen(context, server, how),
    cutWatches() {
      for (const cut of Array.from(cuts)) cut();
    },
    onCut(listener) {
      cuts.add(listener);
      return () => cuts.delete(listener);
    },
  };
  serveCustomResources(context);
  for (const name of NAMESPACES) {
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        uid: context.nextUid(),
        creationTimestamp: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
        labels: { 'kubernetes.io/metadata.name': name },
      },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    };
    store.put('/namespaces', object);
  }
  return Object.assign(server, { kube: createSimKube(server as SimServer) });
};
