/** The Leases of both kinds of drivers: how they are named and marked. */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import {
  LEASE_DURATION_MS,
  LEASE_RENEW_MS,
  SCOPE_ANNOTATION,
  SHARDS,
  STANDBY_LEASE,
  shardLease as shardLeaseName,
  TERMINAL_LABELS,
  terminalLease,
} from '../../shared/engine/lease-names.ts';
import type { Lease } from '../../shared/engine/lease-port.ts';
import type { Clock, Kube } from '../../shared/engine/ports.ts';
import type { ShardLeases } from '../../shared/engine/shards.ts';
import { createLease } from '../../shared/kube/lease.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { CONTROLLER_LABELS } from '../drivers.ts';

const MANAGED = { 'app.kubernetes.io/managed-by': 'kubectl-canary' } as const;

const COMMON = { random: systemRandom, durationMs: LEASE_DURATION_MS, renewMs: LEASE_RENEW_MS } as const;

interface Place {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly namespace: string;
}

/** The Leases by which controllers share the work. `scope`: the namespace they are limited to, empty for all. */
export const shardLeases = ({ kube, clock, namespace }: Place, scope: string): ShardLeases => {
  const common = { ...COMMON, kube, clock, namespace, identity: `${hostname()}_${randomUUID()}` };
  const annotations = scope === '' ? {} : { annotations: { [SCOPE_ANNOTATION]: scope } };
  const labels = { ...MANAGED, ...CONTROLLER_LABELS };
  const leases = Array.from({ length: SHARDS }, (_, shard) =>
    createLease({ ...common, name: shardLeaseName(shard), labels, ...annotations }),
  );
  return { leases, standby: createLease({ ...common, name: STANDBY_LEASE, labels: MANAGED }) };
};

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
};

/** The Lease of a terminal that drives one Canary. */
export const canaryLease = ({ kube, clock, namespace }: Place, canary: string): Lease =>
  createLease({
    ...COMMON,
    kube,
    clock,
    namespace,
    name: terminalLease(canary),
    identity: `${userName()}@${hostname()}_${randomUUID().slice(0, 8)}`,
    labels: { ...MANAGED, ...TERMINAL_LABELS },
  });
