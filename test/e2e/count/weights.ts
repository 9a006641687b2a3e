/** What a data plane was told, and when: the canary's weight as it stood in the provider's own object. */
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import type { Cache } from '../../../shared/engine/ports.ts';

export interface Weighted {
  /** Milliseconds since 1970 at which the object was seen. */
  readonly at: number;
  /** Percent of everybody's requests. */
  readonly canary: number;
  /** Percent of the requests that the first of several rules picks out; 0 when there is one rule for all. */
  readonly matched: number;
  readonly mirrored: boolean;
}

export type Reading = Omit<Weighted, 'at'>;

export interface RouteReading {
  readonly kind: Kind;
  /** Undefined while the object says nothing about the two sides. */
  read(object: KubeObject): Reading | undefined;
}

/** The changes so far, oldest first; two that follow each other differ. */
export type Weights = readonly Weighted[];

const isSame = (one: Reading, other: Reading): boolean =>
  one.canary === other.canary && one.matched === other.matched && one.mirrored === other.mirrored;

/** Watches the object `name` of a namespace from here on. */
export const watchWeights = async (
  cache: Cache,
  reading: RouteReading,
  where: { readonly namespace: string; readonly name: string },
): Promise<Weights> => {
  const seen: Weighted[] = [];
  const look = (object: KubeObject): void => {
    const { name, namespace } = object.metadata;
    if (name !== where.name || namespace !== where.namespace) return;
    const now = reading.read(object);
    const before = seen.at(-1);
    if (now === undefined || (before !== undefined && isSame(before, now))) return;
    seen.push({ at: Date.now(), ...now });
  };
  cache.onChange((kind, object, change) => {
    if (kind.kind === reading.kind.kind && change === 'set') look(object);
  });
  for (const object of await cache.list(reading.kind)) look(object);
  return seen;
};
