import type { KubeObject } from '../../../shared/api/kube.ts';

export interface ReviewParts {
  readonly operation?: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly object?: KubeObject | undefined;
  readonly oldObject?: KubeObject | undefined;
  readonly user?: string;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

const RESOURCES: Readonly<Record<string, string>> = {
  Canary: 'canaries',
  MetricTemplate: 'metrictemplates',
  AlertProvider: 'alertproviders',
  ScaledObject: 'scaledobjects',
};

/** An AdmissionReview as an API server sends it: CREATE by a developer unless told otherwise. */
export const aReview = (parts: ReviewParts) => {
  const subject = (parts.object ?? parts.oldObject) as KubeObject;
  const [group, version] = subject.apiVersion.split('/');
  const kind = { group, version, kind: subject.kind };
  const resource = { group, version, resource: RESOURCES[subject.kind] };
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: subject.metadata.name,
      namespace: subject.metadata.namespace ?? '',
      operation: parts.operation ?? (parts.oldObject === undefined ? 'CREATE' : 'UPDATE'),
      userInfo: { username: parts.user ?? 'jane', groups: ['system:authenticated'] },
      object: parts.object ?? null,
      oldObject: parts.oldObject ?? null,
      dryRun: parts.dryRun ?? false,
      options: {
        kind: 'CreateOptions',
        apiVersion: 'meta.k8s.io/v1',
        fieldManager: parts.fieldManager ?? 'kubectl-client-side-apply',
      },
    },
  };
};
