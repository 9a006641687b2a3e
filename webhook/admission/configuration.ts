import { KINDS } from '../../shared/api/kinds.ts';
import type { KubeObject, StringMap } from '../../shared/api/kube.ts';

/** Where API servers find the webhook: a Service of the cluster, or an address outside of it. */
export type WebhookTarget =
  | { readonly service: { readonly name: string; readonly namespace: string; readonly port?: number } }
  | { readonly url: string };

export interface ConfigurationOptions {
  /** Name of both objects. */
  readonly name: string;
  readonly target: WebhookTarget;
  /** Where the webhook itself runs; never judged, so that it cannot stand in its own way. */
  readonly ownNamespace: string;
  /** PEM. Absent in a chart: the process writes it, and nobody else ever owns it. */
  readonly caBundle?: string;
  /** Judge these namespaces alone; empty or absent: all but the system's and our own. */
  readonly onlyNamespaces?: readonly string[];
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly timeoutSeconds?: number;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
}

export interface WebhookConfigurations {
  readonly validating: KubeObject;
  readonly mutating: KubeObject;
}

export const VALIDATE_PATH = '/validate';
export const MUTATE_PATH = '/mutate';

/** Namespaces without which a cluster does not live. */
const SYSTEM_NAMESPACES = ['kube-system', 'kube-node-lease', 'kube-public'];

const RESOURCES = [
  {
    apiGroups: ['flagger.app'],
    apiVersions: ['v1beta1'],
    resources: ['canaries', 'metrictemplates', 'alertproviders'],
  },
  { apiGroups: ['keda.sh'], apiVersions: ['v1alpha1'], resources: ['scaledobjects'] },
];

const rulesFor = (...operations: string[]) =>
  RESOURCES.map((resource) => ({ ...resource, operations, scope: 'Namespaced' }));

const differs = (field: string): string => {
  const own = `object.${field}`;
  const old = `oldObject.${field}`;
  return `(has(${own}) != has(${old}) || (has(${own}) && ${own} != ${old}))`;
};

/** Status writes, finalizers, labels and no-op applies cost no call. */
const CONDITIONS = [
  { name: 'not-being-deleted', expression: `request.operation == 'DELETE' || !has(object.metadata.deletionTimestamp)` },
  {
    name: 'spec-or-annotations-changed',
    expression: `request.operation != 'UPDATE' || ${differs('spec')} || ${differs('metadata.annotations')}`,
  },
];

const clientConfig = (options: ConfigurationOptions, path: string) => ({
  ...('url' in options.target
    ? { url: `${options.target.url.replace(/\/$/, '')}${path}` }
    : { service: { port: 443, ...options.target.service, path } }),
  ...(options.caBundle === undefined ? {} : { caBundle: Buffer.from(options.caBundle, 'utf8').toString('base64') }),
});

const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

const namespaceSelector = ({ ownNamespace, onlyNamespaces = [] }: ConfigurationOptions) => ({
  matchExpressions: [
    { key: NAMESPACE_NAME, operator: 'NotIn', values: [...SYSTEM_NAMESPACES, ownNamespace] },
    ...(onlyNamespaces.length === 0 ? [] : [{ key: NAMESPACE_NAME, operator: 'In', values: onlyNamespaces }]),
  ],
});

const hook = (options: ConfigurationOptions, name: string, path: string, operations: string[]) => ({
  name: `${name}.webhook.kubectl-canary`,
  admissionReviewVersions: ['v1'],
  clientConfig: clientConfig(options, path),
  rules: rulesFor(...operations),
  failurePolicy: options.failurePolicy ?? 'Ignore',
  matchPolicy: 'Equivalent',
  ...(operations.includes('DELETE') ? {} : { matchConditions: CONDITIONS }),
  namespaceSelector: namespaceSelector(options),
  sideEffects: 'None',
  timeoutSeconds: options.timeoutSeconds ?? 3,
});

const configuration = (
  options: ConfigurationOptions,
  kind: 'validatingWebhook' | 'mutatingWebhook',
  webhooks: object[],
) => ({
  apiVersion: KINDS[kind].apiVersion,
  kind: KINDS[kind].kind,
  metadata: {
    name: options.name,
    ...(options.labels === undefined ? {} : { labels: options.labels }),
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
  },
  webhooks,
});

/**
 * Both webhook configurations. Chart, registering process and tests take them from here, so they cannot differ.
 * Deletes have an entry of their own that never refuses and never blocks, whatever the policy of the others.
 */
export const webhookConfigurations = (options: ConfigurationOptions): WebhookConfigurations => ({
  validating: configuration(options, 'validatingWebhook', [
    hook(options, 'validate', VALIDATE_PATH, ['CREATE', 'UPDATE']),
    hook({ ...options, failurePolicy: 'Ignore' }, 'delete', VALIDATE_PATH, ['DELETE']),
  ]),
  mutating: configuration(options, 'mutatingWebhook', [
    { ...hook(options, 'mutate', MUTATE_PATH, ['CREATE', 'UPDATE']), reinvocationPolicy: 'IfNeeded' },
  ]),
});
