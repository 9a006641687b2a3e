/** Kinds that a Canary may name in its references. */
import { KINDS } from '../shared/api/kinds.ts';
import type { Kind } from '../shared/api/kube.ts';

export const KINDS_OF_TARGETS: Readonly<Record<string, Kind>> = {
  Deployment: KINDS.deployment,
  DaemonSet: KINDS.daemonSet,
  Service: KINDS.service,
};

export const scalerKindOf = (kind: string | undefined): Kind | undefined =>
  kind === 'HorizontalPodAutoscaler' ? KINDS.hpa : kind === 'ScaledObject' ? KINDS.scaledObject : undefined;
