/** Networking, coordination, access and admission kinds; of most only storing them matters. */
import type { KubeObject } from '../../api/kube.ts';
import { defaultTo, fieldsAt, isFields, listAt, own, textAt } from '../json.ts';
import type { KindOptions } from '../kinds.ts';
import type { StatusCause } from '../status.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from './columns.ts';

const native = { namespaced: true, native: true } as const;

const startIngress = (object: KubeObject, old: KubeObject | undefined): void => {
  if (old === undefined) defaultTo(object, 'status', { loadBalancer: {} });
};

const checkIngress = (object: KubeObject): StatusCause[] => {
  const causes: StatusCause[] = [];
  const spec = fieldsAt(object, 'spec');
  if (listAt(spec, 'rules').length === 0 && own(spec, 'defaultBackend') === undefined) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: 'Invalid value: null: either `defaultBackend` or `rules` must be specified',
      field: 'spec',
    });
  }
  listAt(spec, 'rules').forEach((rule, r) => {
    listAt(rule, 'http', 'paths').forEach((path, p) => {
      if (textAt(path, 'pathType') !== '') return;
      causes.push({
        reason: 'FieldValueRequired',
        message: 'Required value: pathType must be specified',
        field: `spec.rules[${r}].http.paths[${p}].pathType`,
      });
    });
  });
  return causes;
};

const hosts = (object: KubeObject): string =>
  listAt(object, 'spec', 'rules')
    .map((rule) => textAt(rule, 'host') || '*')
    .join(',') || '*';

const completeHooks =
  (mutating: boolean) =>
  (object: KubeObject): void => {
    for (const hook of listAt(object, 'webhooks')) {
      if (!isFields(hook)) continue;
      defaultTo(hook, 'failurePolicy', 'Fail');
      defaultTo(hook, 'matchPolicy', 'Equivalent');
      defaultTo(hook, 'namespaceSelector', {});
      defaultTo(hook, 'objectSelector', {});
      defaultTo(hook, 'timeoutSeconds', 10);
      if (mutating) defaultTo(hook, 'reinvocationPolicy', 'Never');
      for (const rule of listAt(hook, 'rules')) if (isFields(rule)) defaultTo(rule, 'scope', '*');
      const service = own(own(hook, 'clientConfig'), 'service');
      if (isFields(service)) defaultTo(service, 'port', 443);
    }
  };

const checkHooks = (object: KubeObject): StatusCause[] =>
  listAt(object, 'webhooks').flatMap((hook, index) => {
    const at = `webhooks[${index}]`;
    const causes: StatusCause[] = [];
    if (textAt(hook, 'name').split('.').length < 3) {
      const message = `Invalid value: ${JSON.stringify(textAt(hook, 'name'))}: should be a domain with at least three segments separated by dots`;
      causes.push({ reason: 'FieldValueInvalid', message, field: `${at}.name` });
    }
    if (!['None', 'NoneOnDryRun'].includes(textAt(hook, 'sideEffects'))) {
      const message = 'Required value: must specify one of None, NoneOnDryRun';
      causes.push({ reason: 'FieldValueRequired', message, field: `${at}.sideEffects` });
    }
    if (listAt(hook, 'admissionReviewVersions').length === 0) {
      const message = 'Required value: must specify one of v1, v1beta1';
      causes.push({ reason: 'FieldValueRequired', message, field: `${at}.admissionReviewVersions` });
    }
    return causes;
  });

const hookKind = (kind: string, plural: string, mutating: boolean): KindOptions => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  plural,
  namespaced: false,
  native: true,
  complete: completeHooks(mutating),
  check: checkHooks,
  columns: [
    nameColumn,
    { name: 'Webhooks', type: 'integer', cell: (object) => listAt(object, 'webhooks').length },
    ageColumn,
  ],
});

const plain = (apiVersion: string, kind: string, plural: string, more: Partial<KindOptions> = {}): KindOptions => ({
  ...native,
  generation: false,
  columns: [nameColumn, ageColumn],
  apiVersion,
  kind,
  plural,
  ...more,
});

const RBAC = 'rbac.authorization.k8s.io/v1';

export const OTHERS: readonly KindOptions[] = [
  {
    ...native,
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    plural: 'ingresses',
    status: true,
    shortNames: ['ing'],
    allocate: startIngress,
    check: checkIngress,
    columns: [
      nameColumn,
      textColumn('Class', (object) => textAt(object, 'spec', 'ingressClassName') || '<none>'),
      textColumn('Hosts', hosts),
      textColumn('Address', () => ''),
      textColumn('Ports', (object) => (listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
      ageColumn,
    ],
  },
  plain('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'], generation: true }),
  plain('coordination.k8s.io/v1', 'Lease', 'leases', {
    needsVersion: true,
    columns: [nameColumn, fieldColumn('Holder', ['spec', 'holderIdentity']), ageColumn],
  }),
  plain('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    shortNames: ['pdb'],
    status: true,
    generation: true,
  }),
  plain(RBAC, 'Role', 'roles'),
  plain(RBAC, 'RoleBinding', 'rolebindings'),
  plain(RBAC, 'ClusterRole', 'clusterroles', { namespaced: false }),
  plain(RBAC, 'ClusterRoleBinding', 'clusterrolebindings', { namespaced: false }),
  plain('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', { namespaced: false, shortNames: ['pc'] }),
  hookKind('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', true),
  hookKind('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', false),
];

/** Fields of a SelfSubjectReview's answer, and of an access review that allows everything. */
export const REVIEWS: readonly KindOptions[] = [
  plain('authentication.k8s.io/v1', 'SelfSubjectReview', 'selfsubjectreviews', {
    namespaced: false,
    answer: (object, user) => ({ ...object, status: { userInfo: user } }),
  }),
  plain('authorization.k8s.io/v1', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews', {
    namespaced: false,
    answer: (object) => ({ ...object, status: { allowed: true } }),
  }),
];
