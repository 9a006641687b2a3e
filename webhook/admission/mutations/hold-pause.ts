import { KINDS } from '../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../shared/api/kube.ts';
import { isRestPhase } from '../../../shared/api/phase.ts';
import { PAUSED_REPLICAS } from '../../../shared/scaling/scaled-object.ts';
import type { Lookups } from '../lookups.ts';
import { annotationPatch, hasAnnotation } from '../patch.ts';
import type { AdmissionRequest } from '../review.ts';
import type { Mutate } from './mutation.ts';

/** Written by a person who wants the target to stay as it is; it stands beside ours and is left alone. */
const PAUSED = 'autoscaling.keda.sh/paused';

type Json = Record<string, unknown>;

const child = (value: unknown, key: string): Json => {
  const found = (value as Json)[key];
  return typeof found === 'object' && found !== null ? (found as Json) : {};
};

const names = (canary: KubeObject, scaler: string): boolean => {
  const ref = child(child(canary, 'spec'), 'autoscalerRef');
  return ref['kind'] === 'ScaledObject' && ref['name'] === scaler;
};

/** The phase in which the Canary keeps its target at zero; undefined while it does not, or is going away. */
const parkedPhase = (canary: KubeObject): string | undefined => {
  const status = child(canary, 'status');
  // Failed with weight 100: promotion broke off and the target carries all traffic; pausing it would be an outage.
  const idle = isRestPhase(status['phase']) && (status['canaryWeight'] ?? 0) === 0;
  return idle && canary.metadata.deletionTimestamp === undefined ? String(status['phase']) : undefined;
};

/** Only what this request lost: a new object, or an update that dropped the key. */
const lostPause = (request: AdmissionRequest): boolean =>
  request.kind === 'ScaledObject' &&
  request.object !== undefined &&
  request.object.metadata.deletionTimestamp === undefined &&
  !hasAnnotation(request.object, PAUSED_REPLICAS) &&
  !hasAnnotation(request.object, PAUSED) &&
  (request.operation === 'CREATE' ||
    (request.operation === 'UPDATE' && hasAnnotation(request.oldObject, PAUSED_REPLICAS)));

/** The Canary that keeps this target at zero, read afresh: a cache may be a moment behind a rollout that began. */
const parkingCanary = async (
  { namespace, name }: AdmissionRequest,
  lookups: Lookups,
): Promise<KubeObject | undefined> => {
  const all = { kind: KINDS.canary, namespace };
  const listed = (await lookups.answer([all])).list(all.kind, namespace);
  const known = 'items' in listed ? listed.items.find((one) => names(one, name)) : undefined;
  if (known === undefined || parkedPhase(known) === undefined) return undefined;
  const canary = known.metadata.name;
  const fresh = (await lookups.answer([{ ...all, name: canary }], true)).lookup(all.kind, namespace, canary);
  return 'found' in fresh && names(fresh.found, name) ? fresh.found : undefined;
};

/**
 * Puts the pause back on a ScaledObject whose Canary keeps the target at zero, when it is replaced or made anew
 * without it. Never against a driver, never during a rollout, and never over a value that somebody wrote.
 */
export const holdPause: Mutate = async (request, { lookups, isDriver }) => {
  if (!lostPause(request) || isDriver) return undefined;
  const canary = await parkingCanary(request, lookups);
  const phase = canary === undefined ? undefined : parkedPhase(canary);
  if (canary === undefined || phase === undefined) return undefined;
  const said = `${PAUSED_REPLICAS}: "0" put back: Canary ${canary.metadata.name} is ${phase} and keeps the target at zero`;
  return {
    id: 'MUT-PAUSE-001',
    patch: annotationPatch(request.object, { set: { [PAUSED_REPLICAS]: '0' } }),
    audit: said,
    note: `${said}.`,
  };
};
