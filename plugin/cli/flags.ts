/** Groups of flags that several commands share, with kubectl's names and meanings. */
import type { FlagGroup } from './spec.ts';

export const NAMESPACE: FlagGroup = {
  title: 'Where',
  flags: {
    namespace: {
      type: 'text',
      short: 'n',
      value: 'NAME',
      about: "namespace; otherwise the context's",
      offers: 'namespaces',
    },
  },
};

export const CONNECTION: FlagGroup = {
  title: 'Connection',
  flags: {
    kubeconfig: {
      type: 'text',
      value: 'FILE',
      about: 'kubeconfig file; otherwise $KUBECONFIG, then ~/.kube/config',
      offers: 'files',
    },
    context: { type: 'text', value: 'NAME', about: 'context of the kubeconfig', offers: 'contexts' },
    cluster: { type: 'text', value: 'NAME', about: 'cluster of the kubeconfig', offers: 'clusters' },
    user: { type: 'text', value: 'NAME', about: 'user of the kubeconfig', offers: 'users' },
    server: { type: 'text', short: 's', value: 'URL', about: 'address of the API server' },
    token: { type: 'text', value: 'TOKEN', about: 'bearer token' },
    as: { type: 'text', value: 'USER', about: 'act as this user' },
    'as-group': { type: 'list', value: 'GROUP', about: 'act as a member of this group; may be repeated' },
    'as-uid': { type: 'text', value: 'UID', about: 'act with this uid' },
    'as-user-extra': { type: 'list', value: 'KEY=VALUE', about: 'act with this extra value; may be repeated' },
    'certificate-authority': { type: 'text', value: 'FILE', about: 'CA of the API server', offers: 'files' },
    'client-certificate': { type: 'text', value: 'FILE', about: 'client certificate', offers: 'files' },
    'client-key': { type: 'text', value: 'FILE', about: "client certificate's key", offers: 'files' },
    'tls-server-name': { type: 'text', value: 'NAME', about: "name to expect in the server's certificate" },
    'insecure-skip-tls-verify': { type: 'flag', about: "do not check the server's certificate" },
    'request-timeout': {
      type: 'duration',
      value: 'TIME',
      about: 'give up a request after this long; 0: never',
      default: '0',
    },
    'cache-dir': { type: 'text', value: 'DIR', about: 'accepted for kubectl, not used', hidden: true, offers: 'files' },
    'disable-compression': { type: 'flag', about: 'accepted for kubectl, not used', hidden: true },
    kuberc: { type: 'text', value: 'FILE', about: 'accepted for kubectl, not used', hidden: true },
    v: {
      type: 'whole',
      short: 'v',
      value: 'N',
      about: 'how much to tell about requests: 6 lines, 8 bodies',
      default: '0',
    },
  },
};

export const TEXT: FlagGroup = {
  title: 'Text',
  flags: {
    color: {
      type: 'text',
      value: 'WHEN',
      choices: ['auto', 'always', 'never'],
      bare: 'always',
      about: 'colours: auto, always, never',
      default: 'auto',
    },
    'no-color': { type: 'flag', about: 'the same as --color=never' },
    ascii: { type: 'flag', about: 'no signs beyond ASCII' },
    utc: { type: 'flag', about: 'absolute times in UTC' },
  },
};

export const HELP: FlagGroup = {
  title: 'Help',
  flags: { help: { type: 'flag', about: 'this help in full; -h for the short one' } },
};

/** May stand before the command's name. */
export const GLOBALS = {
  ...NAMESPACE.flags,
  ...CONNECTION.flags,
  ...TEXT.flags,
  ...HELP.flags,
  h: { type: 'flag', short: 'h', about: 'short help', hidden: true },
} as const;

export const SELECT: FlagGroup = {
  title: 'Which',
  flags: {
    'all-namespaces': { type: 'flag', short: 'A', about: 'in every namespace' },
    selector: { type: 'text', short: 'l', value: 'LABELS', about: 'only those with these labels' },
    'field-selector': {
      type: 'text',
      value: 'FIELDS',
      about: 'only those with these fields (metadata.name, metadata.namespace)',
    },
  },
};

export const FILES: FlagGroup = {
  title: 'Files',
  flags: {
    filename: {
      type: 'list',
      short: 'f',
      value: 'FILE',
      about: 'file, folder, or - for stdin; may be repeated',
      offers: 'files',
    },
    recursive: { type: 'flag', short: 'R', about: 'also the folders inside a folder' },
    kustomize: {
      type: 'text',
      short: 'k',
      value: 'DIR',
      about: 'a kustomization folder, built with kubectl',
      offers: 'files',
    },
  },
};

/** `-o` with its formats; a command names those that it can do. */
export const output = (formats: readonly string[], more: FlagGroup['flags'] = {}): FlagGroup => ({
  title: 'Output',
  flags: { output: { type: 'text', short: 'o', value: 'FORMAT', about: `one of: ${formats.join(', ')}` }, ...more },
});

export const OBJECT_FORMATS = [
  'table',
  'wide',
  'json',
  'yaml',
  'name',
  'jsonpath=',
  'jsonpath-file=',
  'custom-columns=',
] as const;

export const TABLE: FlagGroup['flags'] = {
  'no-headers': { type: 'flag', about: 'leave the header line out' },
  'show-labels': { type: 'flag', about: 'add a column with all labels' },
  'label-columns': { type: 'list', short: 'L', value: 'LABEL', about: 'add a column for this label; may be repeated' },
  'sort-by': { type: 'text', value: 'PATH', about: 'JSONPath to sort by, such as .metadata.creationTimestamp' },
  'show-managed-fields': { type: 'flag', about: 'keep managedFields in json and yaml' },
};

export const MUTATE: FlagGroup = {
  title: 'Change',
  flags: {
    'dry-run': {
      type: 'text',
      value: 'WHERE',
      choices: ['none', 'client', 'server', 'unchanged'],
      bare: 'client',
      about: 'none, client or server: say what would be done',
      default: 'none',
    },
    'field-manager': {
      type: 'text',
      value: 'NAME',
      about: 'who owns the change in managedFields',
      default: 'kubectl-canary',
    },
    reason: { type: 'text', value: 'TEXT', about: 'why, for the record' },
    yes: { type: 'flag', short: 'y', about: 'do not ask when a selector matches several' },
    wait: { type: 'flag', about: 'wait until it has had its effect' },
    timeout: { type: 'duration', value: 'TIME', about: 'how long to wait; 0: for ever', default: '0' },
  },
};
