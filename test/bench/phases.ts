/** Follows objects of a kind through a watch, and waits for what they become. */
import type { Kind, KubeObject } from '../../shared/api/kube.ts';
import type { Kube } from '../../shared/engine/ports.ts';
import { createCache } from '../../shared/kube/cache.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { silentLog } from '../../shared/platform/log.ts';
import { systemRandom } from '../../shared/platform/random.ts';

export interface Following {
  /**
   * Resolves once an object of this name in each of these namespaces has been seen to pass `test`, with the time of
   * that (milliseconds since 1970) by namespace. Rejects after `seconds`.
   */
  all(wish: Wish): Promise<ReadonlyMap<string, number>>;
  /** Calls `look` with every state of every object from now on. Returns how to stop. */
  each(look: (object: KubeObject) => void): () => void;
  stop(): void;
}

export interface Wish {
  readonly what: string;
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly test: (object: KubeObject) => boolean;
  readonly seconds: number;
}

/** Starts to watch every object of the kind. */
export const follow = async (kube: Kube, kind: Kind): Promise<Following> => {
  const cache = createCache({ kube, clock: systemClock, random: systemRandom, log: silentLog });
  await cache.list(kind);
  return {
    all: ({ what, name, namespaces, test, seconds }) =>
      new Promise((resolve, reject) => {
        const left = new Set(namespaces);
        const seen = new Map<string, number>();
        const end = (): void => {
          clearTimeout(timer);
          stop();
        };
        const look = (object: KubeObject): void => {
          const { namespace = '' } = object.metadata;
          if (object.metadata.name !== name || !left.has(namespace) || !test(object)) return;
          left.delete(namespace);
          seen.set(namespace, Date.now());
          if (left.size > 0) return;
          end();
          resolve(seen);
        };
        const stop = cache.onChange((changed, object) => changed.plural === kind.plural && look(object));
        const timer = setTimeout(() => {
          end();
          reject(new Error(`${what}: ${left.size} of ${namespaces.length} not within ${seconds} s`));
        }, seconds * 1000);
        cache.list(kind).then((objects) => objects.forEach(look), reject);
      }),
    each: (look) => cache.onChange((changed, object) => changed.plural === kind.plural && look(object)),
    stop: () => cache.close(),
  };
};

/** The Canary is in this phase. */
export const inPhase =
  (phase: string) =>
  (canary: KubeObject): boolean =>
    (canary['status'] as { phase?: string } | undefined)?.phase === phase;

interface DeploymentParts {
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/** Every pod of the Deployment is of its present revision and ready, as `kubectl rollout status` sees it. */
export const isRolledOut = (deployment: KubeObject): boolean => {
  const { spec, status } = deployment as unknown as DeploymentParts;
  const wanted = spec.replicas ?? 1;
  return (
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0) &&
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted
  );
};
