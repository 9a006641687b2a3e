import { readFileSync } from 'node:fs';
import type { Clock } from '../engine/ports.ts';
import { CanaryError, messageOf } from '../errors.ts';
import type { Environment } from '../platform/env-proxy.ts';
import { redact } from '../platform/redact.ts';
import { orAborted, within } from '../platform/within.ts';
import { compact } from './compact.ts';
import type { ClusterEntry, ExecEntry, Target } from './kubeconfig.ts';

/** What a credential helper answered. */
export interface ExecCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since 1970; undefined: valid until it is refused. */
  readonly expiresAt?: number;
}

export interface ExecRunner {
  get(signal?: AbortSignal): Promise<ExecCredential>;
  /** The server refused the last one: ask the helper again. */
  forget(): void;
}

export interface ExecOptions {
  readonly clock: Clock;
  readonly env: Environment;
  /** May the helper talk to a person on the terminal? */
  readonly interactive: boolean;
}

const QUIET_LIMIT_MS = 60_000;
const INTERACTIVE_LIMIT_MS = 10 * 60_000;
/** Asked for anew this long before the end, so that a request under way does not outlive its token. */
const MARGIN_MS = 10_000;
const MAX_OUTPUT = 1024 * 1024;
const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

const clusterInfo = (cluster: ClusterEntry): Record<string, unknown> => {
  const file = cluster['certificate-authority'];
  const data =
    cluster['certificate-authority-data'] ?? (file === undefined ? undefined : readFileSync(file).toString('base64'));
  const config = cluster.extensions?.find((one) => one.name === 'client.authentication.k8s.io/exec')?.extension;
  return {
    server: cluster.server,
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': data,
    'proxy-url': cluster['proxy-url'],
    config,
  };
};

const execInfo = (exec: ExecEntry, cluster: ClusterEntry, interactive: boolean): string =>
  JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive, ...(exec.provideClusterInfo === true ? { cluster: clusterInfo(cluster) } : {}) },
  });

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly interactive: boolean;
}

/** Runs the helper to its end. In interactive mode it owns the terminal but for standard output. */
const run = async ({ command, args, env, interactive }: Run, signal: AbortSignal): Promise<Ended> => {
  // Loaded here: most users have no helper, and starting processes takes a part of Node that costs milliseconds.
  const { spawn } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', interactive ? 'inherit' : 'pipe'],
      signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(0, MAX_OUTPUT)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(0, MAX_OUTPUT)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
};

const refuse = (message: string, because?: string): CanaryError =>
  new CanaryError('CREDENTIALS', message, because === undefined || because === '' ? {} : { because });

const oneLine = (text: string): string => redact(text.trim().replace(/\s*\n\s*/g, ' · ')).slice(0, 500);

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

interface Answer {
  kind?: unknown;
  apiVersion?: unknown;
  status?: Record<string, unknown>;
}

const parse = (name: string, stdout: string): Answer => {
  try {
    return (JSON.parse(stdout) as Answer | null) ?? {};
  } catch {
    throw refuse(`the credential helper "${name}" did not answer with JSON`);
  }
};

const read = (name: string, version: string, stdout: string): ExecCredential => {
  const answer = parse(name, stdout);
  if (answer.kind !== 'ExecCredential' || answer.apiVersion !== version) {
    throw refuse(`the credential helper "${name}" did not answer with an ExecCredential of ${version}`);
  }
  const { status = {} } = answer;
  const token = text(status['token']);
  const cert = text(status['clientCertificateData']);
  const key = text(status['clientKeyData']);
  const pair = cert === undefined || key === undefined ? undefined : { cert, key };
  if (token === undefined && pair === undefined) {
    throw refuse(`the credential helper "${name}" gave neither a token nor a certificate with its key`);
  }
  const expiresAt = Date.parse(text(status['expirationTimestamp']) ?? '');
  return { ...compact({ token, expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt }), ...pair };
};

const failureOf = (error: unknown, name: string, hint: string | undefined): CanaryError => {
  if (error instanceof CanaryError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return refuse(`the credential helper "${name}" was not found`, oneLine(hint ?? ''));
  if (code === 'EACCES') return refuse(`the credential helper "${name}" may not be executed`);
  return refuse(`the credential helper "${name}" failed`, oneLine(messageOf(error)));
};

const checked = (exec: ExecEntry, userName: string, interactive: boolean): { command: string; version: string } => {
  const { command = '', apiVersion: version = '', interactiveMode } = exec;
  if (command === '') throw refuse(`user "${userName}" has an exec block without a command`);
  if (!VERSIONS.includes(version)) {
    const supported = `supported: ${VERSIONS.join(', ')}`;
    throw refuse(`user "${userName}": exec version "${version}" is not supported`, supported);
  }
  if (interactiveMode === 'Always' && !interactive) {
    const because = 'interactiveMode is Always and standard input is not a terminal';
    throw refuse(`the credential helper "${command}" needs a terminal`, because);
  }
  return { command, version };
};

/** Asks the helper once. */
const ask = async (exec: ExecEntry, target: Target, options: ExecOptions): Promise<ExecCredential> => {
  const { clock, env } = options;
  const interactive = options.interactive && exec.interactiveMode !== 'Never';
  const { command, version } = checked(exec, target.userName, interactive);
  const timeoutMs = interactive ? INTERACTIVE_LIMIT_MS : QUIET_LIMIT_MS;
  const late = (): CanaryError =>
    refuse(`the credential helper "${command}" gave no answer within ${timeoutMs / 1000} s`);
  const own = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  const environment = { ...env, ...own, KUBERNETES_EXEC_INFO: execInfo(exec, target.cluster, interactive) };
  const helper = { command, args: exec.args ?? [], env: environment, interactive };
  try {
    const ended = await within({ clock, timeoutMs, late }, (signal) => run(helper, signal));
    if (ended.code === 0) return read(command, version, ended.stdout);
    throw refuse(`the credential helper "${command}" ended with code ${ended.code ?? 'none'}`, oneLine(ended.stderr));
  } catch (error) {
    throw failureOf(error, command, exec.installHint);
  }
};

/** Runs an exec credential plugin as kubectl does and remembers its answer until it expires or is refused. */
export const createExecRunner = (exec: ExecEntry, target: Target, options: ExecOptions): ExecRunner => {
  let last: ExecCredential | undefined;
  let running: Promise<ExecCredential> | undefined;
  const isFresh = ({ expiresAt }: ExecCredential): boolean =>
    expiresAt === undefined || options.clock.now() < expiresAt - MARGIN_MS;
  return {
    async get(signal) {
      signal?.throwIfAborted();
      if (last !== undefined && isFresh(last)) return last;
      running ??= ask(exec, target, options).finally(() => {
        running = undefined;
      });
      last = await orAborted(running, signal);
      return last;
    },
    forget: () => {
      last = undefined;
    },
  };
};
