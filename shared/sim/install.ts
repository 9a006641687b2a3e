/** The resource types of the project, served by a simulated server as by a real one. */
import { customResourceDefinitions } from '../api/crd.ts';
import { KINDS } from '../api/kinds.ts';
import { PROVIDER_NAMES } from '../routing/index.ts';
import type { SimServer } from './server.ts';

/** Creates the CRDs; from then on the kinds are validated, pruned and defaulted by their schemas. */
export const installCrds = async (server: SimServer): Promise<void> => {
  for (const crd of customResourceDefinitions(PROVIDER_NAMES)) await server.kube.create(KINDS.crd, crd);
};
