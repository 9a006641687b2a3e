/** Which lists are keyed and which maps are atomic: what strategic merge and server-side apply must know of a type. */
import type { Fields } from './json.ts';
import { fieldsAt, isFields, listAt, own } from './json.ts';

export interface Shape {
  /** How server-side apply takes a list here: by keys of its elements, as a set of scalars, or as one value. */
  readonly list: 'atomic' | 'set' | { readonly keys: readonly string[]; readonly defaults?: Fields };
  /** The map is one value: it has one owner and is replaced as a whole. */
  readonly atomic: boolean;
  /** Strategic merge: the key of the list's elements, `*` for a set of scalars. */
  readonly patchKey: string | undefined;
  field(name: string): Shape;
  item(): Shape;
}

interface ListRule {
  readonly keys: readonly string[];
  readonly patchKey?: string;
  readonly defaults?: Fields;
}

const byName: ListRule = { keys: ['name'] };

/** Keyed lists of the built-in kinds, by field name. `ports` is told apart by what it stands in. */
const LISTS: Readonly<Record<string, ListRule>> = {
  containers: byName,
  initContainers: byName,
  ephemeralContainers: byName,
  env: byName,
  volumes: byName,
  imagePullSecrets: byName,
  resourceClaims: byName,
  schedulingGates: byName,
  webhooks: byName,
  matchConditions: byName,
  volumeMounts: { keys: ['mountPath'] },
  volumeDevices: { keys: ['devicePath'] },
  hostAliases: { keys: ['ip'] },
  podIPs: { keys: ['ip'] },
  hostIPs: { keys: ['ip'] },
  conditions: { keys: ['type'] },
  ownerReferences: { keys: ['uid'] },
  topologySpreadConstraints: { keys: ['topologyKey', 'whenUnsatisfiable'], patchKey: 'topologyKey' },
};

const CONTAINER_PORTS: ListRule = {
  keys: ['containerPort', 'protocol'],
  patchKey: 'containerPort',
  defaults: { protocol: 'TCP' },
};
const SERVICE_PORTS: ListRule = { keys: ['port', 'protocol'], patchKey: 'port', defaults: { protocol: 'TCP' } };

const ATOMIC_MAPS = new Set([
  'selector',
  'nodeSelector',
  'labelSelector',
  'namespaceSelector',
  'objectSelector',
  'secretKeyRef',
  'configMapKeyRef',
  'fieldRef',
  'resourceFieldRef',
  'involvedObject',
  'nodeSelectorTerms',
]);

/** Inside these every key is a person's, and a name such as `selector` or `env` means nothing. */
const FREE_MAPS = new Set([
  'labels',
  'annotations',
  'data',
  'stringData',
  'binaryData',
  'matchLabels',
  'limits',
  'requests',
]);

const listRule = (kind: string, parent: string, name: string): ListRule | undefined => {
  if (name !== 'ports') return Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (parent === 'containers' || parent === 'initContainers') return CONTAINER_PORTS;
  return kind === 'Service' && parent === 'spec' ? SERVICE_PORTS : undefined;
};

/** Answers of a function of one text, computed once each. */
const remembered = <T>(compute: (key: string) => T): ((key: string) => T) => {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = compute(key);
    known.set(key, made);
    return made;
  };
};

/** What stands inside a map whose keys are a person's: nothing there has a meaning of its own. */
const FREE: Shape = { list: 'atomic', atomic: false, patchKey: undefined, field: () => FREE, item: () => FREE };

const nativeShapeAt = (kind: string, parent: string, name: string): Shape => {
  const rule = listRule(kind, parent, name);
  const set = name === 'finalizers';
  const item = remembered(() => nativeShapeAt(kind, name, `${name}[]`));
  const keyed =
    rule === undefined
      ? undefined
      : { keys: rule.keys, ...(rule.defaults === undefined ? {} : { defaults: rule.defaults }) };
  return {
    list: set ? 'set' : (keyed ?? 'atomic'),
    atomic: ATOMIC_MAPS.has(name) || parent === 'ownerReferences',
    patchKey: set ? '*' : rule === undefined ? undefined : (rule.patchKey ?? rule.keys[0]),
    field: FREE_MAPS.has(name) ? () => FREE : remembered((next) => nativeShapeAt(kind, name.replace('[]', ''), next)),
    item: () => item(''),
  };
};

/** The shape of a built-in kind, such as `Deployment`. */
export const nativeShape = remembered((kind) => nativeShapeAt(kind, '', ''));

const schemaListOf = (schema: Fields): Shape['list'] => {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return 'set';
  if (type !== 'map') return 'atomic';
  const keys = listAt(schema, 'x-kubernetes-list-map-keys').filter((key): key is string => typeof key === 'string');
  const defaults: Fields = {};
  for (const key of keys) {
    const value = own(fieldsAt(schema, 'items', 'properties', key), 'default');
    if (value !== undefined) defaults[key] = value;
  }
  return { keys, defaults };
};

const METADATA = nativeShapeAt('', '', 'metadata');

/** The shape that a CustomResourceDefinition's schema declares; lists are atomic unless it says otherwise. */
export const schemaShape = (schema: unknown, root = true): Shape => {
  const here = isFields(schema) ? schema : {};
  return {
    list: schemaListOf(here),
    atomic: here['x-kubernetes-map-type'] === 'atomic',
    patchKey: undefined,
    field(name) {
      if (root && name === 'metadata') return METADATA;
      return schemaShape(own(own(here, 'properties'), name) ?? own(here, 'additionalProperties'), false);
    },
    item: () => schemaShape(own(here, 'items'), false),
  };
};
