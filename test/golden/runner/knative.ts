import { KINDS } from '../../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { kindKey, refOf } from '../../../shared/api/kube.ts';
import type { Kube } from '../../../shared/engine/ports.ts';
import { hasCode } from '../../../shared/errors.ts';
import { canonical, isFields } from './canonical.ts';

const SERVICE = KINDS.knativeService;
const WATCH_SECONDS = 3600;

const listAt = (object: KubeObject, part: 'spec' | 'status'): Record<string, unknown>[] => {
  const fields = object[part];
  const traffic = isFields(fields) ? fields['traffic'] : undefined;
  return Array.isArray(traffic) ? traffic.filter(isFields) : [];
};

/** The traffic of a Service as Knative reports it: who the latest revision is, and that the others are not it. */
const reported = (service: KubeObject): Record<string, unknown>[] => {
  const status = isFields(service['status']) ? service['status'] : {};
  return listAt(service, 'spec').map((entry) => {
    const isLatest = entry['latestRevision'] === true;
    const revisionName = isLatest ? status['latestCreatedRevisionName'] : entry['revisionName'];
    return { latestRevision: isLatest, percent: entry['percent'], revisionName };
  });
};

const report = async (kube: Kube, service: KubeObject, signal: AbortSignal): Promise<void> => {
  const traffic = reported(service);
  if (traffic.length === 0 || canonical(traffic) === canonical(listAt(service, 'status'))) return;
  const options = { type: 'merge', fieldManager: 'knative', signal } as const;
  await kube.patch(refOf(SERVICE, service), { status: { traffic } }, options).catch((error: unknown) => {
    if (!hasCode(error, 'API_NOT_FOUND')) throw error;
  });
};

const follow = async (kube: Kube, signal: AbortSignal): Promise<void> => {
  const { items, resourceVersion } = await kube.list(SERVICE, { signal });
  for (const service of items) await report(kube, service, signal);
  for await (const event of kube.watch(SERVICE, { resourceVersion, timeoutSeconds: WATCH_SECONDS, signal })) {
    if (event.type === 'ADDED' || event.type === 'MODIFIED') await report(kube, event.object, signal);
  }
};

/**
 * The part of Knative that the recordings had: it reports the traffic that a Service asks for. Runs where `kinds` have
 * Knative's, until stopped; `stop` throws what ended it before.
 */
export const startKnative = (kube: Kube, kinds: readonly Kind[]): { stop(): Promise<void> } => {
  const stopping = new AbortController();
  const isWanted = kinds.some((kind) => kindKey(kind) === kindKey(SERVICE));
  const end = isWanted ? follow(kube, stopping.signal) : Promise.resolve();
  const ended = end.catch((error: unknown) => (stopping.signal.aborted ? undefined : error));
  return {
    async stop() {
      stopping.abort(new Error('Knative was stopped'));
      const failure = await ended;
      if (failure !== undefined) throw failure as Error;
    },
  };
};
