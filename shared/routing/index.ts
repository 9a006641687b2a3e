import type { Canary } from '../api/canary.ts';
import type { Capabilities } from '../api/model.ts';
import { istio } from './istio.ts';
import * as registry from './registry.ts';
import type { Router } from './router.ts';

/** Every traffic provider. */
export const ROUTERS: readonly Router[] = Object.values(registry).flat();

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
