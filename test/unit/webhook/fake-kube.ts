import { type Kind, type KubeObject, kindKey, type Ref, refKey } from '../../../shared/api/kube.ts';
import type { Kube, PatchOptions, WriteOptions } from '../../../shared/engine/ports.ts';
import { CanaryError } from '../../../shared/errors.ts';

export interface FakeKube extends Kube {
  /** Everything asked so far: `get v1/secrets/ns/name`. */
  readonly calls: string[];
  put(kind: Kind, object: KubeObject): void;
  find(kind: Kind, namespace: string, name: string): KubeObject | undefined;
  drop(kind: Kind, namespace: string, name: string): void;
  /** Called before each request; what it throws is the answer, what it awaits delays the answer. */
  before: (verb: string, path: string, signal: AbortSignal | undefined) => Promise<void> | void;
}

interface Operation {
  op: string;
  path: string;
  value?: unknown;
}

const stepInto = (parent: unknown, part: string): unknown => (parent as Record<string, unknown>)[part];
const partsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The result of `test`, `add`, `replace` and `remove` on objects and existing list items. */
export const applyPatch = <T>(object: T, patch: readonly Operation[]): T => {
  const copy = structuredClone(object);
  for (const { op, path, value } of patch) {
    const parts = partsOf(path);
    const last = parts.pop() as string;
    const parent = parts.reduce(stepInto, copy as unknown);
    if (typeof parent !== 'object' || parent === null)
      throw new CanaryError('API_INVALID', `${op} ${path}: missing path`);
    const record = parent as Record<string, unknown>;
    if (op === 'test' && JSON.stringify(record[last]) !== JSON.stringify(value))
      throw new CanaryError('API_INVALID', `test ${path} failed`);
    if (op === 'remove' && !Object.hasOwn(record, last))
      throw new CanaryError('API_INVALID', `remove ${path}: missing`);
    if (op === 'remove') delete record[last];
    if (op === 'add' || op === 'replace') record[last] = value;
  }
  return copy;
};

/** The few verbs that the webhook uses, with resource versions and conflicts as an API server has them. */
export const createFakeKube = (): FakeKube => {
  const objects = new Map<string, KubeObject>();
  const calls: string[] = [];
  let version = 0;
  const keyOf = (kind: Kind, object: KubeObject) =>
    refKey({ kind, namespace: kind.namespaced ? (object.metadata.namespace ?? '') : '', name: object.metadata.name });
  const store = (key: string, object: KubeObject): KubeObject => {
    version += 1;
    const stored = structuredClone({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
    objects.set(key, stored);
    return structuredClone(stored);
  };
  const ask = async (verb: string, path: string, signal: AbortSignal | undefined) => {
    calls.push(`${verb} ${path}`);
    await fake.before(verb, path, signal);
    signal?.throwIfAborted();
  };
  const existing = (key: string): KubeObject => {
    const found = objects.get(key);
    if (found === undefined) throw new CanaryError('API_NOT_FOUND', `${key} not found`);
    return found;
  };
  const unused = () => {
    throw new Error('not used by the webhook');
  };
  const fake: FakeKube = {
    calls,
    before: () => {},
    put: (kind, object) => void store(keyOf(kind, object), object),
    find: (kind, namespace, name) => structuredClone(objects.get(refKey({ kind, namespace, name }))),
    drop: (kind, namespace, name) => void objects.delete(refKey({ kind, namespace, name })),
    async get(ref: Ref, options) {
      await ask('get', refKey(ref), options?.signal);
      return structuredClone(existing(refKey(ref)));
    },
    async list(kind, options) {
      await ask('list', `${kindKey(kind)}/${options?.namespace ?? ''}`, options?.signal);
      const prefix = `${kindKey(kind)}/${options?.namespace === undefined ? '' : `${options.namespace}/`}`;
      const items = [...objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => structuredClone(object));
      return { items, resourceVersion: String(version) };
    },
    async create(kind, object, options?: WriteOptions) {
      const key = keyOf(kind, object);
      await ask('create', key, options?.signal);
      if (objects.has(key)) throw new CanaryError('API_EXISTS', `${key} exists`);
      return store(key, object);
    },
    async replace(kind, object, options?: WriteOptions) {
      const key = keyOf(kind, object);
      await ask('replace', key, options?.signal);
      if (existing(key).metadata.resourceVersion !== object.metadata.resourceVersion) {
        throw new CanaryError('API_CONFLICT', `${key} has changed`);
      }
      return store(key, object);
    },
    async patch(ref, patch, options?: PatchOptions) {
      const key = refKey(ref);
      await ask('patch', key, options?.signal);
      return store(key, applyPatch(existing(key), patch as Operation[]));
    },
    watch: unused,
    remove: unused,
    raw: unused,
  };
  return fake;
};
