import { KINDS } from '../api/kinds.ts';
import type { KubeObject } from '../api/kube.ts';
import type { LeaseHolder } from '../engine/lease-port.ts';

/** The spec of a `coordination.k8s.io/v1` Lease. Times are MicroTime strings. */
export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
  [field: string]: unknown;
}

/** Kubernetes insists on six digits: `2026-01-01T00:00:00.000000Z`. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

export const specOf = (lease: KubeObject): LeaseSpec => (lease['spec'] ?? {}) as LeaseSpec;

export const holderOf = (spec: LeaseSpec): LeaseHolder => ({
  identity: spec.holderIdentity ?? '',
  renewTime: spec.renewTime,
  acquireTime: spec.acquireTime,
  durationMs: (spec.leaseDurationSeconds ?? 0) * 1000,
});

interface Claim {
  readonly identity: string;
  readonly durationMs: number;
  /** Wall clock. */
  readonly now: number;
}

/** The spec after `claim` took or renewed the Lease. */
export const claimedSpec = (before: LeaseSpec, { identity, durationMs, now }: Claim): LeaseSpec => {
  const renewed = {
    ...before,
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
    renewTime: microTime(now),
  };
  if (before.holderIdentity === identity) return renewed;
  const hadHolder = before.acquireTime !== undefined || before.holderIdentity !== undefined;
  return {
    ...renewed,
    acquireTime: microTime(now),
    leaseTransitions: (before.leaseTransitions ?? 0) + (hadHolder ? 1 : 0),
  };
};

/** The spec after its holder gave it back. */
export const releasedSpec = (before: LeaseSpec, now: number): LeaseSpec => {
  const { holderIdentity: _gone, ...rest } = before;
  return { ...rest, leaseDurationSeconds: 1, renewTime: microTime(now) };
};

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Lease that does not exist yet. */
export const newLease = ({ namespace, name, labels, annotations }: LeaseName, spec: LeaseSpec): KubeObject => ({
  apiVersion: KINDS.lease.apiVersion,
  kind: KINDS.lease.kind,
  metadata: {
    namespace,
    name,
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
  },
  spec,
});
