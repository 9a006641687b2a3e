/** The way to the API server. Loaded only by commands that need a cluster: the Kubernetes client hangs on it. */
import { createKube } from '../shared/kube/client.ts';
import { type ConnectionOptions, loadConnection } from '../shared/kube/config.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { buildInfo } from './build-info.ts';
import type { Input } from './cli/input.ts';
import { usageError } from './cli/usage.ts';
import type { Connection, Io } from './io.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const extraOf = (texts: readonly string[]): Record<string, string[]> => {
  const extra: Record<string, string[]> = {};
  for (const text of texts) {
    const cut = text.indexOf('=');
    if (cut <= 0) throw usageError(`invalid value "${text}" for --as-user-extra: must be KEY=VALUE`);
    (extra[text.slice(0, cut)] ??= []).push(text.slice(cut + 1));
  }
  return extra;
};

/** Flag names to the options of the Kubernetes client; absent flags are left out. */
const TEXTS = {
  kubeconfig: 'kubeconfig',
  context: 'context',
  cluster: 'cluster',
  user: 'user',
  namespace: 'namespace',
  server: 'server',
  token: 'token',
  as: 'as',
  'as-uid': 'asUid',
  'certificate-authority': 'certificateAuthority',
  'client-certificate': 'clientCertificate',
  'client-key': 'clientKey',
  'tls-server-name': 'tlsServerName',
} as const satisfies Record<string, keyof ConnectionOptions>;

/** What the [K] flags say. Throws USAGE. */
export const connectionOptions = (input: Input): ConnectionOptions => {
  const options: Writable<ConnectionOptions> = {};
  for (const [flag, option] of Object.entries(TEXTS)) {
    const value = input.text(flag);
    if (value !== undefined) options[option] = value;
  }
  if (input.has('as-group')) options.asGroups = input.list('as-group');
  if (input.has('as-user-extra')) options.asUserExtra = extraOf(input.list('as-user-extra'));
  if (input.has('insecure-skip-tls-verify')) options.insecureSkipTlsVerify = input.flag('insecure-skip-tls-verify');
  const timeout = input.duration('request-timeout');
  if (timeout !== undefined) options.requestTimeoutMs = timeout;
  return options;
};

/** Opens nothing before the first request. Throws KUBECONFIG, CONTEXT_MISSING, CREDENTIALS, USAGE. */
export const connect = async (input: Input, io: Io): Promise<Connection> => {
  const connection = await loadConnection({
    ...connectionOptions(input),
    env: io.env,
    get interactive() {
      return io.stdin.isTTY;
    },
  });
  for (const warning of connection.warnings) io.stderr.write(`warning: ${warning}\n`);
  const verbosity = input.whole('v') ?? 0;
  const kube = createKube(connection, {
    clock: systemClock,
    version: buildInfo.version,
    ...(verbosity < 6 ? {} : { onExchange: (await import('./request-log.ts')).requestLog(io, verbosity) }),
  });
  return { kube, namespace: connection.namespace, context: connection.contextName, close: () => kube.close() };
};
