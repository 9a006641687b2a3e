import { type Ref, refTo } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { apexMetadata } from './metadata.ts';
import { BY_PROXY, count, type Observer, p99 } from './observer.ts';
import { ensured, restored } from './ownership.ts';
import { withoutNamedPorts } from './ports.ts';
import { liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { type Fields, fieldsOf, itemsOf, numberOf, specOf, without } from './shape.ts';
import { isOurs, type LiveServices, markOf, portsFor, stickyOf } from './traefik-affinity.ts';
import { isCopying, leadsToMirror, mirrorProblem, mirrorRef, mirrorWrites, TRAEFIK_SERVICE } from './traefik-mirror.ts';

const refFor = (context: RouteContext): Ref => refTo(TRAEFIK_SERVICE, context.namespace, context.apex);
const servicesIn = (spec: Fields): readonly Fields[] => itemsOf(fieldsOf(spec['weighted'])['services']);
const named = (services: readonly Fields[], name: string): Fields | undefined =>
  services.find((service) => service['name'] === name);

const parse = (context: RouteContext, objects: Objects): Routes | undefined | { problem: string } => {
  const live = liveOf(objects, refFor(context));
  if (!live) return undefined;
  const services = servicesIn(specOf(live));
  if (services.length === 0)
    return {
      problem: `TraefikService ${context.apex}.${context.namespace} services not found`,
    };
  const { primary, percent } = liveServices(context, services);
  return {
    primary: 100 - percent,
    canary: percent,
    mirrored: leadsToMirror(primary) && isCopying(context, objects),
  };
};

/** A user's own object that we have not touched yet sends nothing to the canary. */
const liveServices = (context: RouteContext, services: readonly Fields[]): LiveServices => {
  const primary = named(services, context.primary);
  const canary = named(services, context.canaryName);
  return {
    primary,
    canary,
    percent: canary ? 100 - percentOf(primary?.['weight']) : 0,
  };
};

/** Whatever stands there, a percentage; nothing counts as no traffic. */
const percentOf = (weight: unknown): number => Math.max(0, Math.min(Math.round(numberOf(weight) ?? 0), 100));

/** Both Services without weights. How they are talked to, users may have said of the apex or of one side only. */
const targets = (context: RouteContext, routes: Routes, live: readonly Fields[]) => {
  const found = liveServices(context, live);
  const ports = portsFor(context.canary, routes, found);
  const apex = named(live, context.apex);
  const target = (name: string, port: number | string | undefined, ...like: (Fields | undefined)[]): Fields => ({
    ...without(like.find((one) => one !== undefined) ?? {}, 'kind', 'weight'),
    name,
    namespace: context.namespace,
    port,
  });
  return {
    primary: target(context.primary, ports.primary, found.primary, found.canary, apex),
    canary: target(context.canaryName, ports.canary, found.canary, found.primary, apex),
  };
};

type Targets = ReturnType<typeof targets>;

/** A side without traffic is left out: Traefik reads a missing weight as 1. */
const weightedServices = ({ primary, canary }: Targets, routes: Routes): Fields[] => {
  const kind = routes.mirrored ? { kind: TRAEFIK_SERVICE.kind } : {};
  return [
    ...(routes.primary > 0 ? [{ ...primary, ...kind, weight: routes.primary }] : []),
    ...(routes.canary > 0 ? [{ ...canary, weight: routes.canary }] : []),
  ];
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const ref = refFor(context);
  const live = liveOf(objects, ref);
  const before = specOf(live);
  const kinds = Object.keys(without(before, 'weighted')).join(', ');
  if (kinds !== '') {
    return {
      problem: `TraefikService ${ref.name}.${ref.namespace} is of type ${kinds}; it must be a weighted one`,
    };
  }
  const problem = mirrorProblem(context, routes, objects);
  if (problem !== undefined) return { problem };
  const both = targets(context, routes, servicesIn(before));
  const weighted = {
    ...frame(context, objects),
    services: weightedServices(both, routes),
  };
  const metadata = live ? { annotations: markOf(context.canary) } : withMark(context);
  const main = ensured(context, live, {
    ref,
    spec: { weighted },
    metadata,
    isRouted: isRouted(context),
  });
  const second = mirrorWrites(context, objects, routes.mirrored ? both : undefined);
  // What is named must be there first, and may change only when it is named no longer.
  return {
    writes: routes.mirrored ? [...second, ...main] : [...main, ...second],
  };
};

const withMark = (context: RouteContext) => {
  const { annotations, ...labels } = apexMetadata(context);
  return {
    ...labels,
    annotations: { ...annotations, ...markOf(context.canary) },
  };
};

/** What stands beside the services: users' own, but for the cookie that the Canary asks for, or no longer does. */
const frame = (context: RouteContext, objects: Objects): Fields => {
  const live = liveOf(objects, refFor(context));
  const { services: _, sticky, ...others } = fieldsOf(specOf(live)['weighted']);
  const found = isOurs(sticky, live?.metadata.annotations) ? undefined : sticky;
  const wanted = stickyOf(context.canary) ?? found;
  return { ...others, ...(wanted !== undefined && { sticky: wanted }) };
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
  const toApex = (spec: Fields): Fields => ({
    ...spec,
    weighted: { ...fieldsOf(spec['weighted']), services: [apex] },
  });
  return {
    writes: restored(context, liveOf(objects, ref), {
      ref,
      isRouted: isRouted(context),
      toApex,
    }),
  };
};

// Objects are named after the Service, not the target.
const SERIES = 'service=~"{{ namespace }}-{{ service }}-canary-[0-9a-zA-Z-]+@kubernetescrd"';
const BUCKET = 'traefik_service_request_duration_seconds_bucket';

const OBSERVER: Observer = {
  ...BY_PROXY,
  successRate:
    ` sum( rate( ${BUCKET}{ ${SERIES}, code!~"5..", le="+Inf" }[{{ interval }}] ) )` +
    ` / sum( rate( ${BUCKET}{ ${SERIES}, le="+Inf" }[{{ interval }}] ) ) * 100`,
  duration: p99(BUCKET, SERIES, ' * 1000'),
  requests: count(BUCKET, `${SERIES}, le="+Inf"`),
};

/** Traefik: a weighted TraefikService named as the apex, which the user's IngressRoute points at. */
export const traefik: Router = {
  provider: 'traefik',
  capabilities: {
    ...WEIGHTS_ONLY,
    mirror: 'always',
    mirrorWeight: true,
    sessionAffinity: 'own-cookies',
  },
  limits: withoutNamedPorts,
  observer: () => OBSERVER,
  refs: (context) => [refFor(context), mirrorRef(context)],
  parse,
  render,
  finalise,
};
