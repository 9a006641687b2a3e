/** Server-side apply: merging a manager's wish into the live object, with conflicts and with ownership. */
import type { KubeObject } from '../api/kube.ts';
import { common, compareLeaves, elementOf, type FieldSet, isBelow, leavesOf, splitPath, without } from './field-set.ts';
import type { Fields } from './json.ts';
import { clone, define, equal, isFields, own, textAt } from './json.ts';
import { isSameWriter, type Owner, ownable, readOwners, type Writer, withoutPaths } from './managed.ts';
import type { Shape } from './shapes.ts';
import { failure, type StatusCause } from './status.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Maps merge, keyed lists merge by element, everything else is replaced. */
const merge = (live: unknown, wish: unknown, shape: Shape): unknown => {
  if (isFields(live) && isFields(wish) && !shape.atomic) {
    const result: Fields = { ...live };
    for (const [key, value] of Object.entries(wish))
      define(result, key, merge(own(live, key), value, shape.field(key)));
    return result;
  }
  if (Array.isArray(live) && Array.isArray(wish) && shape.list !== 'atomic') {
    const result = [...(live as unknown[])];
    for (const item of wish as unknown[]) {
      const id = elementOf(item, shape);
      const place = result.findIndex((entry) => elementOf(entry, shape) === id);
      if (place < 0) result.push(clone(item));
      else result[place] = merge(result[place], item, shape.item());
    }
    return result;
  }
  return clone(wish);
};

/** Takes the value at a path of set elements out; containers that become empty with it go too. */
const removeAt = (value: unknown, path: readonly string[], shape: Shape): unknown => {
  const [element, ...rest] = path;
  if (element === undefined) return undefined;
  if (element.startsWith('f:')) {
    const key = element.slice(2);
    if (!isFields(value) || !Object.hasOwn(value, key)) return value;
    const next = rest.length === 0 ? undefined : removeAt(value[key], rest, shape.field(key));
    const { [key]: _gone, ...others } = value;
    const emptied = isFields(next) && Object.keys(next).length === 0;
    if (next === undefined || emptied) return others;
    return Object.fromEntries(Object.keys(value).map((name) => [name, name === key ? next : value[name]]));
  }
  if (!Array.isArray(value)) return value;
  const items = (value as unknown[]).flatMap((item) => {
    if (elementOf(item, shape) !== element) return [item];
    const next = rest.length === 0 ? undefined : removeAt(item, rest, shape.item());
    return next === undefined ? [] : [next];
  });
  return items.length === 0 ? undefined : items;
};

/** `f:spec`, `f:replicas` -> `.spec.replicas`, as conflicts print it. */
const describePath = (path: string): string =>
  splitPath(path)
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const keys = Object.entries(JSON.parse(element.slice(2)) as Fields).map(
        ([key, value]) => `${key}=${JSON.stringify(value)}`,
      );
      return `[${keys.join(',')}]`;
    })
    .join('');

interface Conflict {
  owner: Owner;
  path: string;
}

const describeOwner = (owner: Owner): string => {
  const using = owner.operation === 'Update' ? ` using ${owner.apiVersion}` : '';
  return `"${owner.manager}"${owner.subresource === '' ? '' : ` with subresource "${owner.subresource}"`}${using}`;
};

const conflictError = (conflicts: readonly Conflict[]): Error => {
  const owners = [...new Set(conflicts.map((one) => describeOwner(one.owner)))].sort();
  const pathsOf = (name: string): string[] =>
    conflicts
      .filter((one) => describeOwner(one.owner) === name)
      .map((one) => describePath(one.path))
      .sort();
  const causes: StatusCause[] = owners.flatMap((name) =>
    pathsOf(name).map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })),
  );
  const text = owners.map((name) => {
    const paths = pathsOf(name);
    return paths.length === 1 && owners.length === 1
      ? `with ${name}: ${paths[0] ?? ''}`
      : `with ${name}:\n${paths.map((path) => `- ${path}`).join('\n')}`;
  });
  const count = conflicts.length;
  const message = `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: conflict${count === 1 ? '' : 's'} ${text.join('\nconflicts ')}`;
  return failure(409, 'Conflict', message, { causes });
};

/** Fields that kubectl once applied from the client and that still are as it left them do not conflict with kubectl. */
const yieldsToKubectl = (live: KubeObject, shape: Shape): ReadonlySet<string> => {
  const text = textAt(live, 'metadata', 'annotations', LAST_APPLIED);
  if (text === '') return new Set();
  try {
    const applied = leavesOf(ownable(JSON.parse(text) as KubeObject), shape);
    const present = leavesOf(ownable(live), shape);
    return new Set([...applied].filter(([path, value]) => equal(present.get(path), value)).map(([path]) => path));
  } catch {
    return new Set();
  }
};

/** What a subresource lets an applier own: `status` alone, or all but status. */
const scoped = (wish: KubeObject, writer: Writer, hasStatus: boolean): KubeObject => {
  if (writer.subresource === 'status') {
    return {
      apiVersion: wish.apiVersion,
      kind: wish.kind,
      metadata: { name: wish.metadata.name },
      status: wish['status'] ?? {},
    };
  }
  if (!hasStatus) return wish;
  const { status: _status, ...rest } = wish;
  return rest;
};

const prune = (merged: unknown, gone: FieldSet, kept: readonly Owner[], shape: Shape): unknown => {
  let result = merged;
  // From the top, so that an element goes as a whole, with its defaults, where nobody owns anything in it.
  for (const path of [...gone].sort((a, b) => splitPath(a).length - splitPath(b).length)) {
    const wanted = kept.some((owner) => [...owner.set].some((other) => isBelow(other, path)));
    if (!wanted) result = removeAt(result, splitPath(path), shape) ?? {};
  }
  return result;
};

export interface Applied {
  object: KubeObject;
  owners: Owner[];
}

/**
 * The object and its owners after an apply. Leaves owned by somebody else whose value would change are conflicts (409)
 * unless forced; leaves that this manager applied before and leaves out now go, unless somebody else owns them.
 */
export const applyWish = (
  live: KubeObject | undefined,
  wish: KubeObject,
  writer: Writer,
  options: { shape: Shape; force: boolean; hasStatus: boolean },
): Applied => {
  const { shape } = options;
  const part = scoped(wish, writer, options.hasStatus);
  const { managedFields: _managed, ...metadata } = part.metadata;
  const clean: KubeObject = { ...part, metadata };
  const applied: FieldSet = new Set(leavesOf(ownable(clean), shape).keys());
  const base: KubeObject = live ?? {
    apiVersion: wish.apiVersion,
    kind: wish.kind,
    metadata: { name: wish.metadata.name },
  };
  const merged = merge(base, clean, shape) as KubeObject;

  const owners = readOwners(live);
  const mine = owners.find((owner) => isSameWriter(owner, writer));
  const others = owners.filter((owner) => owner !== mine);
  const { changed } = compareLeaves(leavesOf(ownable(base), shape), leavesOf(ownable(merged), shape));
  let conflicts = others.flatMap((owner) => [...common(owner.set, changed)].map((path) => ({ owner, path })));
  if (writer.manager === 'kubectl' && live !== undefined) {
    const yielding = yieldsToKubectl(live, shape);
    if (conflicts.every((one) => yielding.has(one.path))) conflicts = [];
  }
  if (conflicts.length > 0 && !options.force) throw conflictError(conflicts);

  const left = others.map((owner) => withoutPaths(owner, changed));
  const gone = mine === undefined ? new Set<string>() : without(mine.set, applied);
  const object = prune(merged, gone, [...left, { ...writer, set: applied }], shape) as KubeObject;
  const entry: Owner =
    mine !== undefined && mine.set.size === applied.size && gone.size === 0 ? mine : { ...writer, set: applied };
  return { object, owners: [...left, entry] };
};
