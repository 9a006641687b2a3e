import { PROVIDER_NAMES } from '../../shared/routing/index.ts';

/** A JSON schema, draft 7: Helm refuses values that do not fit. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const whole = (minimum: number, maximum?: number): Schema => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
const oneOf = (...values: string[]): Schema => ({ type: 'string', enum: values });
const listOf = (items: Schema): Schema => ({ type: 'array', items });
/** Empty, or an address. */
const address = (schemes: string): Schema => ({ type: 'string', pattern: `^$|^(${schemes})://` });
const texts: Schema = { type: 'object', additionalProperties: text };
/** Handed on to Kubernetes as it is. */
const open: Schema = { type: 'object' };
const opens = listOf(open);
/** Nothing but these. */
const closed = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
});

const serviceAccount = closed({ create: flag, name: text, annotations: texts });
const podDisruptionBudget = closed({
  enabled: flag,
  minAvailable: { anyOf: [whole(0), { type: 'string', pattern: '^\\d+%$' }] },
});
const variables = listOf({ type: 'object', required: ['name'], properties: { name: text } });

const pods = {
  env: variables,
  resources: open,
  podAnnotations: texts,
  podLabels: texts,
  deploymentLabels: texts,
  podPriorityClassName: text,
  nodeSelector: texts,
  tolerations: opens,
  affinity: open,
  podDisruptionBudget,
  serviceAccount,
};

const webhook = closed({
  enabled: flag,
  replicaCount: whole(1),
  failurePolicy: oneOf('Ignore', 'Fail'),
  timeoutSeconds: whole(1, 30),
  namespaces: listOf(text),
  drivers: listOf({ type: 'string', pattern: '^[^/,]+/[^/,]+$' }),
  service: closed({ port: whole(1, 65_535), annotations: texts }),
  certs: closed({ mode: oneOf('self', 'cert-manager'), issuerRef: closed({ group: text, kind: text, name: text }) }),
  heapMiB: whole(32),
  ...pods,
});

const program = {
  meshProvider: oneOf('', ...PROVIDER_NAMES),
  metricsServer: { type: 'string', pattern: '^https?://' },
  namespace: text,
  logLevel: oneOf('debug', 'info', 'warn', 'error'),
  selectorLabels: text,
  includeLabelPrefix: text,
  ingressAnnotationsPrefix: text,
  ingressClass: text,
  noCrossNamespaceRefs: flag,
  threadiness: whole(0),
  clusterName: text,
  configTracking: closed({ enabled: flag }),
  leaderElection: closed({ enabled: flag, replicaCount: whole(0) }),
  eventWebhook: address('https?'),
  slack: closed({ url: address('https?'), token: text, user: text, channel: text, proxyUrl: address('https?') }),
  msteams: closed({ url: address('https?'), proxyUrl: address('https?') }),
};

/** What values the chart takes. Providers are those that this version serves. */
export const valuesSchema = (): Schema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  $comment: 'Generated from scripts/generate/chart-schema.ts by "npm run generate".',
  ...closed({
    // Helm hands this to every chart that stands inside another one.
    global: open,
    image: closed({
      repository: text,
      tag: text,
      pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
      pullSecret: text,
    }),
    nameOverride: text,
    fullnameOverride: text,
    ...program,
    ...pods,
    additionalVolumes: opens,
    additionalVolumeMounts: opens,
    rbac: closed({ create: flag, providers: listOf(oneOf('all', ...PROVIDER_NAMES)) }),
    crd: closed({ create: flag }),
    podMonitor: closed({ enabled: flag, namespace: text, interval: text, additionalLabels: texts, honorLabels: flag }),
    securityContext: closed({ enabled: flag, context: open }),
    webhook,
  }),
});
