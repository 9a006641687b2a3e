/** Names and marks of the Leases by which drivers keep out of each other's way. */
import { digestOf } from '../api/digest.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, kindKey, type Ref, refTo } from '../api/kube.ts';

/** Where controllers keep their Leases unless told otherwise. */
export const CONTROLLER_NAMESPACE = 'canary-system';
export const SHARD_PREFIX = 'kubectl-canary-shard-';

/** On a shard's Lease: the namespace that its controller is limited to; absent or empty, it serves all. */
export const SCOPE_ANNOTATION = 'kubectl-canary/namespace';

const DRIVER_LABEL = 'kubectl-canary/driver';

/** Labels of the Lease of a rollout that is driven from a terminal. */
export const TERMINAL_LABELS: Readonly<Record<string, string>> = { [DRIVER_LABEL]: 'terminal' };

/** Controllers watch no Leases but those. */
export const LEASE_SELECTORS: Readonly<Record<string, string>> = { [kindKey(KINDS.lease)]: `${DRIVER_LABEL}=terminal` };

/** Into how many shares the Canaries are divided. Controllers that disagree on it would drive one Canary twice. */
export const SHARDS = 4;

/** Held by a controller that has fewer shards than others, until they have given it some. */
export const STANDBY_LEASE = 'kubectl-canary-standby';

const numberOf = ({ namespace = '', name }: KubeObject['metadata']): number =>
  Number.parseInt(digestOf([namespace, name]).slice(0, 8), 16);

/** Asked several times in each pass over one object, and answered by a digest. */
const numbers = new WeakMap<KubeObject['metadata'], number>();

/** Which of `count` shards a Canary is in; the same for every controller. */
export const shardOf = ({ metadata }: Pick<KubeObject, 'metadata'>, count: number = SHARDS): number => {
  const number = numbers.get(metadata) ?? numberOf(metadata);
  numbers.set(metadata, number);
  return number % count;
};

export const shardLease = (shard: number): string => `${SHARD_PREFIX}${shard}`;
export const terminalLease = (canary: string): string => `canary-${canary}`;
export const terminalLeaseRef = (namespace: string, canary: string): Ref =>
  refTo(KINDS.lease, namespace, terminalLease(canary));

/** A Lease lasts this long, and is renewed this often. */
export const LEASE_DURATION_MS = 15_000;
export const LEASE_RENEW_MS = 5000;
