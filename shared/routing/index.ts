import type { Canary } from '../api/canary.ts';
import type { Capabilities } from '../api/model.ts';
import { apisix } from './apisix.ts';
import { appMesh } from './app-mesh.ts';
import { appMeshV1beta2 } from './app-mesh-v1beta2.ts';
import { contour } from './contour.ts';
import { gatewayApiRouters } from './gateway-api.ts';
import { gloo } from './gloo.ts';
import { istio } from './istio.ts';
import { knative } from './knative.ts';
import { kubernetes } from './kubernetes.ts';
import { kuma } from './kuma.ts';
import { nginx } from './nginx.ts';
import type { Router } from './router.ts';
import { skipper } from './skipper.ts';
import { smi } from './smi.ts';
import { traefik } from './traefik.ts';

/** Every traffic provider: one line each. */
export const ROUTERS: readonly Router[] = [
  kubernetes,
  istio,
  ...gatewayApiRouters,
  contour,
  gloo,
  nginx,
  skipper,
  traefik,
  apisix,
  ...smi,
  kuma,
  appMesh,
  appMeshV1beta2,
  knative,
];

const BY_NAME = new Map(ROUTERS.map((router) => [router.provider, router] as const));

/** The router of a provider; undefined: nobody serves that name. */
export const routerOf = (provider: string): Router | undefined => BY_NAME.get(provider);

/** What a router can do for this Canary. */
export const capabilitiesFor = (router: Router, canary: Canary): Capabilities => ({
  ...router.capabilities,
  ...router.limits?.(canary),
});

/** What a provider can do, for this Canary where one is given; undefined: nobody serves that name. */
export const capabilitiesOf = (provider: string, canary?: Canary): Capabilities | undefined => {
  const router = BY_NAME.get(provider);
  return router && canary ? capabilitiesFor(router, canary) : router?.capabilities;
};

/** Names of all providers: every value of `spec.provider`. */
export const PROVIDER_NAMES: readonly string[] = [...BY_NAME.keys()].sort();

/** Of Canaries that name none, unless the driver is told otherwise; the reference's default too. */
export const DEFAULT_PROVIDER: string = istio.provider;
