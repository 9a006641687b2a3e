/** What a data plane was told, and when: the canary's weight as it stood in the provider's own object. */
import { type Kind, type KubeObject, refTo } from '../../../shared/api/kube.ts';
import type { Cache, Kube } from '../../../shared/engine/ports.ts';
import { eventually } from '../../apiserver/control-plane/eventually.ts';

export interface Weighted {
  /** Milliseconds since 1970 at which the object was seen; on a busy machine that may be late. */
  readonly at: number;
  /** When it was written, rounded down to a second; nobody can have followed it before. */
  readonly written: number;
  /** When the data plane was seen to do so, where it can be asked; infinite until then. */
  readonly followed?: number;
  /** Percent of everybody's requests. */
  readonly canary: number;
  /** Percent of the requests that the first of several rules picks out; 0 when there is one rule for all. */
  readonly matched: number;
  readonly mirrored: boolean;
}

export type Reading = Omit<Weighted, 'at' | 'written' | 'followed'>;

export interface RouteReading {
  readonly kind: Kind;
  /** Undefined while the object says nothing about the two sides. */
  read(object: KubeObject): Reading | undefined;
}

/** The changes so far, oldest first; two that follow each other differ. */
export type Weights = readonly Weighted[];

const isSame = (one: Reading, other: Reading): boolean =>
  one.canary === other.canary && one.matched === other.matched && one.mirrored === other.mirrored;

interface FieldsEntry {
  readonly time?: string;
  readonly subresource?: string;
}

/** When the API server last took in a change other than of the status, milliseconds since 1970. */
const writtenAt = ({ metadata }: KubeObject): number => {
  const entries = (metadata.managedFields ?? []) as readonly FieldsEntry[];
  return Math.max(
    ...entries.filter(({ subresource }) => subresource === undefined).map(({ time = '' }) => Date.parse(time)),
  );
};

type Entry = { -readonly [Field in keyof Weighted]: Weighted[Field] };

export interface Watched {
  readonly cache: Cache;
  readonly kube: Kube;
  /** What the data plane does right now, where it can be asked. */
  readonly doing?: () => Promise<Reading | undefined>;
}

const LOOK_MS = 25;

/** Notes when the data plane does what was written, unless something else is written before. */
const noteFollowing = async (entry: Entry, seen: readonly Entry[], doing: () => Promise<Reading | undefined>) => {
  const look = async (): Promise<boolean> => {
    const now = await doing();
    const follows = now !== undefined && isSame(now, entry);
    if (follows) entry.followed = Date.now();
    return follows || seen.at(-1) !== entry;
  };
  await eventually(look, { what: `the data plane to follow weight ${entry.canary}`, everyMs: LOOK_MS });
};

/** Watches the object of that name and namespace from here on. */
export const watchWeights = async (
  { cache, kube, doing }: Watched,
  reading: RouteReading,
  where: { readonly namespace: string; readonly name: string },
): Promise<Weights> => {
  const seen: Entry[] = [];
  /** The cache keeps no managed fields. */
  const stamp = async (entry: { written: number }): Promise<void> => {
    const object = await kube.get(refTo(reading.kind, where.namespace, where.name));
    entry.written = Math.min(entry.written, writtenAt(object));
  };
  const look = (object: KubeObject): void => {
    const { name, namespace } = object.metadata;
    if (name !== where.name || namespace !== where.namespace) return;
    const now = reading.read(object);
    const before = seen.at(-1);
    if (now === undefined || (before !== undefined && isSame(before, now))) return;
    const entry: Entry = { at: Date.now(), written: Date.now(), ...now };
    seen.push(entry);
    // Without it the time at which the change was seen stands.
    stamp(entry).catch(() => undefined);
    if (doing === undefined) return;
    entry.followed = Number.POSITIVE_INFINITY;
    // What was never followed is never counted, which shows.
    noteFollowing(entry, seen, doing).catch(() => undefined);
  };
  cache.onChange((kind, object, change) => {
    if (kind.kind === reading.kind.kind && change === 'set') look(object);
  });
  for (const object of await cache.list(reading.kind)) look(object);
  return seen;
};
