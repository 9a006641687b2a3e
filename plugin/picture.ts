/** Reading the objects that a Canary works with, for the views that draw them. What may not be read is left out. */
import type { Canary } from '../shared/api/canary.ts';
import { KINDS } from '../shared/api/kinds.ts';
import { type Kind, type KubeObject, type Ref, refTo } from '../shared/api/kube.ts';
import {
  apexNameOf,
  canaryNameOf,
  primaryNameOf,
  primaryScalerNameOf,
  primaryWorkloadNameOf,
  targetNameOf,
} from '../shared/api/names.ts';
import { hasCode } from '../shared/errors.ts';
import type { Connection } from './io.ts';
import { KINDS_OF_TARGETS, scalerKindOf } from './related.ts';
import type { Picture, Workload } from './view/picture.ts';

/** Undefined: not there. HIDDEN: nobody can say. */
type Seen = KubeObject | undefined | typeof HIDDEN;

type Read = (kind: Kind | undefined, name: string | undefined) => Promise<Seen>;

const HIDDEN = Symbol('hidden');

const shown = (seen: Seen): KubeObject | undefined => (seen === HIDDEN ? undefined : seen);

const readOrHidden = (connection: Connection, ref: Ref, signal: AbortSignal): Promise<Seen> =>
  connection.kube
    .get(ref, { signal })
    .catch((error: unknown) => (hasCode(error, 'API_NOT_FOUND', 'KIND_MISSING') ? undefined : HIDDEN));

const selectorOf = (workload: KubeObject): string | undefined => {
  const labels = (workload['spec'] as { selector?: { matchLabels?: Record<string, string> } } | undefined)?.selector
    ?.matchLabels;
  if (labels === undefined || Object.keys(labels).length === 0) return undefined;
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
};

const podsOf = async (
  workload: KubeObject | undefined,
  connection: Connection,
  signal: AbortSignal,
): Promise<KubeObject[]> => {
  const selector = workload === undefined ? undefined : selectorOf(workload);
  if (selector === undefined) return [];
  const pods: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
  const namespace = workload?.metadata.namespace ?? '';
  return connection.kube.list(pods, { namespace, labelSelector: selector, signal }).then(
    (list) => list.items,
    () => [],
  );
};

/** The events of the Canary itself, oldest first. */
export const eventsOf = async (canary: Canary, connection: Connection, signal: AbortSignal): Promise<KubeObject[]> => {
  const namespace = canary.metadata.namespace ?? '';
  const fieldSelector = `involvedObject.kind=Canary,involvedObject.name=${canary.metadata.name}`;
  const list = await connection.kube.list(KINDS.event, { namespace, fieldSelector, signal }).catch(() => undefined);
  return (list?.items ?? []).filter((event) => {
    const uid = (event['involvedObject'] as { uid?: string } | undefined)?.uid;
    return uid === undefined || uid === '' || uid === canary.metadata.uid;
  });
};

/** Everything around a Canary. `pods`: theirs too, two more requests. */
export const readPicture = async (
  canary: Canary,
  connection: Connection,
  options: { pods: boolean; events: boolean; signal: AbortSignal },
): Promise<Picture> => {
  const { signal } = options;
  const namespace = canary.metadata.namespace ?? '';
  const read: Read = async (kind, name) =>
    kind === undefined || name === undefined || name === ''
      ? undefined
      : readOrHidden(connection, refTo(kind, namespace, name), signal);
  const kind = KINDS_OF_TARGETS[canary.spec.targetRef.kind ?? 'Deployment'];
  const scalerKind = scalerKindOf(canary.spec.autoscalerRef?.kind);
  const service = (name: string) => read(KINDS.service, name);
  const [target, primary, scaler, primaryScaler, apex, primaryService, canaryService, events] = await Promise.all([
    read(kind, targetNameOf(canary)),
    read(kind, primaryWorkloadNameOf(canary)),
    read(scalerKind, canary.spec.autoscalerRef?.name),
    read(scalerKind, primaryScalerNameOf(canary)),
    service(apexNameOf(canary)),
    service(primaryNameOf(canary)),
    service(canaryNameOf(canary)),
    options.events ? eventsOf(canary, connection, signal) : [],
  ]);
  const withPods = async (seen: Seen): Promise<Workload> => ({
    object: shown(seen),
    pods: options.pods ? await podsOf(shown(seen), connection, signal) : [],
    ...(seen === HIDDEN ? { isHidden: true } : {}),
  });
  const [targetPart, primaryPart] = await Promise.all([withPods(target), withPods(primary)]);
  return {
    canary,
    target: targetPart,
    primary: primaryPart,
    scaler: shown(scaler),
    primaryScaler: shown(primaryScaler),
    services: {
      apex: shown(apex),
      primary: shown(primaryService),
      canary: shown(canaryService),
      ...([apex, primaryService, canaryService].includes(HIDDEN) ? { isHidden: true } : {}),
    },
    events,
  };
};
