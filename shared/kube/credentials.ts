import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Agent } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../engine/ports.ts';
import { CanaryError, messageOf } from '../errors.ts';
import { redact } from '../platform/redact.ts';
import { compact } from './compact.ts';
import type { Access, Credentials, TlsMaterial } from './connection.ts';
import type { ExecCredential, ExecRunner } from './exec-credential.ts';
import type { Target, UserEntry } from './kubeconfig.ts';

/** Files are read again this often: mounted certificates and service account tokens are replaced while we run. */
const REREAD_MS = 10_000;

const GONE_PROVIDERS: Readonly<Record<string, string>> = { gcp: 'gke-gcloud-auth-plugin', azure: 'kubelogin' };

/** The options that the library fills in: a subset of those of an HTTPS request. */
interface LibraryOptions {
  headers?: Record<string, string>;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  auth?: string;
  agent?: unknown;
}

/** Data wins over a file, as in kubectl; the library would have it the other way round. */
const fileUnlessData = (file: string | undefined, data: string | undefined): string | undefined =>
  data === undefined || data === '' ? file : undefined;

const isSocks = (proxy: string | undefined): boolean => proxy?.startsWith('socks') === true;

/** Hands over what the library does well; token files, helpers and impersonation are ours. */
const toLibrary = ({ cluster, user }: Target): object => ({
  currentContext: 'chosen',
  contexts: [{ name: 'chosen', cluster: 'chosen', user: 'chosen' }],
  clusters: [
    {
      name: 'chosen',
      server: cluster.server,
      caFile: fileUnlessData(cluster['certificate-authority'], cluster['certificate-authority-data']),
      caData: cluster['certificate-authority-data'],
      tlsServerName: cluster['tls-server-name'],
      skipTLSVerify: cluster['insecure-skip-tls-verify'] === true,
      proxyUrl: isSocks(cluster['proxy-url']) ? cluster['proxy-url'] : undefined,
    },
  ],
  users: [
    {
      name: 'chosen',
      certFile: fileUnlessData(user['client-certificate'], user['client-certificate-data']),
      certData: user['client-certificate-data'],
      keyFile: fileUnlessData(user['client-key'], user['client-key-data']),
      keyData: user['client-key-data'],
      authProvider: user['auth-provider'],
      username: user.username,
      password: user.password,
    },
  ],
});

const impersonation = (user: UserEntry): Record<string, string | string[]> => {
  if (user.as === undefined || user.as === '') return {};
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(
    ([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values] as const,
  );
  return {
    'Impersonate-User': user.as,
    ...(user['as-uid'] === undefined ? {} : { 'Impersonate-Uid': user['as-uid'] }),
    ...(user['as-groups'] === undefined || user['as-groups'].length === 0
      ? {}
      : { 'Impersonate-Group': user['as-groups'] }),
    ...Object.fromEntries(extra),
  };
};

const readToken = (user: UserEntry): string | undefined => {
  if (user.tokenFile === undefined) return user.token;
  try {
    const text = readFileSync(user.tokenFile, 'utf8').trim();
    return text === '' ? user.token : text;
  } catch (error) {
    if (user.token !== undefined) return user.token;
    throw error;
  }
};

const failureOf = (error: unknown, userName: string): CanaryError => {
  if (error instanceof CanaryError) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  const whose = userName === '' ? 'the credentials' : `the credentials of user "${userName}"`;
  if (path !== undefined)
    return new CanaryError(
      'CREDENTIALS',
      `cannot read ${whose}: ${path}: ${code === 'ENOENT' ? 'no such file' : String(code)}`,
    );
  return new CanaryError('CREDENTIALS', `cannot use ${whose}`, { because: redact(messageOf(error)) });
};

const fingerprintOf = (tls: TlsMaterial): string => {
  const hash = createHash('sha256');
  for (const part of [tls.ca, tls.cert, tls.key, tls.servername, String(tls.rejectUnauthorized)])
    hash.update(part ?? '').update('\0');
  return hash.digest('base64');
};

const refuseGoneProvider = ({ user, userName }: Target): void => {
  const provider = user['auth-provider']?.name;
  if (provider === undefined || provider === 'oidc') return;
  const helper = GONE_PROVIDERS[provider];
  const remedy = helper === undefined ? {} : { remedy: `install ${helper} and let it write the kubeconfig anew` };
  throw new CanaryError(
    'CREDENTIALS',
    `user "${userName}" uses the auth provider "${provider}", which Kubernetes no longer has`,
    remedy,
  );
};

const basicOf = (auth: string | undefined): string | undefined =>
  auth === undefined ? undefined : `Basic ${Buffer.from(auth).toString('base64')}`;

/** A certificate without its key is of no use. */
const pairOf = (given: ExecCredential | undefined, options: LibraryOptions): Pick<TlsMaterial, 'cert' | 'key'> => {
  const cert = given?.cert ?? options.cert;
  const key = given?.key ?? options.key;
  return cert === undefined || key === undefined ? {} : { cert, key };
};

/** Asks the library, then lays over it what a helper or a token file says. */
const assemble = async (
  library: KubeConfig,
  target: Target,
  helper: ExecRunner | undefined,
  signal?: AbortSignal,
): Promise<Access> => {
  const { cluster, user } = target;
  const options: LibraryOptions = {};
  await library.applyToHTTPSOptions(options);
  const given = await helper?.get(signal);
  const token = given?.token ?? readToken(user);
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  const tls: TlsMaterial = {
    ...compact({ ca: options.ca, servername: cluster['tls-server-name'] }),
    ...pairOf(given, options),
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
  };
  return compact({
    headers: {
      ...compact({ Authorization: authorization ?? options.headers?.['Authorization'] ?? basicOf(options.auth) }),
      ...impersonation(user),
    },
    tls,
    fingerprint: fingerprintOf(tls),
    agent: isSocks(cluster['proxy-url']) ? (options.agent as Agent) : undefined,
  });
};

/** What the kubeconfig's user proves itself with. Rejects with CREDENTIALS. */
export const createCredentials = async (
  target: Target,
  helper: ExecRunner | undefined,
  clock: Clock,
): Promise<Credentials> => {
  refuseGoneProvider(target);
  const { KubeConfig: Library } = await import('./client-node.ts');
  const library = new Library();
  library.loadFromOptions(toLibrary(target));
  let last: { access: Access; at: number } | undefined;

  return {
    async current(signal) {
      if (last !== undefined && clock.monotonic() - last.at < REREAD_MS) return last.access;
      try {
        const access = await assemble(library, target, helper, signal);
        last = { access, at: clock.monotonic() };
        return access;
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason;
        throw failureOf(error, target.userName);
      }
    },
    renew() {
      last = undefined;
      helper?.forget();
      return helper !== undefined || target.user.tokenFile !== undefined;
    },
  };
};

/** Over plain http nothing is sent that others could read. */
export const noCredentials: Credentials = {
  current: () => Promise.resolve({ headers: {}, tls: { rejectUnauthorized: true }, fingerprint: 'none' }),
  renew: () => false,
};
