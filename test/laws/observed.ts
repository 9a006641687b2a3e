import type { Canary } from '../../shared/api/canary.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import { refKey } from '../../shared/api/kube.ts';
import type { LiveRoutes } from '../../shared/api/model.ts';
import { routerOf } from '../../shared/routing/index.ts';
import type { RouteContext, Router } from '../../shared/routing/router.ts';
import { NAMESPACE, type Plan } from './plan.ts';
import type { Seen, World } from './world.ts';

/** What the world looked like right after one change. */
export interface Moment {
  readonly at: number;
  readonly change: Seen;
  readonly target: KubeObject | undefined;
  readonly primary: KubeObject | undefined;
  readonly apex: KubeObject | undefined;
  readonly canary: Canary | undefined;
  /** Percent that the live routes send to the canary; undefined: nothing splits traffic yet. */
  readonly weight: number | undefined;
  /** The live routes send copies of requests to the canary. */
  readonly mirrored: boolean;
}

const contextOf = (canary: Canary): RouteContext => ({
  canary,
  namespace: NAMESPACE,
  apex: 'podinfo',
  primary: 'podinfo-primary',
  canaryName: 'podinfo-canary',
  selectorLabel: 'app',
  owner: {
    apiVersion: canary.apiVersion,
    kind: canary.kind,
    name: canary.metadata.name,
    uid: canary.metadata.uid ?? '',
  },
  settings: { ingressAnnotationsPrefix: 'nginx.ingress.kubernetes.io', ingressClass: '' },
});

const routesIn = (
  router: Router,
  canary: Canary | undefined,
  objects: ReadonlyMap<string, KubeObject>,
): LiveRoutes | undefined => {
  if (canary === undefined || router.capabilities.iterationsOnly) return undefined;
  const context = contextOf(canary);
  const live = new Map(router.refs(context).map((ref) => [refKey(ref), objects.get(`${ref.kind.kind}/${ref.name}`)]));
  const routes = router.parse(context, live);
  if (routes === undefined) return undefined;
  if ('problem' in routes) throw new Error(routes.problem);
  return routes;
};

/** The history of the world as a list of moments. */
export const momentsOf = ({ seen }: World, plan: Plan): Moment[] => {
  const objects = new Map<string, KubeObject>();
  const router = routerOf(plan.provider) as Router;
  const get = <T extends KubeObject>(key: string): T | undefined => objects.get(key) as T | undefined;
  return seen.map((change) => {
    const key = `${change.object.kind}/${change.object.metadata.name}`;
    if (change.type === 'DELETED') objects.delete(key);
    else objects.set(key, change.object);
    const canary = get<Canary>('Canary/podinfo');
    const routes = routesIn(router, canary, objects);
    return {
      at: change.at,
      change,
      target: get('Deployment/podinfo'),
      primary: get('Deployment/podinfo-primary'),
      apex: get('Service/podinfo'),
      canary,
      weight: routes?.canary,
      mirrored: routes?.mirrored === true,
    };
  });
};

interface Counts {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
}

const countsOf = (object: KubeObject | undefined): Counts => object?.['status'] ?? {};
export const replicasOf = (object: KubeObject | undefined): number =>
  (object?.['spec'] as { replicas?: number } | undefined)?.replicas ?? 0;

/** At least one pod could answer. */
export const isServing = (object: KubeObject | undefined): boolean => (countsOf(object).availableReplicas ?? 0) > 0;

/** The present template runs in all replicas, and enough of them can answer. */
export const isReady = (object: KubeObject | undefined, thresholdPercent: number): boolean => {
  const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0 } = countsOf(object);
  const wanted = replicasOf(object);
  return (
    observedGeneration >= (object?.metadata.generation ?? 0) &&
    wanted > 0 &&
    updatedReplicas >= wanted &&
    availableReplicas >= Math.max(1, Math.ceil((wanted * thresholdPercent) / 100))
  );
};

export const imageOf = (object: KubeObject | undefined): string | undefined => {
  const spec = object?.['spec'] as { template?: { spec?: { containers?: { image?: string }[] } } } | undefined;
  return spec?.template?.spec?.containers?.[0]?.image;
};

export const selectorOf = (object: KubeObject | undefined): string | undefined =>
  (object?.['spec'] as { selector?: Record<string, string> } | undefined)?.selector?.['app'];
