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
import { type Fields, specOf } from './shape.ts';

const kindOf = (kind: string): Kind => ({
  apiVersion: 'appmesh.k8s.aws/v1beta1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
});

const VIRTUAL_NODE = kindOf('VirtualNode');
const VIRTUAL_SERVICE = kindOf('VirtualService');
const ACCESS_LOG_ANNOTATION = 'appmesh.flagger.app/accesslog';

const nodeRef = (context: RouteContext, name: string): Ref => refTo(VIRTUAL_NODE, context.namespace, name);

/** Named as clients call the Service, namespace included. */
const serviceRef = (context: RouteContext, name: string): Ref =>
  refTo(VIRTUAL_SERVICE, context.namespace, `${name}.${context.namespace}`);

const refs = (context: RouteContext): readonly Ref[] => [
  ...[context.apex, context.primary, context.canaryName].map((name) => nodeRef(context, name)),
  ...[context.apex, context.canaryName].map((name) => serviceRef(context, name)),
];

const parse = (context: RouteContext, objects: Objects): Routes | undefined => {
  const { routes } = specOf(liveOf(objects, serviceRef(context, context.apex))) as { routes?: unknown };
  return weightsIn(
    targetsIn(routes, 'http', context.apex),
    (target) => target['virtualNodeName'] === context.canaryName,
  );
};

const listenersOf = (context: RouteContext): Fields[] => [
  { portMapping: { port: context.canary.spec.service?.port, protocol: protocolOf(context) } },
];

const node = (context: RouteContext, name: string, service: string): Part => {
  const backends = backendNames(context).map((virtualServiceName) => ({ virtualService: { virtualServiceName } }));
  const isLogged = context.canary.metadata.annotations?.[ACCESS_LOG_ANNOTATION] === 'enabled';
  return {
    ref: nodeRef(context, name),
    metadata: nodeMetadata(context),
    spec: {
      meshName: context.canary.spec.service?.meshName,
      listeners: listenersOf(context),
      serviceDiscovery: { dns: { hostName: `${service}.${context.namespace}` } },
      backends: backends.length > 0 ? backends : undefined,
      logging: isLogged ? { accessLog: { file: { path: '/dev/stdout' } } } : undefined,
    },
  };
};

const service = (context: RouteContext, name: string, plans: readonly Plan[]): Omit<Part, 'metadata'> => ({
  ref: serviceRef(context, name),
  spec: {
    meshName: context.canary.spec.service?.meshName,
    virtualRouter: { name, listeners: listenersOf(context) },
    routes: plans.map((plan) => route(context, plan)),
  },
});

const route = (context: RouteContext, { name, priority, headers, weights }: Plan): Fields => {
  const retries = retriesOf(context);
  const targets = [
    ...(weights.canary === undefined ? [] : [{ virtualNodeName: context.canaryName, weight: weights.canary }]),
    { virtualNodeName: context.primary, weight: weights.primary },
  ];
  return {
    name,
    priority,
    http: {
      match: { prefix: prefixOf(context), headers },
      retryPolicy: retries && {
        maxRetries: retries.max,
        perRetryTimeoutMillis: retries.perTryMs,
        httpRetryEvents: retries.events,
      },
      action: { weightedTargets: targets },
    },
  };
};

const NO_MESH: Rendered = { problem: 'mesh name cannot be empty' };
const hasMesh = ({ canary }: RouteContext): boolean => Boolean(canary.spec.service?.meshName);

const nodes = (context: RouteContext): Part[] => {
  const { apex, primary, canaryName } = context;
  return [node(context, apex, primary), node(context, primary, primary), node(context, canaryName, canaryName)];
};

/** Pods get their proxy only where their virtual node is known. */
const prepare = (context: RouteContext, objects: Objects): Rendered =>
  hasMesh(context) ? { writes: writesFor(context, nodes(context), objects) } : NO_MESH;

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  if (!hasMesh(context)) return NO_MESH;
  const { apex, canaryName } = context;
  const plans = plansOf(context, routes);
  if (plans === undefined) return unmatchable('App Mesh');
  const gateway = gatewayMetadata(context);
  const parts: Part[] = [
    ...nodes(context),
    { ...service(context, apex, plans), ...(gateway && { metadata: gateway }) },
    service(context, canaryName, [{ name: canaryName, weights: { primary: 0, canary: 100 } }]),
  ];
  return { writes: writesFor(context, parts, objects) };
};

/** AWS App Mesh, v1beta1: virtual nodes for both sides, and a virtual service that weighs them. */
export const appMesh: Router = {
  provider: 'appmesh',
  capabilities: { ...CAPABILITIES, needs: 'meshName' },
  observer,
  refs,
  parse,
  prepare,
  render,
  finalise: (context, objects) => ({ writes: restorations(context, refs(context), objects) }),
};
