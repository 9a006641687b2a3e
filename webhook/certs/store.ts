import { KINDS } from '../../shared/api/kinds.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import type { Kube } from '../../shared/engine/ports.ts';
import { hasCode } from '../../shared/errors.ts';
import { FIELD_MANAGER } from './inject.ts';
import { type CertState, stateOfData, stateToData } from './state.ts';

/** The Secret as it was read: absent, or with a version that guards the next write. */
export interface Stored {
  readonly object: KubeObject | undefined;
  /** Undefined: absent or unreadable. */
  readonly state: CertState | undefined;
}

/** The one Secret in which all replicas keep their certificates. */
export interface CertStore {
  read(signal?: AbortSignal): Promise<Stored>;
  /** Creates, or replaces exactly what was read; API_EXISTS or API_CONFLICT mean that another replica was quicker. */
  write(state: CertState, over: Stored, signal?: AbortSignal): Promise<void>;
}

/** A store in the Secret `namespace/name`. */
export const secretStore = (kube: Kube, namespace: string, name: string): CertStore => {
  const ref = { kind: KINDS.secret, namespace, name };
  const options = (signal?: AbortSignal) => (signal === undefined ? {} : { signal });
  return {
    async read(signal) {
      try {
        const object = await kube.get(ref, options(signal));
        return { object, state: stateOfData(object) };
      } catch (error) {
        if (hasCode(error, 'API_NOT_FOUND')) return { object: undefined, state: undefined };
        throw error;
      }
    },
    async write(state, over, signal) {
      const write = { fieldManager: FIELD_MANAGER, ...options(signal) };
      const data = stateToData(state);
      if (over.object !== undefined) {
        await kube.replace(KINDS.secret, { ...over.object, data }, write);
        return;
      }
      const labels = { 'app.kubernetes.io/name': 'kubectl-canary', 'app.kubernetes.io/component': 'webhook' };
      const metadata = { name, namespace, labels };
      await kube.create(KINDS.secret, { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data }, write);
    },
  };
};
