import { isDeepStrictEqual } from 'node:util';
import { KINDS } from '../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../shared/api/kube.ts';
import type { Kube } from '../../shared/engine/ports.ts';
import { hasCode } from '../../shared/errors.ts';

/** Recorded in managedFields for what the webhook writes about itself. */
export const FIELD_MANAGER = 'kubectl-canary-webhook';

export interface Injection {
  readonly kube: Kube;
  /** The name of both configurations. */
  readonly name: string;
  /**
   * The configurations as they should be, for a process that registers itself: created when missing, put right when
   * different. Undefined: somebody else makes them, only the caBundle is ours.
   */
  readonly wanted?: { readonly validating: KubeObject; readonly mutating: KubeObject };
}

interface Hook {
  name: string;
  clientConfig: { caBundle?: string; [field: string]: unknown };
  [field: string]: unknown;
}

const hooksOf = (configuration: KubeObject): Hook[] => (configuration['webhooks'] ?? []) as Hook[];

/** True when everything in `wanted` stands in `live`; what the API server added by default does not count. */
const isContained = (wanted: unknown, live: unknown): boolean => {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) && wanted.length === live.length && wanted.every((item, i) => isContained(item, live[i]))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof live !== 'object' || live === null) return false;
    return Object.entries(wanted).every(
      ([key, value]) => Object.hasOwn(live, key) && isContained(value, (live as Record<string, unknown>)[key]),
    );
  }
  return isDeepStrictEqual(wanted, live);
};

const withBundle = (configuration: KubeObject, caBundle: string): KubeObject => ({
  ...configuration,
  webhooks: hooksOf(configuration).map((hook) => ({ ...hook, clientConfig: { ...hook.clientConfig, caBundle } })),
});

/** One `test` and one `add` for each entry that lacks the bundle: an entry that moved meanwhile is left alone. */
const bundlePatch = (configuration: KubeObject, caBundle: string): object[] =>
  hooksOf(configuration).flatMap((hook, i) =>
    hook.clientConfig.caBundle === caBundle
      ? []
      : [
          { op: 'test', path: `/webhooks/${i}/name`, value: hook.name },
          { op: 'add', path: `/webhooks/${i}/clientConfig/caBundle`, value: caBundle },
        ],
  );

const read = async (kube: Kube, kind: Kind, name: string, signal?: AbortSignal): Promise<KubeObject | undefined> => {
  try {
    return await kube.get({ kind, namespace: '', name }, signal === undefined ? {} : { signal });
  } catch (error) {
    if (hasCode(error, 'API_NOT_FOUND')) return undefined;
    throw error;
  }
};

/** Brings one configuration up to date. True: it held the whole bundle already when it was read. */
const publishOne = async (
  injection: Injection,
  place: { kind: Kind; wanted: KubeObject | undefined },
  caBundle: string,
  signal?: AbortSignal,
): Promise<boolean> => {
  const { kube, name } = injection;
  const options = { fieldManager: FIELD_MANAGER, ...(signal === undefined ? {} : { signal }) };
  const wanted = place.wanted === undefined ? undefined : withBundle(place.wanted, caBundle);
  const live = await read(kube, place.kind, name, signal);
  if (live === undefined) {
    if (wanted !== undefined) await kube.create(place.kind, wanted, options);
    return false;
  }
  if (wanted !== undefined && !isContained(wanted['webhooks'], live['webhooks'])) {
    await kube.replace(place.kind, { ...live, webhooks: wanted['webhooks'] }, options);
    return false;
  }
  const patch = bundlePatch(live, caBundle);
  if (patch.length === 0) return hooksOf(live).length > 0;
  await kube.patch({ kind: place.kind, namespace: '', name }, patch, { ...options, type: 'json' });
  return false;
};

/**
 * Writes `bundle` (PEM) as caBundle into both configurations. True when both held it before this call, so that a true
 * answer speaks of what was read, not of what was just written.
 * Throws the CanaryErrors of Kube; API_CONFLICT and API_EXISTS mean that another replica was quicker.
 */
export const publishBundle = async (injection: Injection, bundle: string, signal?: AbortSignal): Promise<boolean> => {
  const caBundle = Buffer.from(bundle, 'utf8').toString('base64');
  const places = [
    { kind: KINDS.validatingWebhook, wanted: injection.wanted?.validating },
    { kind: KINDS.mutatingWebhook, wanted: injection.wanted?.mutating },
  ];
  let published = true;
  for (const place of places) {
    published = (await publishOne(injection, place, caBundle, signal)) && published;
  }
  return published;
};
