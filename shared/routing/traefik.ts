import { canonicalJson } from '../api/digest.ts';
import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { apexMetadata } from './metadata.ts';
import { liveOf, type RouteContext, type Router } from './router.ts';

const TRAEFIK_SERVICE: Kind = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'TraefikService',
  plural: 'traefikservices',
  namespaced: true,
};

interface WeightedService {
  name: string;
  weight?: number;
  [field: string]: unknown;
}

interface TraefikSpec {
  weighted?: { services?: WeightedService[]; [field: string]: unknown };
  [field: string]: unknown;
}

const refFor = (context: RouteContext): Ref => refTo(TRAEFIK_SERVICE, context.namespace, context.apex);
const specOf = (object: KubeObject): TraefikSpec => (object['spec'] ?? {}) as TraefikSpec;

const parse = (context: RouteContext, objects: Objects): Routes | undefined | { problem: string } => {
  const live = liveOf(objects, refFor(context));
  if (!live) return undefined;
  const services = specOf(live).weighted?.services ?? [];
  if (services.length === 0) return { problem: `TraefikService ${context.apex}.${context.namespace} services not found` };
  const canary = services.find((service) => service.name === context.canaryName);
  // A user's own object that we have not touched yet sends nothing to the canary.
  if (!canary) return { primary: 100, canary: 0, mirrored: false };
  const primary = percentOf(services.find((service) => service.name === context.primary)?.weight);
  return { primary, canary: 100 - primary, mirrored: false };
};

/** Whatever stands there, a percentage; nothing counts as no traffic. */
const percentOf = (weight: unknown): number =>
  typeof weight === 'number' && Number.isFinite(weight) ? Math.max(0, Math.min(Math.round(weight), 100)) : 0;

/** A side without traffic is left out: Traefik reads a missing weight as 1. */
const servicesFor = (context: RouteContext, routes: Routes, live: readonly WeightedService[]): WeightedService[] => {
  const port = context.canary.spec.service?.port;
  const entry = (name: string, weight: number): WeightedService[] =>
    weight === 0 ? [] : [{ ...live.find((one) => one.name === name), name, namespace: context.namespace, port, weight }];
  return [...entry(context.primary, routes.primary), ...entry(context.canaryName, routes.canary)];
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const ref = refFor(context);
  const live = liveOf(objects, ref);
  if (!live) {
    const object: KubeObject = {
      apiVersion: TRAEFIK_SERVICE.apiVersion,
      kind: TRAEFIK_SERVICE.kind,
      metadata: { name: ref.name, namespace: ref.namespace, ...apexMetadata(context), ownerReferences: [context.owner] },
      spec: { weighted: { services: servicesFor(context, routes, []) } },
    };
    return { writes: [{ do: 'create', ref, object }] };
  }
  const { weighted, ...rest } = specOf(live);
  if (Object.keys(rest).length > 0) {
    const kinds = Object.keys(rest).join(', ');
    return { problem: `TraefikService ${ref.name}.${ref.namespace} is of type ${kinds}; it must be a weighted one` };
  }
  const services = servicesFor(context, routes, weighted?.services ?? []);
  if (canonicalJson(services) === canonicalJson(weighted?.services ?? [])) return { writes: [] };
  return { writes: [{ do: 'replace', ref, object: { ...live, spec: { weighted: { ...weighted, services } } } }] };
};

/** Traefik: a weighted TraefikService named as the apex, which the user's IngressRoute points at. */
export const traefik: Router = {
  providers: ['traefik'],
  capabilities: {
    weights: true,
    match: [],
    mirror: 'none',
    mirrorWeight: false,
    sessionAffinity: 'none',
    iterationsOnly: false,
    retired: false,
  },
  refs: (context) => [refFor(context)],
  parse,
  render,
  finalise: () => ({ writes: [] }),
};
