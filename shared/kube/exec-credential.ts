import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Clock } from '../engine/ports.ts';
import { CanaryError, messageOf } from '../errors.ts';
import type { Environment } from '../platform/env-proxy.ts';
import { redact } from '../platform/redact.ts';
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
const run = ({ command, args, env, interactive }: Run, signal: AbortSignal): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: env as NodeJS.ProcessEnv,
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

const refuse = (message: string, because?: string, remedy?: string): CanaryError =>
  new CanaryError('CREDENTIALS', message, { ...(because ? { because } : {}), ...(remedy ? { remedy } : {}) });

const oneLine = (text: string): string =>
  redact(
    text
      .trim()
      .replace(/\s*\n\s*/g, ' · ')
      .slice(0, 500),
  );

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const read = (name: string, exec: ExecEntry, stdout: string): ExecCredential => {
  let answer: { kind?: unknown; apiVersion?: unknown; status?: Record<string, unknown> };
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    throw refuse(`the credential helper "${name}" did not answer with JSON`);
  }
  if (answer?.kind !== 'ExecCredential' || answer.apiVersion !== exec.apiVersion) {
    throw refuse(
      `the credential helper "${name}" did not answer with an ExecCredential of ${exec.apiVersion ?? 'its version'}`,
    );
  }
  const status = answer.status ?? {};
  const token = text(status['token']);
  const cert = text(status['clientCertificateData']);
  const key = text(status['clientKeyData']);
  if (token === undefined && (cert === undefined || key === undefined)) {
    throw refuse(`the credential helper "${name}" gave neither a token nor a certificate with its key`);
  }
  const expiresAt = Date.parse(text(status['expirationTimestamp']) ?? '');
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
};

const failureOf = (error: unknown, name: string, hint: string | undefined): CanaryError => {
  if (error instanceof CanaryError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT')
    return refuse(`the credential helper "${name}" was not found`, hint === undefined ? undefined : oneLine(hint));
  if (code === 'EACCES') return refuse(`the credential helper "${name}" may not be executed`);
  return refuse(`the credential helper "${name}" failed`, oneLine(messageOf(error)));
};

/** Runs an exec credential plugin as kubectl does and remembers its answer until it expires or is refused. */
export const createExecRunner = (
  exec: ExecEntry,
  target: Target,
  { clock, env, interactive }: ExecOptions,
): ExecRunner => {
  const command = exec.command ?? '';
  if (command === '') throw refuse(`user "${target.userName}" has an exec block without a command`);
  if (!VERSIONS.includes(exec.apiVersion ?? '')) {
    throw refuse(
      `user "${target.userName}": exec version ${exec.apiVersion ?? 'none'} is not supported`,
      `supported: ${VERSIONS.join(', ')}`,
    );
  }
  const shared = interactive && exec.interactiveMode !== 'Never';
  if (exec.interactiveMode === 'Always' && !shared) {
    throw refuse(
      `the credential helper "${command}" needs a terminal`,
      'interactiveMode is Always and standard input is not a terminal',
    );
  }
  let last: ExecCredential | undefined;
  let running: Promise<ExecCredential> | undefined;

  const ask = async (): Promise<ExecCredential> => {
    const limitMs = shared ? INTERACTIVE_LIMIT_MS : QUIET_LIMIT_MS;
    const limit = new AbortController();
    const late = refuse(`the credential helper "${command}" gave no answer within ${limitMs / 1000} s`);
    const timer = clock.after(limitMs, () => limit.abort(late));
    const own = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
    const environment = { ...env, ...own, KUBERNETES_EXEC_INFO: execInfo(exec, target.cluster, shared) };
    try {
      const ended = await run({ command, args: exec.args ?? [], env: environment, interactive: shared }, limit.signal);
      if (ended.code !== 0)
        throw refuse(
          `the credential helper "${command}" ended with code ${ended.code ?? 'none'}`,
          oneLine(ended.stderr),
        );
      return read(command, exec, ended.stdout);
    } catch (error) {
      throw limit.signal.aborted ? late : failureOf(error, command, exec.installHint);
    } finally {
      timer.cancel();
    }
  };

  return {
    async get(signal) {
      signal?.throwIfAborted();
      if (last !== undefined && (last.expiresAt === undefined || clock.now() < last.expiresAt - MARGIN_MS)) return last;
      running ??= ask().finally(() => {
        running = undefined;
      });
      last = await running;
      return last;
    },
    forget: () => {
      last = undefined;
    },
  };
};
