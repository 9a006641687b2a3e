/** The Leases of both kinds of drivers: how they are named and marked. */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import {
  LEASE_DURATION_MS,
  LEASE_RENEW_MS,
  SCOPE_ANNOTATION,
  shardLease as shardLeaseName,
  TERMINAL_LABELS,
  terminalLease,
} from '../../shared/engine/lease-names.ts';
import type { Lease } from '../../shared/engine/lease-port.ts';
import type { Clock, Kube } from '../../shared/engine/ports.ts';
import { createLease } from '../../shared/kube/lease.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { CONTROLLER_LABELS } from '../drivers.ts';

const MANAGED = { 'app.kubernetes.io/managed-by': 'kubectl-canary' } as const;

interface Place {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly namespace: string;
}

/** The Lease of a controller's shard. `scope`: the namespace it is limited to, empty for all. */
export const shardLease = ({ kube, clock, namespace }: Place, scope: string): Lease =>
  createLease({
    kube,
    clock,
    random: systemRandom,
    namespace,
    name: shardLeaseName(0),
    identity: `${hostname()}_${randomUUID()}`,
    durationMs: LEASE_DURATION_MS,
    renewMs: LEASE_RENEW_MS,
    labels: { ...MANAGED, ...CONTROLLER_LABELS },
    ...(scope === '' ? {} : { annotations: { [SCOPE_ANNOTATION]: scope } }),
  });

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
    kube,
    clock,
    random: systemRandom,
    namespace,
    name: terminalLease(canary),
    identity: `${userName()}@${hostname()}_${randomUUID().slice(0, 8)}`,
    durationMs: LEASE_DURATION_MS,
    renewMs: LEASE_RENEW_MS,
    labels: { ...MANAGED, ...TERMINAL_LABELS },
  });
