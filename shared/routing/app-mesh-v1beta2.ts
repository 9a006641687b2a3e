import { parseGoDuration } from '../api/duration.ts';
import { type Kind, type Ref, refTo } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import {
  backendNames,
  CAPABILITIES,
  gatewayMetadata,
  nodeMetadata,
  observer,
  type Part,
  type Plan,
  plansOf,
  prefixOf,
  protocolOf,
  restorations,
  retriesOf,
  targetsIn,
  weightsIn,
  writesFor,
} from './app-mesh-parts.ts';
import { unmatchable } from './match.ts';
import { liveOf, type RouteContext, type Router } from './router.ts';
import { type Fields, fieldsOf, specOf } from './shape.ts';

const kindOf = (kind: string): Kind => ({
  apiVersion: 'appmesh.k8s.aws/v1beta2',
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
});

const VIRTUAL_NODE = kindOf('VirtualNode');
const VIRTUAL_ROUTER = kindOf('VirtualRouter');
const VIRTUAL_SERVICE = kindOf('VirtualService');

const refs = (context: RouteContext): readonly Ref[] => {
  const { apex, primary, canaryName, namespace } = context;
  return [
    ...[primary, canaryName].map((name) => refTo(VIRTUAL_NODE, namespace, name)),
    ...[apex, canaryName].flatMap((name) =>
      [VIRTUAL_ROUTER, VIRTUAL_SERVICE].map((kind) => refTo(kind, namespace, name)),
    ),
  ];
};

const parse = (context: RouteContext, objects: Objects): Routes | undefined => {
  const { routes } = specOf(liveOf(objects, refTo(VIRTUAL_ROUTER, context.namespace, context.apex))) as {
    routes?: unknown;
  };
  return weightsIn(
    targetsIn(routes, 'httpRoute', context.apex),
    (target) => fieldsOf(target['virtualNodeRef'])['name'] === context.canaryName,
  );
};

/** The time that one request may take, as App Mesh writes it. */
const perRequest = ({ canary }: RouteContext): Fields | undefined => {
  const ms = parseGoDuration(canary.spec.service?.timeout ?? '');
  return ms === undefined ? undefined : { perRequest: { unit: 'ms', value: ms } };
};

const portMapping = (context: RouteContext): Fields => {
  const { port, targetPort } = context.canary.spec.service ?? {};
  return { port: typeof targetPort === 'number' && targetPort > 0 ? targetPort : port, protocol: protocolOf(context) };
};

/** Its pods are told by their label, and get their proxy as they start. */
const node = (context: RouteContext, name: string, pods: string | undefined): Part => {
  const timeout = perRequest(context);
  const backends = backendNames(context).map((backend) => ({
    virtualService: backend.startsWith('arn:aws')
      ? { virtualServiceARN: backend }
      : { virtualServiceRef: { name: backend } },
  }));
  const { selectorLabel } = context;
  const podSelector = selectorLabel === undefined ? undefined : { matchLabels: { [selectorLabel]: pods } };
  return {
    ref: refTo(VIRTUAL_NODE, context.namespace, name),
    metadata: nodeMetadata(context),
    spec: {
      podSelector,
      listeners: [{ portMapping: portMapping(context), timeout: timeout && { http: timeout } }],
      serviceDiscovery: { dns: { hostname: `${name}.${context.namespace}.svc.cluster.local.` } },
      backends: backends.length > 0 ? backends : undefined,
    },
  };
};

const routerPart = (context: RouteContext, name: string, plans: readonly Plan[]): Part => ({
  ref: refTo(VIRTUAL_ROUTER, context.namespace, name),
  spec: { listeners: [{ portMapping: portMapping(context) }], routes: plans.map((plan) => route(context, plan)) },
});

const servicePart = (context: RouteContext, name: string): Omit<Part, 'metadata'> => ({
  ref: refTo(VIRTUAL_SERVICE, context.namespace, name),
  spec: { provider: { virtualRouter: { virtualRouterRef: { name } } } },
});

const route = (context: RouteContext, { name, priority, headers, weights }: Plan): Fields => {
  const retries = retriesOf(context);
  const targets = [
    ...(weights.canary === undefined ? [] : [{ virtualNodeRef: { name: context.canaryName }, weight: weights.canary }]),
    { virtualNodeRef: { name: context.primary }, weight: weights.primary },
  ];
  return {
    name,
    priority,
    httpRoute: {
      match: { prefix: prefixOf(context), headers },
      timeout: perRequest(context),
      retryPolicy: retries && {
        maxRetries: retries.max,
        perRetryTimeout: { unit: 'ms', value: retries.perTryMs },
        httpRetryEvents: retries.events,
      },
      action: { weightedTargets: targets },
    },
  };
};

const nodes = (context: RouteContext): Part[] => {
  const { primary, canaryName, selectorValue } = context;
  return [node(context, primary, `${selectorValue}-primary`), node(context, canaryName, selectorValue)];
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const { apex, canaryName } = context;
  const plans = plansOf(context, routes);
  if (plans === undefined) return unmatchable('App Mesh');
  const gateway = gatewayMetadata(context);
  const parts: Part[] = [
    ...nodes(context),
    routerPart(context, apex, plans),
    { ...servicePart(context, apex), ...(gateway && { metadata: gateway }) },
    routerPart(context, canaryName, [{ name: canaryName, weights: { primary: 0, canary: 100 } }]),
    servicePart(context, canaryName),
  ];
  return { writes: writesFor(context, parts, objects) };
};

/** AWS App Mesh, v1beta2: virtual nodes by pod label, and virtual routers that weigh them behind virtual services. */
export const appMeshV1beta2: Router = {
  provider: 'appmesh:v1beta2',
  capabilities: CAPABILITIES,
  observer,
  refs,
  parse,
  // Pods get their proxy only where their virtual node is known.
  prepare: (context, objects) => ({ writes: writesFor(context, nodes(context), objects) }),
  render,
  finalise: (context, objects) => ({ writes: restorations(context, refs(context), objects) }),
};
