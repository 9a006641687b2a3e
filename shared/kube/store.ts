import type { KubeObject } from '../api/kube.ts';
import type { ObjectList, WatchEvent } from '../engine/ports.ts';
import { compareVersions, isOlder, versionOf } from './versions.ts';

/** What listeners are told. */
export interface Notice {
  readonly object: KubeObject;
  readonly change: 'set' | 'deleted';
}

type ObjectEvent = Exclude<WatchEvent, { type: 'BOOKMARK' }>;

/**
 * The objects of one kind as a watch and our own writes tell of them, whichever comes first. The newest version wins;
 * what was deleted does not come back through a late event. The exact echo of a write of ours is not announced, but a
 * change of somebody else that our write went over is.
 */
export interface Store {
  get(namespace: string, name: string): KubeObject | undefined;
  all(): KubeObject[];
  inNamespace(namespace: string): KubeObject[];
  readonly size: number;
  /** The answer to a write of ours. */
  put(object: KubeObject): void;
  /** We deleted it. `now` is monotonic. */
  drop(namespace: string, name: string, now: number): void;
  apply(event: ObjectEvent, now: number): Notice[];
  /** A complete list: what it lacks is gone, unless we wrote it after the list was made. */
  replace(list: ObjectList, now: number): Notice[];
  /** Everything is gone: the kind itself is no longer served. */
  clear(): Notice[];
}

interface Entry {
  object: KubeObject;
  /** Versions that our writes made and the watch has not told yet. */
  readonly echoes: Set<string>;
}

interface Tombstone {
  readonly uid: string | undefined;
  readonly version: string;
  readonly until: number;
}

/** Entries by `namespace/name`; by namespace too from when somebody first asks for one. */
class Entries extends Map<string, Entry> {
  #byNamespace: Map<string, Set<string>> | undefined;

  override set(key: string, entry: Entry): this {
    if (this.#byNamespace !== undefined && !this.has(key)) this.#index(this.#byNamespace, key);
    return super.set(key, entry);
  }

  override delete(key: string): boolean {
    this.#byNamespace?.get(namespaceIn(key))?.delete(key);
    return super.delete(key);
  }

  override clear(): void {
    this.#byNamespace = undefined;
    super.clear();
  }

  inNamespace(namespace: string): KubeObject[] {
    if (this.#byNamespace === undefined) {
      this.#byNamespace = new Map();
      for (const key of this.keys()) this.#index(this.#byNamespace, key);
    }
    const found: KubeObject[] = [];
    for (const key of this.#byNamespace.get(namespace) ?? []) {
      const entry = this.get(key);
      if (entry !== undefined) found.push(entry.object);
    }
    return found;
  }

  #index(byNamespace: Map<string, Set<string>>, key: string): void {
    const namespace = namespaceIn(key);
    const keys = byNamespace.get(namespace) ?? new Set<string>();
    byNamespace.set(namespace, keys.add(key));
  }
}

/** Longer than any event is late. */
const TOMBSTONE_MS = 60_000;

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;
const namespaceIn = (key: string): string => key.slice(0, key.indexOf('/'));
const keyFor = (object: KubeObject): string => keyOf(object.metadata.namespace ?? '', object.metadata.name);
const setTo = (object: KubeObject): Notice => ({ object, change: 'set' });
const gone = (object: KubeObject): Notice => ({ object, change: 'deleted' });

/** Remembers what was deleted for as long as events about it may still come. */
interface Graveyard {
  bury(key: string, object: KubeObject, now: number): void;
  /** True when `object` is the one that was deleted; one that is still being deleted exists after all. */
  holds(key: string, object: KubeObject, now: number): boolean;
  /** True when the last that was deleted under `key` was this very object, at whatever version. */
  knows(key: string, object: KubeObject): boolean;
}

const createGraveyard = (): Graveyard => {
  const stones = new Map<string, Tombstone>();
  return {
    bury(key, object, now) {
      for (const [old, stone] of stones) {
        if (stone.until > now) break;
        stones.delete(old);
      }
      stones.delete(key);
      stones.set(key, { uid: object.metadata.uid, version: versionOf(object), until: now + TOMBSTONE_MS });
    },
    holds(key, object, now) {
      const stone = stones.get(key);
      if (stone === undefined || stone.until <= now) return false;
      if (stone.uid === object.metadata.uid) return object.metadata.deletionTimestamp === undefined;
      return isOlder(versionOf(object), stone.version);
    },
    knows(key, object) {
      const stone = stones.get(key);
      return stone !== undefined && stone.uid === object.metadata.uid;
    },
  };
};

/** Takes the versions up to `version` off the list of those that are still to be told. True when it was one of them. */
const settleEcho = (entry: Entry, version: string): boolean => {
  const own = entry.echoes.has(version);
  for (const echo of entry.echoes) if (echo === version || isOlder(echo, version)) entry.echoes.delete(echo);
  return own;
};

const applySet = (entries: Map<string, Entry>, key: string, object: KubeObject): Notice[] => {
  const entry = entries.get(key);
  if (entry === undefined) {
    entries.set(key, { object, echoes: new Set() });
    return [setTo(object)];
  }
  const version = versionOf(object);
  const own = settleEcho(entry, version);
  const order = compareVersions(version, versionOf(entry.object));
  if (order === 0) return [];
  if (order !== undefined && order < 0) return own || entry.echoes.size === 0 ? [] : [setTo(entry.object)];
  const before = entry.object;
  entry.object = object;
  return before.metadata.uid === object.metadata.uid ? [setTo(object)] : [gone(before), setTo(object)];
};

interface Shelf {
  readonly entries: Map<string, Entry>;
  readonly graveyard: Graveyard;
}

const remove = ({ entries, graveyard }: Shelf, key: string, object: KubeObject, now: number): void => {
  entries.delete(key);
  graveyard.bury(key, object, now);
};

const applyDeleted = (shelf: Shelf, key: string, object: KubeObject, now: number): Notice[] => {
  const entry = shelf.entries.get(key);
  const own = shelf.graveyard.knows(key, object);
  if (entry !== undefined && entry.object.metadata.uid !== object.metadata.uid) {
    const recreated = !isOlder(versionOf(entry.object), versionOf(object));
    if (recreated) return [];
  }
  remove(shelf, key, object, now);
  return entry === undefined && own ? [] : [gone(object)];
};

const put = ({ entries, graveyard }: Shelf, object: KubeObject): void => {
  const key = keyFor(object);
  const version = versionOf(object);
  if (version === '' || graveyard.knows(key, object)) return;
  const entry = entries.get(key);
  if (entry === undefined) return void entries.set(key, { object, echoes: new Set([version]) });
  const order = compareVersions(version, versionOf(entry.object));
  if (order !== undefined && order <= 0) return;
  entry.object = object;
  entry.echoes.add(version);
};

/** After a gap nobody knows whose changes a version holds: what we wrote ourselves is announced too. */
const replaceOne = (entries: Map<string, Entry>, key: string, object: KubeObject): Notice[] => {
  const entry = entries.get(key);
  const untold = entry !== undefined && entry.echoes.size > 0;
  const notices = applySet(entries, key, object);
  entry?.echoes.clear();
  return notices.length === 0 && untold ? [setTo(entry.object)] : notices;
};

const replaceAll = (shelf: Shelf, { items, resourceVersion }: ObjectList, now: number): Notice[] => {
  const { entries, graveyard } = shelf;
  const listed = new Map(items.map((object) => [keyFor(object), object]));
  const lacking = [...entries].filter(
    ([key, { object }]) => !listed.has(key) && !isOlder(resourceVersion, versionOf(object)),
  );
  for (const [key, { object }] of lacking) remove(shelf, key, object, now);
  const present = [...listed].filter(([key, object]) => !graveyard.holds(key, object, now));
  return [
    ...lacking.map(([, { object }]) => gone(object)),
    ...present.flatMap(([key, object]) => replaceOne(entries, key, object)),
  ];
};

/** An empty store. Objects go in as they are: make them lean before. */
export const createStore = (): Store => {
  const entries = new Entries();
  const shelf: Shelf = { entries, graveyard: createGraveyard() };
  return {
    get: (namespace, name) => entries.get(keyOf(namespace, name))?.object,
    all: () => [...entries.values()].map((entry) => entry.object),
    inNamespace: (namespace) => entries.inNamespace(namespace),
    get size() {
      return entries.size;
    },
    put: (object) => put(shelf, object),
    drop(namespace, name, now) {
      const key = keyOf(namespace, name);
      const entry = entries.get(key);
      if (entry !== undefined) remove(shelf, key, entry.object, now);
    },
    apply({ type, object }, now) {
      const key = keyFor(object);
      if (type === 'DELETED') return applyDeleted(shelf, key, object, now);
      return shelf.graveyard.holds(key, object, now) ? [] : applySet(entries, key, object);
    },
    replace: (list, now) => replaceAll(shelf, list, now),
    clear() {
      const notices = [...entries.values()].map((entry) => gone(entry.object));
      entries.clear();
      return notices;
    },
  };
};
