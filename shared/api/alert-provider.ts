import type { Static } from 'typebox';
import type { KubeObject } from './kube.ts';
import type { alertProviderSpecSchema } from './schema/alert-provider.ts';

export type AlertProviderSpec = Static<typeof alertProviderSpecSchema>;

export interface AlertProvider extends KubeObject {
  spec: AlertProviderSpec;
}
