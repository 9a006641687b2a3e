/** Who moves rollouts: the Leases say. */
import { KINDS } from '../shared/api/kinds.ts';
import type { KubeObject } from '../shared/api/kube.ts';
import {
  CONTROLLER_NAMESPACE,
  SCOPE_ANNOTATION,
  SHARD_PREFIX,
  terminalLeaseRef,
} from '../shared/engine/lease-names.ts';
import { hasCode } from '../shared/errors.ts';
import type { Connection, Io } from './io.ts';

export interface Driver {
  readonly is: 'controller' | 'terminal';
  readonly holder: string;
  readonly lease: string;
  readonly namespace: string;
  /** RFC 3339. */
  readonly since: string | undefined;
}

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
}

/** Marks the Leases of controllers, so that the many Leases of nodes need not be listed. */
export const CONTROLLER_LABELS = { 'kubectl-canary/driver': 'controller' } as const;
const CONTROLLERS = 'kubectl-canary/driver=controller';

/** Clocks of this machine and the holder's may differ by this much. */
const SKEW_MS = 10_000;

const isAlive = (spec: LeaseSpec, now: number): boolean => {
  if ((spec.holderIdentity ?? '') === '') return false;
  const renewed = Date.parse(spec.renewTime ?? '');
  return !Number.isNaN(renewed) && renewed + (spec.leaseDurationSeconds ?? 15) * 1000 + SKEW_MS > now;
};

const driverOf = (lease: KubeObject, now: number): Driver | undefined => {
  const spec = (lease['spec'] ?? {}) as LeaseSpec;
  if (!isAlive(spec, now)) return undefined;
  const name = lease.metadata.name;
  return {
    is: name.startsWith(SHARD_PREFIX) ? 'controller' : 'terminal',
    holder: spec.holderIdentity as string,
    lease: name,
    namespace: lease.metadata.namespace ?? '',
    since: spec.acquireTime,
  };
};

interface Found {
  readonly leases: readonly KubeObject[];
  /** False: where controllers keep theirs may not be read, so that others may be there. */
  readonly isWhole: boolean;
}

/** Leases of controllers anywhere; where that may not be listed, those of the usual and the Canary's own namespace. */
const shardLeases = async (connection: Connection, own: string, io: Io): Promise<Found> => {
  const list = (namespace?: string) =>
    connection.kube
      .list(KINDS.lease, {
        labelSelector: CONTROLLERS,
        ...(namespace === undefined ? {} : { namespace }),
        signal: io.signal,
      })
      .then((found) => found.items);
  return list().then(
    (leases) => ({ leases, isWhole: true }),
    async (error: unknown) => {
      if (!hasCode(error, 'API_FORBIDDEN')) throw error;
      const quietly = (namespace: string) => list(namespace).catch(() => undefined);
      const [usual, ours = []] = await Promise.all([
        quietly(CONTROLLER_NAMESPACE),
        own === CONTROLLER_NAMESPACE ? [] : quietly(own),
      ]);
      return { leases: [...(usual ?? []), ...ours], isWhole: usual !== undefined };
    },
  );
};

interface Where {
  readonly namespace: string;
  readonly canary?: string;
}

/**
 * The live drivers that may move the Canaries of a namespace, or the one named Canary there. Undefined: none is seen,
 * and the Leases of controllers may not be read, so that nobody can say that there is none.
 */
export const knownDrivers = async (connection: Connection, where: Where, io: Io): Promise<Driver[] | undefined> => {
  const now = io.clock.now();
  const own =
    where.canary === undefined
      ? Promise.resolve([])
      : connection.kube.get(terminalLeaseRef(where.namespace, where.canary), { signal: io.signal }).then(
          (lease) => [lease],
          () => [],
        );
  const [terminals, shards] = await Promise.all([own, shardLeases(connection, where.namespace, io)]);
  const serving = shards.leases.filter((lease) => {
    const scope = lease.metadata.annotations?.[SCOPE_ANNOTATION] ?? '';
    return scope === '' || scope === where.namespace;
  });
  const drivers = [...terminals, ...serving].flatMap((lease) => driverOf(lease, now) ?? []);
  // A controller with several shards is one driver.
  const each = drivers.filter(({ holder }, at) => drivers.findIndex((other) => other.holder === holder) === at);
  return each.length === 0 && !shards.isWhole ? undefined : each;
};

/** The same, where those that nobody can see do not count. */
export const findDrivers = async (connection: Connection, where: Where, io: Io): Promise<Driver[]> =>
  (await knownDrivers(connection, where, io)) ?? [];

/** `controller kubectl-canary-7d4 (lease canary-system/kubectl-canary-shard-0)`, for messages. */
export const describeDriver = (driver: Driver): string => {
  const what = driver.is === 'controller' ? 'a controller' : '"kubectl canary run"';
  return `${what} as ${driver.holder} (lease ${driver.namespace}/${driver.lease})`;
};
