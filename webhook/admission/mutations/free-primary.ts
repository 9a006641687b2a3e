import { PAUSE_ANNOTATIONS } from '../../../shared/scaling/scaled-object.ts';
import { annotationPatch } from '../patch.ts';
import type { AdmissionRequest } from '../review.ts';
import type { Mutation } from './mutation.ts';

interface Owner {
  apiVersion?: unknown;
  kind?: unknown;
  name?: unknown;
}

const isCanary = (owner: Owner | null): boolean =>
  owner?.kind === 'Canary' && String(owner.apiVersion).startsWith('flagger.app/');

const canaryOwner = (request: AdmissionRequest): string | undefined => {
  const owners: unknown = request.object?.metadata.ownerReferences;
  const owner = Array.isArray(owners) ? (owners as (Owner | null)[]).find(isCanary) : undefined;
  return owner === undefined || owner === null ? undefined : String(owner.name);
};

/**
 * Takes every pause off a generated `-primary` ScaledObject while it is being made: a driver that copies the source's
 * annotations would park the workload that serves the traffic. A pause that a person puts there later stays.
 */
export const freePrimary = (request: AdmissionRequest): Mutation | undefined => {
  if (request.kind !== 'ScaledObject' || request.operation !== 'CREATE' || !request.name.endsWith('-primary'))
    return undefined;
  const canary = canaryOwner(request);
  if (canary === undefined) return undefined;
  const patch = annotationPatch(request.object, { drop: PAUSE_ANNOTATIONS });
  if (patch.length === 0) return undefined;
  const said = `pause removed from ScaledObject ${request.name}: the primary of Canary ${canary} serves the traffic`;
  return { id: 'MUT-PAUSE-002', patch, audit: said, note: `${said}.` };
};
