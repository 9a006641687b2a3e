/** AdmissionReviews as an API server sends them. */
import type { KubeObject } from '../../shared/api/kube.ts';

const USER = {
  username: 'kubernetes-admin',
  uid: '3f6c9a52-2f47-4d0c-9a55-0d5a6f3b8c11',
  groups: ['kubeadm:cluster-admins', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=5f1d2a7c9b'] },
};

export interface ReviewOf {
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly object: KubeObject;
  readonly oldObject: KubeObject;
}

/** The text of an UPDATE review. `turn` makes the uids of many differ. */
export const updateReview = ({ resource, object, oldObject }: ReviewOf, turn: number): string => {
  const { group, version } = resource;
  const kind = { group, version, kind: object.kind };
  const { name, namespace } = object.metadata;
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: `705ab4f5-6393-11e8-b7cc-${String(turn).padStart(12, '0')}`,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name,
      namespace,
      operation: 'UPDATE',
      userInfo: USER,
      object,
      oldObject,
      dryRun: false,
      options: {
        kind: 'UpdateOptions',
        apiVersion: 'meta.k8s.io/v1',
        fieldManager: 'kubectl-client-side-apply',
        fieldValidation: 'Strict',
      },
    },
  });
};

/** The object as it stands after one more write: what an API server adds, and one field of the spec changed. */
export const changed = (object: KubeObject, change: (spec: Record<string, unknown>) => object): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, generation: (object.metadata.generation ?? 1) + 1 },
  spec: change(object['spec'] as Record<string, unknown>),
});
