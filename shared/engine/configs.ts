/** Tracked ConfigMaps and Secrets: their checksums, and the primary's own copies of them. */
import { configChecksum } from '../api/digest.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, type OwnerReference, type Ref, refTo, type StringMap } from '../api/kube.ts';
import type { Write } from '../api/model.ts';
import { primaryConfigNameOf, REFERENCE_KEYS, TOOLKIT_MARK } from '../api/names.ts';
import { type ConfigRef, configKey } from '../targets/config-refs.ts';

export interface TrackedConfig {
  /** `configmap/name`. */
  key: string;
  ref: ConfigRef;
  object: KubeObject;
  checksum: string;
  /** The same without binary data: the reference's. */
  textChecksum: string;
}

/** Secrets of other types belong to other programs and are read where they are. */
const TRACKED_SECRET_TYPES = new Set([
  'Opaque',
  'kubernetes.io/basic-auth',
  'kubernetes.io/ssh-auth',
  'kubernetes.io/tls',
]);

const kindOf = (ref: Pick<ConfigRef, 'kind'>) => (ref.kind === 'secret' ? KINDS.secret : KINDS.configMap);

export const configObjectRef = (ref: ConfigRef, namespace: string): Ref => refTo(kindOf(ref), namespace, ref.name);

/** Undefined: this object is not tracked; the primary reads the original. */
export const trackedConfig = (ref: ConfigRef, object: KubeObject): TrackedConfig | undefined => {
  if (object.metadata.annotations?.[REFERENCE_KEYS.configTracking]?.startsWith('disable')) return undefined;
  if (ref.kind === 'secret' && !TRACKED_SECRET_TYPES.has((object['type'] as string | undefined) ?? 'Opaque'))
    return undefined;
  const textChecksum = configChecksum(object['data'] as StringMap | undefined);
  return { key: configKey(ref), ref, object, checksum: checksumOf(object), textChecksum };
};

/** The reference's checksum of `data`; binary data, which it forgets, counts where there is some. */
const checksumOf = (object: KubeObject): string => {
  const data = object['data'] as StringMap | undefined;
  const binary = object['binaryData'] as StringMap | undefined;
  return configChecksum(binary === undefined ? data : { ...data, ...binary });
};

const CONTENT = ['data', 'binaryData', 'type', 'immutable'] as const;

/** What to write so that the primary's copy holds what the original holds now; undefined: it does. */
export const copyConfig = (
  config: TrackedConfig,
  copy: KubeObject | undefined,
  labels: StringMap,
  owner: OwnerReference,
): Write[] => {
  const { object, ref } = config;
  const kind = kindOf(ref);
  const target = refTo(kind, object.metadata.namespace ?? '', primaryConfigNameOf(ref.name));
  const content = Object.fromEntries(
    CONTENT.filter((field) => object[field] !== undefined).map((field) => [field, object[field]]),
  );
  const wanted: KubeObject = {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: target.name, namespace: target.namespace, labels, ownerReferences: ownersOf(copy, owner) },
    ...content,
  };
  if (copy === undefined) return [{ do: 'create', ref: target, object: wanted }];
  const metadata = { ...copy.metadata, ownerReferences: ownersOf(copy, owner) };
  if (holdsSame(config, copy))
    return isOwnedBy(copy, owner) ? [] : [{ do: 'replace', ref: target, object: { ...copy, metadata } }];
  const isFixed = copy['immutable'] === true || copy['type'] !== object['type'];
  if (isFixed)
    return [
      { do: 'delete', ref: target },
      { do: 'create', ref: target, object: wanted },
    ];
  const foreign = Object.fromEntries(
    Object.entries(copy).filter(([field]) => !(CONTENT as readonly string[]).includes(field)),
  );
  return [{ do: 'replace', ref: target, object: { ...(foreign as KubeObject), metadata, ...content } }];
};

const isOwnedBy = (copy: KubeObject, { uid }: OwnerReference): boolean =>
  copy.metadata.ownerReferences?.some((one) => one.uid === uid) === true;

/** Canaries whose targets read the same original share its copy, which must outlive each of them but the last. */
const ownersOf = (copy: KubeObject | undefined, owner: OwnerReference): OwnerReference[] => {
  const owners = copy?.metadata.ownerReferences ?? [];
  if (copy && isOwnedBy(copy, owner)) return owners;
  return [...owners.map((one) => (one.controller === true ? { ...one, controller: false } : one)), owner];
};

/** Does the primary's copy hold what the original holds now? */
export const holdsSame = ({ object, checksum }: TrackedConfig, copy: KubeObject | undefined): boolean =>
  copy !== undefined && checksumOf(copy) === checksum && copy['type'] === object['type'];

export const copyRef = (config: TrackedConfig): Ref =>
  refTo(kindOf(config.ref), config.object.metadata.namespace ?? '', primaryConfigNameOf(config.ref.name));

/** Labels that a copy takes over. */
export const copiedLabels = (labels: StringMap | undefined, prefixes: readonly string[]): StringMap =>
  Object.fromEntries(
    Object.entries(labels ?? {}).filter(
      ([key]) =>
        !key.includes(TOOLKIT_MARK) &&
        prefixes.some((prefix) => prefix === '*' || (prefix !== '' && key.startsWith(prefix))),
    ),
  );
