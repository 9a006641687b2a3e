import { CanaryError } from '../errors.ts';
import { compact } from './compact.ts';
import type { ClusterEntry, Kubeconfig, NamedEntry, Target, UserEntry } from './kubeconfig.ts';

/** The connection flags of kubectl. */
export interface TargetFlags {
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly server?: string;
  readonly token?: string;
  readonly as?: string;
  readonly asUid?: string;
  readonly asGroups?: readonly string[];
  readonly asUserExtra?: Readonly<Record<string, readonly string[]>>;
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify?: boolean;
}

const whereOf = ({ files }: Kubeconfig): string =>
  files.length === 0 ? 'no kubeconfig was found' : `looked in ${files.join(', ')}`;

/** The entry of that name; KUBECONFIG when a name is given and nothing has it. */
const find = <Entry>(
  list: readonly NamedEntry<Entry>[],
  what: string,
  name: string,
  config: Kubeconfig,
): Entry | undefined => {
  if (name === '') return undefined;
  const found = list.find((one) => one.name === name);
  if (found !== undefined) return found.entry;
  const known = list.map((one) => one.name).join(', ');
  const because = known === '' ? whereOf(config) : `${whereOf(config)}; known: ${known}`;
  throw new CanaryError(what === 'context' ? 'CONTEXT_MISSING' : 'KUBECONFIG', `${what} "${name}" does not exist`, {
    because,
  });
};

const set = (value: string | undefined): value is string => value !== undefined && value !== '';

/** The cluster with the flags laid over it. */
export const clusterWith = (cluster: ClusterEntry, flags: TargetFlags): ClusterEntry => {
  const result: ClusterEntry = { ...cluster };
  if (set(flags.server)) result.server = flags.server;
  if (set(flags.tlsServerName)) result['tls-server-name'] = flags.tlsServerName;
  if (set(flags.certificateAuthority)) {
    result['certificate-authority'] = flags.certificateAuthority;
    delete result['certificate-authority-data'];
  }
  if (flags.insecureSkipTlsVerify !== undefined) result['insecure-skip-tls-verify'] = flags.insecureSkipTlsVerify;
  if (flags.insecureSkipTlsVerify === true) {
    delete result['certificate-authority'];
    delete result['certificate-authority-data'];
  }
  return result;
};

/** Other ways to prove oneself, which a token on the command line replaces. */
const OTHER_WAYS = ['tokenFile', 'username', 'password', 'exec', 'auth-provider'] as const;

const withCertificate = (user: UserEntry, { clientCertificate, clientKey }: TargetFlags): UserEntry => {
  const result = { ...user };
  if (set(clientCertificate)) {
    result['client-certificate'] = clientCertificate;
    delete result['client-certificate-data'];
  }
  if (set(clientKey)) {
    result['client-key'] = clientKey;
    delete result['client-key-data'];
  }
  return result;
};

const withImpersonation = (user: UserEntry, { as, asUid, asGroups, asUserExtra }: TargetFlags): UserEntry => {
  const extra = Object.entries(asUserExtra ?? {}).map(([key, values]): [string, string[]] => [key, [...values]]);
  const result: UserEntry = {
    ...user,
    ...compact({
      as: set(as) ? as : undefined,
      'as-uid': set(asUid) ? asUid : undefined,
      'as-groups': asGroups === undefined || asGroups.length === 0 ? undefined : [...asGroups],
      'as-user-extra': extra.length === 0 ? undefined : Object.fromEntries(extra),
    }),
  };
  const more = result['as-groups'] ?? result['as-uid'] ?? result['as-user-extra'];
  if (result.as === undefined && more !== undefined) {
    throw new CanaryError('USAGE', 'impersonating a group, uid or extra needs a user too: add --as');
  }
  return result;
};

/** The user with the flags laid over it. Throws USAGE when a group is impersonated without a user. */
export const userWith = (user: UserEntry, flags: TargetFlags): UserEntry => {
  const result = withImpersonation(withCertificate(user, flags), flags);
  if (!set(flags.token)) return result;
  for (const other of OTHER_WAYS) delete result[other];
  return { ...result, token: flags.token };
};

const withScheme = (server: string, cluster: ClusterEntry, user: UserEntry): string => {
  const secured =
    cluster['insecure-skip-tls-verify'] === true ||
    [cluster['certificate-authority'], cluster['certificate-authority-data']].some(set) ||
    [user['client-certificate'], user['client-certificate-data']].some(set);
  return server.includes('://') ? server : `${secured ? 'https' : 'http'}://${server}`;
};

/**
 * Picks context, cluster and user and lays the flags over them, as kubectl does. Undefined when neither a kubeconfig
 * nor a flag names a server. Throws CONTEXT_MISSING and KUBECONFIG when a name leads nowhere.
 */
export const chooseTarget = (config: Kubeconfig, flags: TargetFlags): Target | undefined => {
  const contextName = set(flags.context) ? flags.context : config.currentContext;
  const context = find(config.contexts, 'context', contextName, config) ?? {};
  const userName = set(flags.user) ? flags.user : (context.user ?? '');
  const clusterName = set(flags.cluster) ? flags.cluster : (context.cluster ?? '');
  const cluster = clusterWith(find(config.clusters, 'cluster', clusterName, config) ?? {}, flags);
  const user = userWith(find(config.users, 'user', userName, config) ?? {}, flags);
  const { server } = cluster;
  if (!set(server)) return undefined;
  const namespace = [flags.namespace, context.namespace, 'default'].find(set) ?? '';
  const address = withScheme(server, cluster, user).replace(/\/+$/, '');
  return { contextName, userName, namespace, cluster: { ...cluster, server: address }, user };
};
