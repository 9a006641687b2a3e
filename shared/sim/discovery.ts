/** Discovery documents: which groups, versions, resources and subresources there are. */
import type { Registry, ServedKind } from './kinds.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SUB_VERBS = ['get', 'patch', 'update'];

interface GroupVersion {
  group: string;
  version: string;
  kinds: ServedKind[];
}

const groupVersions = (registry: Registry): GroupVersion[] => {
  const found = new Map<string, GroupVersion>();
  for (const kind of registry.all()) {
    const entry = found.get(kind.apiVersion) ?? { group: kind.group, version: kind.version, kinds: [] };
    entry.kinds.push(kind);
    found.set(kind.apiVersion, entry);
  }
  return [...found.values()];
};

const verbsOf = (kind: ServedKind): string[] => (kind.answer === undefined ? VERBS : ['create']);

const gvk = (kind: ServedKind): object => ({ group: kind.group, version: kind.version, kind: kind.kind });

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

const subresourcesOf = (kind: ServedKind): { subresource: string; responseKind: object; verbs: string[] }[] => [
  ...(kind.scale === undefined ? [] : [{ subresource: 'scale', responseKind: SCALE, verbs: SUB_VERBS }]),
  ...(kind.status ? [{ subresource: 'status', responseKind: gvk(kind), verbs: SUB_VERBS }] : []),
];

const aggregatedResource = (kind: ServedKind): object => {
  const subresources = subresourcesOf(kind);
  return {
    resource: kind.plural,
    responseKind: gvk(kind),
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
};

/** `APIGroupDiscoveryList` (v2) of the core group, or of all others. */
export const aggregatedDiscovery = (registry: Registry, core: boolean): object => {
  const versions = groupVersions(registry).filter((entry) => (entry.group === '') === core);
  const groups = [...new Set(versions.map((entry) => entry.group))];
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions
        .filter((entry) => entry.group === group)
        .map((entry) => ({
          version: entry.version,
          resources: entry.kinds.map(aggregatedResource),
          freshness: 'Current',
        })),
    })),
  };
};

export const ACCEPTS_AGGREGATED = /as=APIGroupDiscoveryList/;
export const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const groupOfVersions = (group: string, versions: readonly GroupVersion[]): object => {
  const list = versions
    .filter((entry) => entry.group === group)
    .map((entry) => ({ groupVersion: `${group}/${entry.version}`, version: entry.version }));
  return { name: group, versions: list, preferredVersion: list[0] };
};

/** `APIGroupList`, for clients without aggregated discovery. */
export const groupList = (registry: Registry): object => {
  const versions = groupVersions(registry).filter((entry) => entry.group !== '');
  const groups = [...new Set(versions.map((entry) => entry.group))];
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((group) => groupOfVersions(group, versions)) };
};

/** One `APIGroup`; undefined when nothing of the group is served. */
export const apiGroup = (registry: Registry, group: string): object | undefined => {
  const versions = groupVersions(registry);
  if (group === '' || !versions.some((entry) => entry.group === group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOfVersions(group, versions) };
};

export const coreVersions = { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };

/** `APIResourceList` of one group version; undefined when it is not served. */
export const resourceList = (registry: Registry, groupVersion: string): object | undefined => {
  const entry = groupVersions(registry).find(
    (one) => (one.group === '' ? one.version : `${one.group}/${one.version}`) === groupVersion,
  );
  if (entry === undefined) return undefined;
  const resources = entry.kinds.flatMap((kind) => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: verbsOf(kind),
      ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
      ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    },
    ...subresourcesOf(kind).map((sub) => ({
      name: `${kind.plural}/${sub.subresource}`,
      singularName: '',
      namespaced: kind.namespaced,
      ...(sub.subresource === 'scale' ? SCALE : {}),
      kind: sub.subresource === 'scale' ? 'Scale' : kind.kind,
      verbs: sub.verbs,
    })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
};
