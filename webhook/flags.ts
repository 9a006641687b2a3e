/** The webhook's flags in one table: parsing, help and documentation read it. */

export interface Flag {
  readonly type: 'string' | 'boolean';
  /** What the help writes for the value. */
  readonly value?: string;
  readonly about: string;
  readonly default?: string;
  /** Variable of the environment that counts where the flag is absent. */
  readonly env?: string;
}

export const FLAGS = {
  kubeconfig: { type: 'string', value: 'FILE', about: 'outside a cluster: the kubeconfig' },
  namespace: {
    type: 'string',
    value: 'NAME',
    about: 'where the webhook itself runs; never judged',
    default: 'canary-system',
    env: 'POD_NAMESPACE',
  },
  'service-name': {
    type: 'string',
    value: 'NAME',
    about: 'Service through which API servers call',
    default: 'kubectl-canary-webhook',
  },
  address: { type: 'string', value: 'IP', about: 'address to listen on; empty: all', default: '' },
  port: { type: 'string', value: 'N', about: 'admission over HTTPS; 0: any free port', default: '10250' },
  'health-port': {
    type: 'string',
    value: 'N',
    about: '/healthz, /readyz and /metrics over HTTP; 0: any free port',
    default: '8081',
  },
  'mesh-provider': { type: 'string', value: 'NAME', about: 'provider of canaries that name none', default: 'istio' },
  'selector-labels': {
    type: 'string',
    value: 'NAMES',
    about: 'labels that can select the target',
    default: 'app,name,app.kubernetes.io/name',
  },
  'no-cross-namespace-refs': { type: 'boolean', about: 'refuse references into other namespaces' },
  'controller-service-accounts': {
    type: 'string',
    value: 'NAMES',
    about: 'drivers of rollouts, namespace/name, comma separated: never worked against',
    default: 'canary-system/kubectl-canary-controller,flagger-system/flagger,istio-system/flagger',
  },
  'config-name': { type: 'string', value: 'NAME', about: 'of both webhook configurations', default: 'kubectl-canary' },
  register: { type: 'boolean', about: 'create the webhook configurations, and keep them as they should be' },
  url: {
    type: 'string',
    value: 'URL',
    about: 'with --register, outside a cluster: where API servers find this process; port 0 stands for the real one',
  },
  'only-namespaces': { type: 'string', value: 'NAMES', about: 'with --register: judge these namespaces alone' },
  'failure-policy': { type: 'string', value: 'POLICY', about: 'with --register: Ignore, or Fail', default: 'Ignore' },
  certs: {
    type: 'string',
    value: 'self|DIR',
    about: 'own certificates, or tls.crt, tls.key and ca.crt of a folder',
    default: 'self',
  },
  'secret-name': {
    type: 'string',
    value: 'NAME',
    about: 'Secret that keeps the own certificates',
    default: 'kubectl-canary-webhook-certs',
  },
  'ca-life': { type: 'string', value: 'TIME', about: 'life of an own authority', default: '8760h' },
  'leaf-life': { type: 'string', value: 'TIME', about: 'life of an own serving certificate', default: '168h' },
  'cert-check': { type: 'string', value: 'TIME', about: 'between two looks at the certificates', default: '1m' },
  'cert-settle': { type: 'string', value: 'TIME', about: 'from publishing a new authority to using it', default: '1m' },
  'cert-retire': {
    type: 'string',
    value: 'TIME',
    about: 'from using a new authority to dropping the old one',
    default: '1h',
  },
  'lookup-timeout': { type: 'string', value: 'TIME', about: 'longest wait for one other object', default: '50ms' },
  'lookup-budget': {
    type: 'string',
    value: 'TIME',
    about: 'longest wait for all other objects of a review',
    default: '300ms',
  },
  'drain-delay': {
    type: 'string',
    value: 'TIME',
    about: 'from not ready to taking no more connections',
    default: '10s',
  },
  'drain-limit': { type: 'string', value: 'TIME', about: 'for answers under way at the end', default: '20s' },
  'log-level': { type: 'string', value: 'LEVEL', about: 'debug, info, warn or error', default: 'info' },
  help: { type: 'boolean', about: 'this help' },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

const WIDTH = 36;

/** The text of `--help`. */
export const helpText = (): string => {
  const lines = Object.entries(FLAGS as Record<string, Flag>).map(([name, flag]) => {
    const left = `  --${name}${flag.value === undefined ? '' : ` ${flag.value}`}`;
    const more = [flag.default ? `default ${flag.default}` : '', flag.env === undefined ? '' : `$${flag.env}`].filter(
      Boolean,
    );
    const note = more.length === 0 ? '' : ` (${more.join('; ')})`;
    return left.length < WIDTH
      ? `${left.padEnd(WIDTH)}${flag.about}${note}`
      : `${left}\n${' '.repeat(WIDTH)}${flag.about}${note}`;
  });
  return `Serve validating and mutating admission for canaries.\n\nUsage:\n  kubectl canary webhook [flags]\n\nFlags:\n${lines.join('\n')}\n`;
};
