/** The fields of a kubeconfig that we read, named as they stand in the file. */
export interface ClusterEntry {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
  extensions?: { name: string; extension?: unknown }[];
}

export interface ExecEntry {
  apiVersion?: string;
  command?: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

export interface UserEntry {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
  exec?: ExecEntry;
  'auth-provider'?: { name: string; config?: Record<string, unknown> };
}

export interface ContextEntry {
  cluster?: string;
  user?: string;
  namespace?: string;
}

export interface NamedEntry<Entry> {
  readonly name: string;
  readonly entry: Entry;
}

/** All files merged. */
export interface Kubeconfig {
  readonly files: readonly string[];
  readonly currentContext: string;
  readonly contexts: readonly NamedEntry<ContextEntry>[];
  readonly clusters: readonly NamedEntry<ClusterEntry>[];
  readonly users: readonly NamedEntry<UserEntry>[];
}

/** Which cluster to talk to, as whom, and from where that was learnt. */
export interface Target {
  readonly contextName: string;
  readonly userName: string;
  readonly namespace: string;
  readonly cluster: ClusterEntry & { server: string };
  readonly user: UserEntry;
}
