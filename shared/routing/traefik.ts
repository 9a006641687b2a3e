import { type Kind, type Ref, refTo } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { apexMetadata } from './metadata.ts';
import { ensured, restored } from './ownership.ts';
import { liveOf, type RouteContext, type Router } from './router.ts';
import { type Fields, fieldsOf, itemsOf, numberOf, specOf, without } from './shape.ts';

const TRAEFIK_SERVICE: Kind = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'TraefikService',
  plural: 'traefikservices',
  namespaced: true,
};

const refFor = (context: RouteContext): Ref => refTo(TRAEFIK_SERVICE, context.namespace, context.apex);
const servicesIn = (spec: Fields): readonly Fields[] => itemsOf(fieldsOf(spec['weighted'])['services']);

const parse = (context: RouteContext, objects: Objects): Routes | undefined | { problem: string } => {
  const live = liveOf(objects, refFor(context));
  if (!live) return undefined;
  const services = servicesIn(specOf(live));
  if (services.length === 0)
    return { problem: `TraefikService ${context.apex}.${context.namespace} services not found` };
  const canary = services.find((service) => service['name'] === context.canaryName);
  // A user's own object that we have not touched yet sends nothing to the canary.
  if (!canary) return { primary: 100, canary: 0, mirrored: false };
  const primary = percentOf(services.find((service) => service['name'] === context.primary)?.['weight']);
  return { primary, canary: 100 - primary, mirrored: false };
};

/** Whatever stands there, a percentage; nothing counts as no traffic. */
const percentOf = (weight: unknown): number => Math.max(0, Math.min(Math.round(numberOf(weight) ?? 0), 100));

/** A side without traffic is left out: Traefik reads a missing weight as 1. */
const servicesFor = (context: RouteContext, routes: Routes, live: readonly Fields[]): Fields[] => {
  const port = context.canary.spec.service?.port;
  const entry = (name: string, weight: number): Fields[] =>
    weight === 0
      ? []
      : [{ ...live.find((one) => one['name'] === name), name, namespace: context.namespace, port, weight }];
  return [...entry(context.primary, routes.primary), ...entry(context.canaryName, routes.canary)];
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const ref = refFor(context);
  const live = liveOf(objects, ref);
  if (!live) {
    const spec = { weighted: { services: servicesFor(context, routes, []) } };
    return { writes: ensured(context, live, { ref, spec, metadata: apexMetadata(context) }) };
  }
  const kinds = Object.keys(without(specOf(live), 'weighted')).join(', ');
  if (kinds !== '') {
    return { problem: `TraefikService ${ref.name}.${ref.namespace} is of type ${kinds}; it must be a weighted one` };
  }
  const services = servicesFor(context, routes, servicesIn(specOf(live)));
  const weighted = { ...fieldsOf(specOf(live)['weighted']), services };
  return { writes: ensured(context, live, { ref, spec: { weighted }, isRouted: isRouted(context) }) };
};

const isRouted =
  (context: RouteContext) =>
  (spec: Fields): boolean =>
    servicesIn(spec).some(({ name }) => name === context.primary || name === context.canaryName);

/** A user's TraefikService is given back; one whose first form nobody knows leads to the apex Service. */
const finalise = (context: RouteContext, objects: Objects): Rendered => {
  const ref = refFor(context);
  const apex = {
    name: context.apex,
    namespace: context.namespace,
    port: context.canary.spec.service?.port,
    weight: 100,
  };
  const toApex = (spec: Fields): Fields => ({ ...spec, weighted: { ...fieldsOf(spec['weighted']), services: [apex] } });
  return { writes: restored(context, liveOf(objects, ref), { ref, isRouted: isRouted(context), toApex }) };
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
  finalise,
};
